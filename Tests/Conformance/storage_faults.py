"""A storage that fails as S3 may: a function is run as the process that is deployed, once, behind a proxy to the storage
that does to one kind of request what a test says, and leaves all others as they are."""

import contextlib
import http.client
import http.server
import json
import queue
import subprocess
import threading
import time
import urllib.parse

from killing import Answer, http_event, runtime_api
from shop import PRODUCTS

INTERNAL_ERROR = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code><Message>We encountered an ' \
    b"internal error. Please try again.</Message></Error>"


def lost(relay, forward):
    """Done, and nobody hears of it."""
    forward()
    relay.close_connection = True


def error_in_a_200(relay, forward):
    """Not done: what went wrong is said after the status was (CompleteMultipartUpload of S3)."""
    relay.answer(200, [("content-type", "application/xml")], b"   \n" + INTERNAL_ERROR)


def broken_off(relay, forward):
    """Done, and the answer breaks off after its status."""
    forward()
    relay.answer(200, [("content-type", "application/xml")], b" \n <CompleteMultipartUploadRes")


def unavailable(relay, forward):
    relay.answer(503, [("content-type", "application/xml")], INTERNAL_ERROR.replace(b"InternalError", b"SlowDown"))


class Relay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def relay(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))

        def forward():
            connection = http.client.HTTPConnection(*self.server.upstream, timeout=30)
            with contextlib.closing(connection):
                # With the host it was signed for, which is this one.
                connection.request(self.command, self.path, body, dict(self.headers.items()))
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()
        if self.server.strikes(self.command, urllib.parse.urlsplit(self.path).query):
            self.server.fault(self, forward)
        else:
            self.answer(*forward())

    def answer(self, status, headers, content):
        self.send_response(status)
        length = str(len(content))
        for name, value in headers:
            if name.lower() == "content-length":
                length = value
            elif name.lower() not in ("transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("content-length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = relay

    def log_message(self, *_):
        pass


class Storage(http.server.ThreadingHTTPServer):
    """In front of the shop's storage. `fault` befalls the first so many requests of the method whose query begins so."""

    daemon_threads = True

    def __init__(self, address, fault, method, query, times):
        super().__init__(("127.0.0.1", 0), Relay)
        upstream = urllib.parse.urlsplit(address)
        self.upstream, self.fault = (upstream.hostname, upstream.port), fault
        self.method, self.query, self.left, self.lock = method, query, times, threading.Lock()
        self.struck = 0

    def strikes(self, method, query):
        with self.lock:
            if method != self.method or not query.startswith(self.query) or self.struck == self.left:
                return False
            self.struck += 1
            return True

    def handle_error(self, request, client_address):
        """Whoever was told nothing closed its end."""


@contextlib.contextmanager
def behind(address, fault, method, query, times):
    storage = Storage(address, fault, method, query, times)
    thread = threading.Thread(target=storage.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield storage
    finally:
        storage.shutdown()
        storage.server_close()
        thread.join()


def asked(function, environment, request, *, storage):
    """What a function answers to one request when the storage is at another address."""
    method, route, path, headers, body = request
    environment = environment | {"S3_ENDPOINT": f"http://127.0.0.1:{storage.server_address[1]}"}
    with runtime_api() as (port, events, answers):
        process = subprocess.Popen(
            [PRODUCTS / function], env=environment | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}"},
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        events.put(http_event(method, route, path=path, body=json.dumps(body).encode() if body else b"", headers=headers))
        end = time.monotonic() + 60
        try:
            while time.monotonic() < end:
                with contextlib.suppress(queue.Empty):
                    kind, document = answers.get(timeout=0.05)
                    assert kind == "response", (kind, document)
                    document = json.loads(document)
                    answer = Answer(document)
                    answer.headers = document.get("headers") or {}
                    return answer
                assert process.poll() is None, process.stderr.read()[-2000:]
            raise AssertionError("no answer")
        finally:
            process.kill()
            process.wait()
            process.stderr.close()
            events.put(None)
