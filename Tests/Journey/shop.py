"""A shop that runs for a script: starts the emulator on free ports, and speaks its API."""

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Where the build left the emulator and a program for each function.
PRODUCTS = pathlib.Path(os.environ.get("EARSHELF_PRODUCTS", ROOT / ".build/debug"))
EMULATOR = PRODUCTS / "emulator"
# The programs themselves: Debian's `psql` on the path is a script that takes longer to find one than that takes to ask.
POSTGRESQL = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))


class Answer:
    """What came back: status, headers by lower-case name, bytes."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirect, urllib.request.ProxyHandler({}))


def call(method, url, *, body=None, headers=None, timeout=60):
    """One HTTP request; an answer of any status is an answer."""
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("content-type", "application/json")
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with OPENER.open(request, timeout=timeout) as response:
            return Answer(response.status, lowered(response.headers), response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, lowered(error.headers), error.read())


def lowered(headers):
    return {name.lower(): value for name, value in headers.items()}


def free_ports(count=9):
    """The first of so many ports in a row that nobody listens on, below those that the system gives out itself. For a
    shop that is to be found where it was after it was started again: with its port, its issuer changes too."""
    for first in range(20_000 + os.getpid() % 1000 * 10, 32_000, 10):
        with contextlib.ExitStack() as held:
            try:
                for port in range(first, first + count):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return first
    raise RuntimeError("no ports are free")


class Client:
    """Whoever speaks the API of a shop that runs; `addresses` are as the ready file has them."""

    def __init__(self, addresses):
        self.addresses = addresses

    def log(self):
        """What the shop said of itself, if it can be read here."""
        return ""

    def sign_in(self, name):
        """A session token of a demo person, who is asked for no password."""
        body = urllib.parse.urlencode({"grant_type": "password", "username": name}).encode()
        answer = call(
            "POST", self.addresses["identity"] + "/token", body=body,
            headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status == 200, answer
        return answer.json["access_token"]

    def api(self, method, path, body=None, *, token=None, key=None, version=None, headers=None, base="/api/v1"):
        headers = dict(headers or {})
        if token:
            headers["authorization"] = f"Bearer {token}"
        if method == "POST" and key is None:
            key = str(uuid.uuid4())
        if key:
            headers["idempotency-key"] = key
        if version:
            headers["if-match"] = version
        return call(method, self.addresses["shop"] + base + path, body=body, headers=headers)

    def agreed(self):
        """What whoever checks out agrees to, where the law asks for it."""
        answer = self.api("GET", "/checkout/terms")
        assert answer.status == 200, answer
        return {"withdrawalWaiver": answer.json["withdrawalWaiver"]["version"]}

    def eventually(self, what, ask, patience_seconds=180):
        """Waits for a fact that others bring about; tells what it last saw when it never comes."""
        end = time.monotonic() + patience_seconds
        while True:
            seen = ask()
            if seen:
                return seen
            if time.monotonic() > end:
                raise AssertionError(f"never came: {what}\n" + self.log()[-4000:])
            time.sleep(0.2)


def end_when_asked():
    """SIGTERM is met as Ctrl-C is: whoever started a shop, in a session of its own, ends it before they end."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


class Shop(Client):
    """The whole platform, as `build.sh run` starts it, for as long as the block lasts."""

    def __init__(
        self, emulator, state, *, port=0, arguments=(), environment=None, template=ROOT / "template.yaml",
        products=PRODUCTS
    ):
        self.state = pathlib.Path(state)
        self.state.mkdir(parents=True, exist_ok=True)
        self.ready_file = self.state / "ready.json"
        self.log_path = self.state / "emulator.log"
        self.command = [
            str(emulator), "run", "--template", str(template), "--products", str(products),
            "--state", str(self.state), "--port", str(port), "--ready-file", str(self.ready_file), *arguments]
        self.environment = {**os.environ, **(environment or {})}
        self.process = None
        super().__init__({})

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, patience_seconds=90, tries=3):
        end_when_asked()
        self.ready_file.unlink(missing_ok=True)
        said = len(self.log())
        begun = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, env=self.environment, cwd=ROOT, start_new_session=True)
        while not self.ready_file.exists():
            if self.process.poll() is not None or time.monotonic() - begun > patience_seconds:
                self.stop()
                # Another shop may take a port between its being found free and its being listened on.
                if tries > 1 and "Address already in use" in self.log()[said:]:
                    return self.start(patience_seconds, tries - 1)
                raise RuntimeError("the shop did not start:\n" + self.log()[-4000:])
            time.sleep(0.05)
        self.addresses = json.loads(self.ready_file.read_text())
        self.seconds_to_start = time.monotonic() - begun

    def stop(self):
        """As Ctrl-C does it; answers the exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        return self.process.returncode

    @property
    def credentials(self):
        """What a client of AWS needs to sign for this machine, under the names boto3 gives them."""
        return {
            "aws_access_key_id": "AKIAEARSHELFLOCAL0001",
            "aws_secret_access_key": (self.state / "access-key").read_text().strip(),
            "region_name": "eu-central-1"}

    @property
    def database_socket(self):
        """The folder in which the shop's own PostgreSQL listens."""
        return self.state / "postgres" / "socket"

    @property
    def psql(self):
        """A client of it that may do anything, and answers with values alone."""
        return [str(POSTGRESQL / "psql"), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", str(self.database_socket), "-U", "earshelf",
                "earshelf"]

    def sql(self, statement):
        """For what no request can bring about or tell: an outage, another's fault, time that has passed."""
        done = subprocess.run([*self.psql, "-c", statement], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def rows(self, query):
        """Its rows, as dictionaries."""
        return json.loads(self.sql(f"SELECT coalesce(json_agg(answer), '[]') FROM ({query}) AS answer"))

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
