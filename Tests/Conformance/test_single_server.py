"""The shop on a single server, as docs/single-server.md sets it up: the unit's own command and environment, behind nginx
with the site of Packaging/server and a certificate, on loopback. The journey of a recording goes through it by https."""

import http.client
import json
import os
import re
import shlex
import signal
import ssl
import subprocess
import time

import pytest

import demo
import recording
import shop as journey
from conftest import state_folder
from shop import PRODUCTS, ROOT, Shop, call

SERVER = ROOT / "Packaging/server"
NGINX = ROOT / ".build/nginx/usr/sbin/nginx"
UNIT = (SERVER / "earshelf.service").read_text()
# Somebody on the machine who is no proxy: all of 127.0.0.0/8 is this machine.
STRANGER = "127.0.0.5"
# Ten ports in a row are one test's: the site without TLS is at another address of this machine.
PLAIN = "127.0.0.2"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=60, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def certificates(folder):
    """An authority, and a certificate by it for this machine; the authority as a file and as a hashed folder."""
    roots = folder / "roots"
    roots.mkdir(parents=True)
    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj"]
    run("openssl", *new, "/CN=Earshelf's test", "-x509", "-days", 2, "-keyout", folder / "ca.key", "-out", roots / "ca.pem")
    run("openssl", *new, "/CN=earshelf", "-keyout", folder / "key.pem", "-out", folder / "request.pem")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    run("openssl", "x509", "-req", "-in", folder / "request.pem", "-CA", roots / "ca.pem", "-CAkey", folder / "ca.key",
        "-CAcreateserial", "-days", 2, "-extfile", folder / "names", "-out", folder / "certificate.pem")
    run("openssl", "rehash", roots)
    return {"SSL_CERT_FILE": str(roots / "ca.pem"), "SSL_CERT_DIR": str(roots)}


def site(folder, ports, shop):
    """Packaging/server/nginx.conf, with names, ports and certificates of this test."""
    text = (SERVER / "nginx.conf").read_text()
    text = re.sub(r" *listen \[::\].*\n", "", text)
    for place, there in (("listen 80;", f"listen {PLAIN}:{ports['shop']};"),
                         ("listen 443 ssl http2;", f"listen 127.0.0.1:{ports['shop']} ssl http2;"),
                         ("listen 443 ssl http2;", f"listen 127.0.0.1:{ports['media']} ssl http2;")):
        assert place in text
        text = text.replace(place, there, 1)
    for place, there in (("/etc/letsencrypt/live/shop.example.com/fullchain.pem", folder / "certificate.pem"),
                         ("/etc/letsencrypt/live/shop.example.com/privkey.pem", folder / "key.pem"),
                         ("127.0.0.1:8080", f"127.0.0.1:{shop}"), ("127.0.0.1:8082", f"127.0.0.1:{shop + 2}")):
        assert place in text
        text = text.replace(place, str(there))
    return text


class Nginx:
    """nginx on loopback, for as long as the block lasts."""

    def __init__(self, folder, text):
        self.folder, self.process = folder, None
        names = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        temporary = "\n".join(f"{name}_temp_path {folder}/{name};" for name in names)
        (folder / "nginx.conf").write_text(
            f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log;\n"
            f"events {{}}\nhttp {{\naccess_log off;\n{temporary}\n{text}\n}}\n")
        self.command = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]

    def __enter__(self):
        run(*self.command, "-t")
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=20)


class Server(Shop):
    """Started by the command of the unit, and reached by the proxy."""

    def __init__(self, state, folder, first, addresses, roots):
        super().__init__(journey.EMULATOR, state)
        self.public = addresses
        install = folder / "opt"
        install.mkdir()
        (install / "bin").symlink_to(PRODUCTS)
        for name in ("template.yaml", "edge.yaml", "Migrations", "Storefront"):
            (install / name).symlink_to(ROOT / name)
        settings = dict(line.split("=", 1) for line in (SERVER / "environment").read_text().splitlines()
                        if line and not line.startswith("#"))
        settings |= {"STORE_URL": addresses["shop"], "STORAGE_URL": addresses["media"]}
        line = re.search(r"(?m)^ExecStart=(.*)$", UNIT)[1]
        for place, there in (("/opt/earshelf", install), ("/var/lib/earshelf", state), ("--port 8080", f"--port {first}"),
                             ("${STORAGE_URL}", settings["STORAGE_URL"])):
            assert place in line
            line = line.replace(place, str(there))
        # Besides what the unit says: where the test learns that all is up, and nobody counted, for it is one caller.
        self.command = [*shlex.split(line), "--ready-file", str(self.ready_file), "--edge", "none"]
        self.install = install
        self.environment = {**os.environ, **settings, **roots}

    def start(self, *arguments, **options):
        begun = time.monotonic()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=log, stderr=log, env=self.environment, cwd=self.install, start_new_session=True)
        while not self.ready_file.exists():
            assert self.process.poll() is None and time.monotonic() - begun < 90, self.log()[-4000:]
            time.sleep(0.05)
        self.addresses = json.loads(self.ready_file.read_text()) | {"shop": self.public["shop"]}
        self.seconds_to_start = time.monotonic() - begun


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder, first = tmp_path_factory.mktemp("server"), journey.free_ports(10)
    ports = {"shop": first + 8, "media": first + 9}
    roots = certificates(folder)
    addresses = {name: f"https://127.0.0.1:{port}" for name, port in ports.items()}
    with pytest.MonkeyPatch.context() as patch, state_folder() as state:
        # The last of them is curl's own name for it.
        for name, value in [*roots.items(), ("CURL_CA_BUNDLE", roots["SSL_CERT_FILE"])]:
            patch.setenv(name, value)
        with Nginx(folder, site(folder, ports, first)), Server(state, folder, first, addresses, roots) as running:
            running.plain = f"http://{PLAIN}:{ports['shop']}"
            yield running


@pytest.fixture(scope="module")
def travelled(server, tmp_path_factory):
    """The journey, with a recording of two short chapters."""
    folder = tmp_path_factory.mktemp("recording")
    with pytest.MonkeyPatch.context() as patch:
        text = folder / "short.txt"
        text.write_text("".join(f"# {title}\n{' '.join(told.split()[:40])}\n\n" for title, told in recording.chapters()[:2]))
        patch.setattr(recording, "TEXT", text)
        travelled = demo.Journey(server, recording.make(folder))
        travelled.all()
    return travelled


def test_the_journey_passes_through_the_proxy(travelled, server):
    stream = server.api("POST", f"/library/{travelled.book}/stream", token=travelled.customer).json
    assert stream["tracks"][0]["url"].startswith(server.public["media"] + "/earshelf-media/u/")


def ask(server, path, token, headers):
    """As somebody with another address than the proxy's."""
    connection = http.client.HTTPSConnection(
        server.public["shop"].removeprefix("https://"), timeout=30, context=ssl.create_default_context(),
        source_address=(STRANGER, 0))
    connection.request("POST", "/api/v1" + path, headers={"authorization": f"Bearer {token}"} | headers)
    with connection.getresponse() as answer:
        return answer.status


def test_who_asks_is_whom_the_proxy_has_seen(travelled, server):
    told = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "http"}
    assert ask(server, f"/library/{travelled.book}/stream", travelled.customer, told) == 200
    [seen] = server.rows("SELECT host(ip) AS ip FROM listening.access_log ORDER BY id DESC LIMIT 1")
    assert seen["ip"] == STRANGER


def test_browsers_are_kept_to_https_and_out_of_the_emulator(server):
    answer = call("GET", server.plain + "/books/emma?x=1")
    assert (answer.status, answer.headers["location"]) == (301, f"https://{PLAIN}/books/emma?x=1")
    assert call("GET", server.public["shop"] + "/_earshelf/health").status == 404
    home = call("GET", server.public["shop"] + "/")
    assert home.status == 200 and home.headers["strict-transport-security"] == "max-age=31536000"
    assert server.public["media"] in home.headers["content-security-policy"]
    away = call("GET", server.public["shop"] + "/auth/sign-in")
    assert away.status in (302, 303), away
    cookies = [value for name, value in away.headers.items() if name == "set-cookie"]
    assert cookies and all("; Secure" in cookie for cookie in cookies), away.headers
    assert server.public["shop"].replace(":", "%3A").replace("/", "%2F") in away.headers["location"]


def test_it_says_what_strangers_cannot_use(server):
    assert "Stood in for, on this machine alone: Stripe, identity, OpenAI." in server.log()


def test_the_unit_is_one_that_systemd_takes(server, tmp_path):
    unit = tmp_path / "earshelf.service"
    unit.write_text(UNIT.replace("/opt/earshelf", str(server.install)))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
