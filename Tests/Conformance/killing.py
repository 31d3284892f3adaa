"""Kills a function at one exact step. A function runs as the process that is deployed, on a runtime API of this file;
what it says to PostgreSQL and to other services, such as Stripe, goes through proxies of this file, and each round trip of
any is a step. At the step that was asked for, the process is killed with SIGKILL: before the other side hears of it, or
after the other side has done it and before the function hears so."""

import contextlib
import http.client
import http.server
import itertools
import json
import os
import queue
import signal
import socket
import socketserver
import struct
import subprocess
import threading
import time
import urllib.parse

BEFORE, AFTER = "before", "after"


class Steps:
    """Counts the round trips of one process, and kills it at the one that was asked for."""

    def __init__(self, at=None, side=BEFORE):
        self.at, self.side = at, side
        self.count, self.struck, self.names = 0, False, []
        self.process = None
        self.lock = threading.Lock()

    def next(self, name):
        with self.lock:
            self.count += 1
            self.names.append(name)
            return self.count

    def strikes(self, step, side):
        if step != self.at or side != self.side or self.process is None:
            return False
        self.struck = True
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return True


class Proxy(socketserver.ThreadingTCPServer):
    """Listens on loopback; whose steps it counts is said before each run."""

    allow_reuse_address, daemon_threads = True, True

    def __init__(self, handler, upstream):
        super().__init__(("127.0.0.1", 0), handler)
        self.upstream, self.steps = upstream, Steps()
        # What was asked of the other side in HTTP, and answered by it, whether the function heard so or not.
        self.done = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def handle_error(self, request, client_address):
        """The other end was killed: that is what this is for."""


def exactly(connection, count):
    data = bytearray()
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError("closed")
        data += piece
    return bytes(data)


class PostgresRelay(socketserver.BaseRequestHandler):
    """PostgreSQL's protocol, version 3 (https://www.postgresql.org/docs/15/protocol.html): a step begins with what
    asks for an answer (Query, Sync) and ends with ReadyForQuery."""

    def handle(self):
        steps = self.server.steps
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as database:
            database.connect(self.server.upstream)
            if not self.begin(database):
                return
            while True:
                batch, name = self.asked()
                if batch is None:
                    return
                step = steps.next(name)
                if steps.strikes(step, BEFORE):
                    return
                database.sendall(batch)
                answer = self.answered(database)
                if steps.strikes(step, AFTER):
                    return
                self.request.sendall(answer)

    def begin(self, database):
        while True:
            (length,) = struct.unpack("!I", exactly(self.request, 4))
            body = exactly(self.request, length - 4)
            (code,) = struct.unpack("!I", body[:4])
            # SSLRequest, GSSENCRequest: not here.
            if code in (80877103, 80877104):
                self.request.sendall(b"N")
                continue
            database.sendall(struct.pack("!I", length) + body)
            if code == 80877102:
                return False
            self.request.sendall(self.answered(database))
            return True

    def asked(self):
        batch, name = b"", ""
        while True:
            kind = self.request.recv(1)
            if not kind:
                return None, None
            (length,) = struct.unpack("!I", exactly(self.request, 4))
            body = exactly(self.request, length - 4)
            batch += kind + struct.pack("!I", length) + body
            if kind == b"Q":
                return batch, text(body)
            if kind == b"P":
                name = text(body.split(b"\0", 1)[1])
            if kind == b"X":
                return None, None
            if kind == b"S":
                return batch, name

    def answered(self, database):
        """Up to and with the message that says the server is ready for the next, or the one that says it is not."""
        answer = b""
        while True:
            kind = exactly(database, 1)
            (length,) = struct.unpack("!I", exactly(database, 4))
            answer += kind + struct.pack("!I", length) + exactly(database, length - 4)
            if kind == b"Z":
                return answer


def text(statement):
    return " ".join(statement.split(b"\0", 1)[0].decode().split())[:100]


class HTTPRelay(http.server.BaseHTTPRequestHandler):
    """One request is one step."""

    protocol_version = "HTTP/1.1"

    def relay(self):
        steps = self.server.steps
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        # Services of AWS that speak JSON name the action in a header.
        action = self.headers.get("x-amz-target")
        step = steps.next(action or f"{self.command} {urllib.parse.urlsplit(self.path).path}")
        if steps.strikes(step, BEFORE):
            self.close_connection = True
            return
        host, port = self.server.upstream
        with contextlib.closing(http.client.HTTPConnection(host, port, timeout=30)) as upstream:
            upstream.request(self.command, self.path, body, dict(self.headers.items()))
            answer = upstream.getresponse()
            content = answer.read()
            self.server.done.append(body)
            if steps.strikes(step, AFTER):
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = do_DELETE = relay

    def log_message(self, *_):
        pass


class RuntimeAPI(http.server.BaseHTTPRequestHandler):
    """As much of the Lambda runtime API as one event takes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.endswith("/extension/event/next"):
            self.server.ended.wait()
            self.close_connection = True
            return
        event = self.server.events.get()
        if event is None:
            self.close_connection = True
            return
        self.send_response(200)
        request = event.get("requestContext", {}).get("requestId") or f"kill-{next(numbers)}"
        self.send_header("lambda-runtime-aws-request-id", request)
        self.send_header("lambda-runtime-deadline-ms", str(int(time.time() * 1000) + 20_000))
        self.send_header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-central-1:000000000000:function:x")
        self.reply(json.dumps(event).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.endswith("/extension/register"):
            self.send_response(200)
            self.send_header("lambda-extension-identifier", "00000000-0000-4000-8000-000000000000")
            return self.reply(b"{}")
        self.send_response(202)
        self.reply(b"")
        self.server.answers.put((self.path.rsplit("/", 1)[-1], body))

    def reply(self, body):
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


numbers = itertools.count(1)


def http_event(method, route, *, path=None, body=b"", headers=None):
    """An API Gateway event, payload format 2.0, of a request."""
    path = path or route
    parameters = {
        pattern[1:-1]: value for pattern, value in zip(route.split("/"), path.split("/")) if pattern.startswith("{")}
    request = f"kill-{next(numbers)}"
    return {
        "version": "2.0", "routeKey": f"{method} {route}", "rawPath": path, "rawQueryString": "",
        "headers": {"content-type": "application/json", **(headers or {})}, "pathParameters": parameters,
        "requestContext": {
            "requestId": request, "stage": "$default", "timeEpoch": int(time.time() * 1000),
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "x"}},
        "body": body.decode(), "isBase64Encoded": False}


class Answer:
    """What a function answers; to what is no request, that it was done."""

    def __init__(self, document):
        self.status = document["statusCode"] if document else None
        body = document and document.get("body") or "null"
        self.json = json.loads(body)

    def __repr__(self):
        return f"{self.status} {self.json}"


# As a schedule of the platform starts a function.
SCHEDULED = {
    "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "000000000000",
    "time": "2026-01-01T00:00:00Z", "region": "eu-central-1", "resources": [], "detail": {}}


class Killer:
    """Runs functions with the settings that the shop gives them, and kills them at a step."""

    def __init__(self, products, environments, database, outside):
        """`outside` are the addresses of other services, by the setting that tells a function of each."""
        self.products, self.environments = products, environments
        self.database = Proxy(PostgresRelay, database)
        self.outside, self.settings = {}, {}
        for name, address in outside.items():
            parts = urllib.parse.urlsplit(address)
            proxy = self.outside[name] = Proxy(HTTPRelay, (parts.hostname, parts.port))
            self.settings[name] = f"http://127.0.0.1:{proxy.port}{parts.path}"

    def close(self):
        for proxy in (self.database, *self.outside.values()):
            proxy.shutdown()
            proxy.server_close()

    def run(self, function, event, at=None, side=BEFORE):
        """The answer to the event, or none of a process that was killed; and the steps that it took."""
        steps = Steps(at, side)
        for proxy in (self.database, *self.outside.values()):
            proxy.steps = steps
        with runtime_api() as (port, events, answers):
            environment = {
                **self.environments[function], **self.settings, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
                "DATABASE_URL": f"postgresql://earshelf@127.0.0.1:{self.database.port}/earshelf"}
            steps.process = subprocess.Popen(
                [self.products / function], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            events.put(event)
            try:
                return self.answer(steps, answers), steps
            finally:
                steps.process.kill()
                steps.process.wait()
                steps.process.stderr.close()
                events.put(None)

    def answer(self, steps, answers):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(queue.Empty):
                kind, body = answers.get(timeout=0.02)
                assert kind == "response", (kind, body)
                return Answer(json.loads(body))
            if steps.process.poll() is not None:
                assert steps.struck, steps.process.stderr.read()[-2000:]
                return None
        raise AssertionError(f"no answer after {steps.names}")


@contextlib.contextmanager
def runtime_api():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeAPI)
    server.daemon_threads = True
    server.events, server.answers, server.ended = queue.Queue(), queue.Queue(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], server.events, server.answers
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def settings_of(process):
    """What a running process was started with."""
    with open(f"/proc/{process}/environ", "rb") as file:
        pairs = [entry.split(b"=", 1) for entry in file.read().split(b"\0") if b"=" in entry]
    return {os.fsdecode(name): os.fsdecode(value) for name, value in pairs}
