"""Every bundle, alone in a root that holds nothing but the platform's own libraries, polls a runtime API and answers."""

import http.server
import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import threading
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUNDLES = ROOT / ".build" / "bundles"
LIBRARIES = ["libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1"]
CALLS_OUT = {
    "presign", "upload-complete", "transcribe", "summarise", "index-passages", "search", "library", "exports", "checkout",
    "orders", "payments", "session", "relay", "cleanup"}
FUNCTIONS = sorted(path.name for path in (ROOT / "Functions").iterdir() if path.is_dir())

SETTINGS = {
    "DATABASE_URL": "postgresql://earshelf@127.0.0.1:1/earshelf", "OIDC_ISSUER": "https://issuer.example",
    "OIDC_AUTHORIZED_PARTIES": "https://shop.example", "OIDC_CLIENT_ID": "shop", "STORE_URL": "https://shop.example",
    "STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRETS": "whsec_1", "OPENAI_API_KEY": "sk-1",
    "MEDIA_BUCKET": "media", "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "example", "TRANSCRIPTION_QUEUE_URL": "https://sqs.example/1/t",
    "SUMMARY_QUEUE_URL": "https://sqs.example/1/s", "EXPORT_QUEUE_URL": "https://sqs.example/1/e",
    "EVENT_BUS_NAME": "earshelf", "LAMBDA_TASK_ROOT": "/var/task",
    "OPENSEARCH_URL": "https://search.example"}

# One event for each, and what shows that the function itself answered it: there is no database in the root.
UNSIGNED = ("response", '"statusCode":401')
UNREACHED = ("response", "database-unavailable")
EXPECTED = {
    "presign": ("POST /api/v1/uploads", UNSIGNED),
    "upload-complete": ("POST /api/v1/uploads/{id}/complete", UNSIGNED),
    "transcribe": ("POST /api/v1/transcription/start", UNSIGNED),
    "summarise": ("POST /api/v1/ai/summary", UNSIGNED),
    "catalogue": ("GET /api/v1/audiobooks", UNREACHED),
    # Nothing is asked for.
    "search": ("GET /api/v1/search", ("response", "invalid-query")),
    # From the document in its bundle, with nobody to ask.
    "health": ("GET /openapi.json", ("response", r'\"openapi\":\"3.1.0\"')),
    # From the templates and messages in its bundle.
    "page": ("GET /cart", ("response", r'data-page=\"cart\"')),
    # It comes back from a sign-in that nobody began.
    "session": ("GET /auth/callback", ("response", "signIn=expired")),
    "cart": ("GET /api/v1/cart", UNREACHED),
    "checkout": ("POST /api/v1/checkout", UNSIGNED),
    "stripe-webhook": ("POST /api/v1/webhooks/stripe", ("response", "webhook-signature")),
    "orders": ("GET /api/v1/orders", UNSIGNED),
    "payments": ("GET /api/v1/payments/methods", UNSIGNED),
    "gifts": ("GET /api/v1/gifts", UNSIGNED),
    "library": ("GET /api/v1/library", UNSIGNED),
    "exports": ("GET /api/v1/library/{id}/exports", UNSIGNED),
    "users": ("GET /api/v1/me", UNSIGNED),
    "admin": ("GET /api/v1/admin/audit", UNSIGNED),
    "relay": (None, ("error", "PostgresError")),
    "cleanup": (None, ("error", "PostgresError")),
    "index-passages": (None, ("error", "PostgresError")),
    "migrate": (None, ("error", "PostgresError")),
}


def event(function):
    route = EXPECTED[function][0]
    if route:
        method, path = route.split(" ")
        return {
            "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "", "headers": {},
            "requestContext": {"http": {"method": method, "path": path, "sourceIp": "127.0.0.1"}, "routeKey": route},
            "isBase64Encoded": False}
    if function in ("relay", "cleanup", "index-passages"):
        return {
            "id": "1", "source": "aws.events", "detail-type": "Scheduled Event", "time": "2026-01-01T00:00:00Z",
            "resources": [f"arn:aws:events:eu-central-1:1:rule/{function}"], "detail": {}}
    return {}


class RuntimeAPI(http.server.BaseHTTPRequestHandler):
    """Hands out one event, and keeps what comes back."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if not self.path.endswith("/invocation/next") or self.server.events.empty():
            self.server.over.wait()
            return
        body = self.server.events.get()
        self.send_response(200)
        for name, value in {
                "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
                "Lambda-Runtime-Deadline-Ms": "99999999999999", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        is_runtime = "/runtime/" in self.path
        if is_runtime:
            self.server.answers.put((self.path.rsplit("/", 1)[1], body.decode()))
        self.send_response(202 if is_runtime else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def runtime_api():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), RuntimeAPI)
    server.daemon_threads = True
    server.events, server.answers, server.over = queue.Queue(), queue.Queue(), threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


def library(name):
    listing = subprocess.run(["/sbin/ldconfig", "-p"], check=True, capture_output=True, text=True).stdout
    return pathlib.Path(re.search(rf"{re.escape(name)} .*=> (\S+)", listing)[1])


@pytest.fixture
def empty_root(tmp_path):
    """A root with the platform's libraries, an empty /tmp, and nothing else."""
    for folder in ("lib", "lib64", "tmp", "var/task", "dev"):
        (tmp_path / folder).mkdir(parents=True)
    for name in LIBRARIES:
        shutil.copy(library(name), tmp_path / "lib" / name)
    interpreter = subprocess.run(
        ["readelf", "-l", BUNDLES / "cart" / "bootstrap"], check=True, capture_output=True, text=True).stdout
    loader = re.search(r"interpreter: (\S+)\]", interpreter)[1]
    (tmp_path / loader.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(loader, tmp_path / loader.lstrip("/"))
    return tmp_path


def test_there_is_a_bundle_for_every_function():
    assert sorted(path.stem for path in BUNDLES.glob("*.zip")) == FUNCTIONS
    assert sorted(EXPECTED) == FUNCTIONS


@pytest.mark.skipif(os.geteuid() != 0, reason="chroot takes root")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_bundle_answers_an_event_in_an_empty_root(function, empty_root, runtime_api):
    task = empty_root / "var" / "task"
    with zipfile.ZipFile(BUNDLES / f"{function}.zip") as bundle:
        bundle.extractall(task)
    (task / "bootstrap").chmod(0o755)
    runtime_api.events.put(json.dumps(event(function)).encode())
    process = subprocess.Popen(
        [shutil.which("chroot", path="/usr/sbin:/sbin:/usr/bin:/bin"), str(empty_root), "/var/task/bootstrap"], stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**SETTINGS, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{runtime_api.server_port}"})
    try:
        threading.Thread(target=lambda: (process.wait(), runtime_api.answers.put(("ended", ""))), daemon=True).start()
        kind, body = runtime_api.answers.get(timeout=60)
    finally:
        process.kill()
    said = process.communicate()[1].decode()[-2000:]
    assert kind != "ended", f"{function} ended without an answer: {said}"
    assert (kind, EXPECTED[function][1][1] in body) == (EXPECTED[function][1][0], True), body


@pytest.mark.parametrize("function", FUNCTIONS)
def test_only_those_that_call_out_carry_libcurl(function):
    binary = (BUNDLES / function / "bootstrap").read_bytes()
    assert (b"libcurl" in binary) == (function in CALLS_OUT)
    assert (BUNDLES / function / "certs").is_dir() == (function in CALLS_OUT)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_bundle_needs_nothing_but_the_platform(function):
    needed = subprocess.run(
        ["readelf", "-d", BUNDLES / function / "bootstrap"], check=True, capture_output=True, text=True).stdout
    names = set(re.findall(r"\(NEEDED\).*\[(.*)\]", needed))
    assert {name for name in names if not name.startswith("ld-linux")} <= set(LIBRARIES)
    versions = subprocess.run(
        ["objdump", "-T", BUNDLES / function / "bootstrap"], check=True, capture_output=True, text=True).stdout
    newest = max(tuple(map(int, version.split("."))) for version in re.findall(r"GLIBC_([0-9.]+)", versions))
    assert newest <= (2, 34)
