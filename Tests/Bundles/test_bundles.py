"""Every bundle, alone in a root that holds nothing but the platform's own libraries, polls a runtime API and answers."""

import hashlib
import http.server
import json
import os
import queue
import re
import shutil
import subprocess
import threading
import zipfile

import pytest
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

import emptyroot
from emptyroot import BUNDLES, LIBRARIES, ROOT

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


@pytest.fixture
def empty_root(tmp_path):
    return emptyroot.made(tmp_path)


def test_there_is_a_bundle_for_every_function():
    assert sorted(path.stem for path in BUNDLES.glob("*.zip") if path.stem != "ffmpeg-layer") == FUNCTIONS
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
        [emptyroot.CHROOT, str(empty_root), "/var/task/bootstrap"], stderr=subprocess.PIPE, stdout=subprocess.PIPE,
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
    # By the names under which OpenSSL looks for them, and no others: c_rehash(1).
    for root in (BUNDLES / function / "certs").glob("*"):
        assert re.fullmatch(r"[0-9a-f]{8}\.[0-9]", root.name) and root.is_file() and not root.is_symlink(), root


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


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def bill(function):
    return json.loads((BUNDLES / f"{function}.spdx.json").read_text())


def test_checksums_are_those_of_all_that_is_given_away():
    listed = dict(reversed(line.split("  ")) for line in (BUNDLES / "SHA256SUMS").read_text().splitlines())
    given = [path for kind in ("*.zip", "*.spdx.json") for path in BUNDLES.glob(kind)]
    assert listed == {path.name: sha256(path) for path in given}
    assert len(listed) == 2 * len([*FUNCTIONS, "ffmpeg-layer"])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_bill_of_materials_is_valid_and_of_this_bundle(function):
    document = parse_file(str(BUNDLES / f"{function}.spdx.json"))
    assert [message.validation_message for message in validate_full_spdx_document(document)] == []
    [bundle] = [package for package in bill(function)["packages"] if package["SPDXID"] == "SPDXRef-Bundle"]
    assert bundle["checksums"] == [{"algorithm": "SHA256", "checksumValue": sha256(BUNDLES / f"{function}.zip")}]
    with zipfile.ZipFile(BUNDLES / f"{function}.zip") as archive:
        inside = {f"./{entry.filename}": hashlib.sha256(archive.read(entry)).hexdigest() for entry in archive.infolist()
                  if not entry.is_dir()}
    assert {file["fileName"]: file["checksums"][1]["checksumValue"] for file in bill(function)["files"]} == inside


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_bill_of_materials_names_what_the_program_holds(function):
    told = bill(function)
    linked = {relation["relatedSpdxElement"].removeprefix("SPDXRef-") for relation in told["relationships"]
              if relation["relationshipType"] == "STATIC_LINK"}
    holds = (BUNDLES / function / "bootstrap").read_bytes()
    # By what each leaves in a stripped program, and not by the symbols that the bill was made from.
    assert ("curl" in linked) == (b"libcurl" in holds)
    assert ("openssl" in linked) == (b"crypto/evp/digest.c" in holds)
    assert ("postgresql-15" in linked) == (b"PGSYSCONFDIR" in holds)
    assert ("fonts-dejavu" in linked) == (b"DejaVu Sans" in holds)
    assert {"swift", "swift-foundation", "glibc", "gcc-12"} <= linked
    versions = {package["name"]: package["versionInfo"] for package in told["packages"]}
    # OpenSSL alone says its version, and only where libcurl asks for it.
    if said := re.search(rb"OpenSSL (3\.[0-9.]+) ", holds):
        assert versions["openssl"].startswith(said[1].decode() + "-")
    assert ("ca-certificates" in versions) == (function in CALLS_OUT)


@pytest.fixture
def signing(tmp_path):
    """Checksums of a bundle in a folder of their own, signed by a key."""
    (tmp_path / "Packaging").mkdir()
    (tmp_path / ".build/bundles").mkdir(parents=True)
    shutil.copy(ROOT / "Packaging/checksums.sh", tmp_path / "Packaging")
    for name in ("cart.zip", "cart.spdx.json"):
        shutil.copy(BUNDLES / name, tmp_path / ".build/bundles")
    return lambda key: subprocess.run(
        [tmp_path / "Packaging/checksums.sh"], env={**os.environ, "EARSHELF_SIGNING_KEY": str(key)},
        capture_output=True, text=True)


def openssl(*arguments, cwd):
    return subprocess.run(["openssl", *map(str, arguments)], cwd=cwd, capture_output=True, text=True)


def test_checksums_are_signed_and_another_list_does_not_verify(signing, tmp_path):
    folder, key, public = tmp_path / ".build/bundles", tmp_path / "key", tmp_path / "key.pub"
    openssl("genpkey", "-algorithm", "ed25519", "-out", key, cwd=tmp_path)
    public.write_text(openssl("pkey", "-in", key, "-pubout", cwd=tmp_path).stdout)
    signed = signing(key)
    assert signed.returncode == 0, signed.stderr
    # As docs/operations.md says it.
    verify = lambda: openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", public, "-in", "SHA256SUMS", "-sigfile",
                             "SHA256SUMS.sig", cwd=folder).returncode
    check = lambda: subprocess.run(["sha256sum", "--check", "SHA256SUMS"], cwd=folder, capture_output=True).returncode
    assert (verify(), check()) == (0, 0)
    (folder / "cart.zip").write_bytes((folder / "cart.zip").read_bytes() + b"x")
    assert (verify(), check()) == (0, 1)
    (folder / "SHA256SUMS").write_text((folder / "SHA256SUMS").read_text().replace("a", "b"))
    assert verify() == 1


def test_a_key_of_another_kind_is_refused(signing, tmp_path):
    openssl("genpkey", "-algorithm", "RSA", "-out", "rsa", cwd=tmp_path)
    for key, reason in [(tmp_path / "rsa", "no unencrypted Ed25519 key"), (tmp_path / "none", "cannot be read")]:
        refused = signing(key)
        assert refused.returncode == 1 and reason in refused.stderr and str(key) in refused.stderr
        assert not (tmp_path / ".build/bundles/SHA256SUMS.sig").exists()
