"""The layer with ffmpeg, in /opt of a root that holds nothing but the platform's own libraries, reads what is uploaded and
makes what the shop makes of it, by the options of Core/FFmpeg: from files, and from servers by http and https."""

import contextlib
import hashlib
import http.server
import json
import os
import re
import ssl
import subprocess
import threading
import zipfile

import pytest
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

import emptyroot
from emptyroot import BUNDLES, ROOT

PROGRAMS = ["ffmpeg", "ffprobe"]
ROOTS = "/opt/etc/earshelf-roots.pem"
# Of the platform's own runtimes.
PATH = "/usr/local/bin:/usr/bin/:/bin:/opt/bin"
TEXT = "Emma Woodhouse, handsome, clever, and rich, with a comfortable home and happy disposition."
FORMATS = "aac,flac,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,mp3,ogg,wav"
QUIET = ["-v", "error", "-hide_banner", "-nostdin", "-nostats"]
SOUND = ["-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1"]
HEARD = [*SOUND, "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", "-f", "s16le", "pipe:1"]
FITTED = [
    "-map", "0:v:0", "-frames:v", "1", "-map_metadata", "-1", "-vf",
    "scale=w='min(iw,64)':h='min(ih,64)':force_original_aspect_ratio=decrease", "-pix_fmt", "yuvj420p", "-q:v", "3",
    "-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "mjpeg", "pipe:1"]
# What may be uploaded, by the options that make it, with the name of its coding.
KINDS = {
    "book.m4b": ("aac", ["-c:a", "aac"]), "lossless.m4a": ("alac", ["-c:a", "alac"]), "book.mp3": ("mp3", ["-b:a", "64k"]),
    "book.flac": ("flac", []), "book.ogg": ("vorbis", []), "book.opus": ("opus", []), "book.webm": ("opus", []),
    "book.aac": ("aac", []), "book.wav": ("pcm_s16le", []), "fine.wav": ("pcm_s24le", ["-c:a", "pcm_s24le"]),
    "float.wav": ("pcm_f32le", ["-c:a", "pcm_f32le"]), "law.wav": ("pcm_mulaw", ["-c:a", "pcm_mulaw"])}
PICTURES = ["cover.png", "cover.jpg", "cover.gif", "cover.bmp"]
COVERED = ["book.m4b", "book.flac", *(f"{name}.mp3" for name in PICTURES)]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="chroot takes root")


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=120, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def certificates(folder):
    """An authority, and what it signed: for this machine, and for another."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run("openssl", "req", "-x509", *curve, "-subj", "/CN=authority", "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    for name, subject in {"here": "DNS:localhost,IP:127.0.0.1", "elsewhere": "DNS:shop.example,IP:127.0.0.2"}.items():
        run("openssl", "req", "-x509", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", *curve, "-subj", f"/CN={name}",
            "-addext", f"subjectAltName={subject}", "-addext", "basicConstraints=critical,CA:FALSE",
            "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """With the layer, a recording of each kind with chapters and a cover where it has such, pictures and certificates."""
    root = emptyroot.made(tmp_path_factory.mktemp("layer"))
    (root / "opt").mkdir()
    run("unzip", "-q", BUNDLES / "ffmpeg-layer.zip", "-d", root / "opt")
    (root / "etc").mkdir()
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    files = root / "files"
    files.mkdir()
    certificates(files)
    run("flite", "-voice", "slt", "-t", TEXT, "-o", files / "said.wav")
    # As Debian's own programs make them.
    make = lambda *options: run("/usr/bin/ffmpeg", *QUIET, *options)
    for name in PICTURES:
        make("-f", "lavfi", "-i", "testsrc=s=320x200:d=1", "-frames:v", "1", files / name)
    labels = files / "labels"
    labels.write_text(";FFMETADATA1\ntitle=Emma\n" + "".join(
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n"
        for start, end, title in [(0, 2000, "One"), (2000, 4000, "Two")]))
    for name, (_, options) in KINDS.items():
        inputs = ["-i", files / "said.wav"]
        if name in ("book.m4b", "book.flac"):
            inputs += ["-i", labels, "-i", files / "cover.png", "-map", "0:a", "-map", "2:v", "-map_metadata", "1",
                       "-c:v", "copy", "-disposition:v", "attached_pic"]
        kind = ["-f", "mp4"] if name.endswith(".m4b") else []
        make(*inputs, "-ar", "48000" if "opus" in name or "webm" in name else "44100", *options, *kind, files / name)
    for name in PICTURES:
        make("-i", files / "said.wav", "-i", files / name, "-map", "0:a", "-map", "1:v", "-c:v", "copy", "-disposition:v",
             "attached_pic", files / f"{name}.mp3")
    make("-stream_loop", "19", "-i", files / "said.wav", "-c", "copy", files / "long.wav")
    return root


@pytest.fixture
def layer(root):
    """Runs a program as Core/FFmpeg does: by its name, with no environment but the path."""
    return lambda program, *arguments, **options: run(
        emptyroot.CHROOT, root, program, *arguments, env={"PATH": PATH}, **options)


def source(url, *options):
    protocols = "http,https,tcp,tls" if "://" in url else "http,https,tcp,tls,file"
    return ["-format_whitelist", FORMATS, "-protocol_whitelist", protocols, *options, "-i", url]


class Ranges(http.server.BaseHTTPRequestHandler):
    """Answers parts of the files, as a storage does."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        content = (self.server.folder / self.path.lstrip("/").split("?")[0]).read_bytes()
        start, end = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", "bytes=0-")).groups()
        self.server.asked.append(int(start))
        end = min(int(end or len(content)), len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
        self.send_header("Accept-Ranges", "bytes")
        part = content[int(start):end + 1]
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        # Who has read enough goes away in the middle.
        with contextlib.suppress(OSError):
            self.wfile.write(part)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serving(folder, certificate=None):
    """A server of the files, by https where a certificate is named."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ranges)
    server.daemon_threads, server.folder, server.asked = True, folder, []
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / f"{certificate}.pem", folder / f"{certificate}.key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        # Who does not believe the certificate goes away.
        server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def found(layer, *where):
    """What the shop asks of a recording."""
    return json.loads(layer(
        "ffprobe", "-v", "warning", "-hide_banner", "-show_format", "-show_streams", "-show_chapters", "-of", "json", *where))


def seconds(sound):
    """Of the sound that models are sent, which is not silent."""
    assert max(abs(int.from_bytes(sound[place:place + 2], "little", signed=True)) for place in range(0, len(sound), 2)) > 3000
    return len(sound) / 32_000


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_known_and_heard_in_an_empty_root(name, root, layer):
    said = float(found(layer, *source("/files/said.wav"))["format"]["duration"])
    told = found(layer, *source(f"/files/{name}"))
    audio = next(stream for stream in told["streams"] if stream["codec_type"] == "audio")
    assert audio["codec_name"] == KINDS[name][0]
    assert seconds(layer("ffmpeg", *QUIET, *source(f"/files/{name}"), *HEARD)) == pytest.approx(said, abs=0.15)
    # By its frames, as those are counted that do not say how long they are.
    counted = layer("ffmpeg", *QUIET, *source(f"/files/{name}"), *SOUND, "-c", "copy", "-f", "null", "-progress", "pipe:1",
                    "/dev/null")
    assert int(re.findall(rb"out_time_us=(\d+)", counted)[-1]) / 1e6 == pytest.approx(said, abs=0.15)
    if name == "book.m4b":
        assert [chapter["tags"]["title"] for chapter in told["chapters"]] == ["One", "Two"]
        assert told["format"]["tags"]["title"] == "Emma"


@pytest.mark.parametrize("name", [*COVERED, "cover.png", "cover.jpg"])
def test_covers_are_drawn(name, layer):
    kinds = "jpeg_pipe,png_pipe" if name in PICTURES else FORMATS
    where = ["-format_whitelist", kinds, "-protocol_whitelist", "file", "-i", f"/files/{name}"]
    drawn = layer("ffmpeg", *QUIET, "-xerror", "-err_detect", "explode", "-max_pixels", "64000000", *where, *FITTED)
    shown = run("/usr/bin/ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", "-",
                input=drawn)
    assert shown.decode().strip() == "mjpeg,64,40"


def test_a_sample_is_made_with_its_fades(layer):
    fades = "afade=t=in:d=0.500,afade=t=out:st=1.500:d=0.500"
    sample = layer("ffmpeg", *QUIET, "-ss", "1.000", "-t", "2.000", *source("/files/book.m4b"), *SOUND, "-af", fades, "-c:a",
                   "libmp3lame", "-b:a", "96k", "-write_xing", "0", "-f", "mp3", "pipe:1")
    told = run("/usr/bin/ffprobe", "-v", "error", "-show_entries", "stream=codec_name,bit_rate:format=duration", "-of",
               "json", "-", input=sample)
    assert [(stream["codec_name"], stream["bit_rate"]) for stream in json.loads(told)["streams"]] == [("mp3", "96000")]
    # The encoder's own delay comes before it, and its last frame is filled up.
    assert 2 <= len(sample) / 12_000 < 2.2


def test_files_become_a_book_and_a_book_its_chapters(root, layer):
    with serving(root / "files", "here") as server:
        url = f"https://localhost:{server.server_port}/book.m4b?X-Amz-Signature=secret"
        encoded = ["-ar", "44100", "-ac", "1", "-c:a", "aac", "-aac_coder", "fast", "-b:a", "64k", "-f", "ipod", "/tmp/0.m4a"]
        layer("ffmpeg", *QUIET, "-y", *source("/files/book.flac"), *SOUND, *encoded)
        options = {"protocol_whitelist": "http,https,tcp,tls,file", "tls_verify": 1, "ca_file": "/files/ca.pem", "reconnect": 1,
                   "reconnect_delay_max": 10, "rw_timeout": 20_000_000}
        row = ["ffconcat version 1.0", "file '/tmp/0.m4a'", "duration 4.000", f"file '{url}'", "duration 4.000"]
        (root / "tmp/row").write_text("\n".join([*row, *(f"option {name} {value}" for name, value in options.items())]) + "\n")
        inputs = ["-protocol_whitelist", "file,http,https,tcp,tls", "-format_whitelist", "concat," + FORMATS, "-f", "concat",
                  "-safe", "0", "-i", "/tmp/row"]
        cover = ["-f", "ffmetadata", "-i", "/files/labels", "-f", "jpeg_pipe", "-i", "/files/cover.jpg"]
        layer("ffmpeg", *QUIET, "-y", *inputs, *cover, "-map", "0:a:0", "-map", "2:v:0", "-c:v", "copy", "-disposition:v:0",
              "attached_pic", "-map_metadata", "1", "-map_chapters", "1", "-c:a", "copy", "-movflags", "+faststart", "-fflags",
              "+bitexact", "-f", "ipod", "/tmp/book.m4b")
        assert server.asked
    told = json.loads(run("/usr/bin/ffprobe", "-v", "error", "-show_streams", "-show_chapters", "-of", "json",
                          root / "tmp/book.m4b"))
    audio, picture = (next(s for s in told["streams"] if s["codec_type"] == kind) for kind in ("audio", "video"))
    assert picture["disposition"]["attached_pic"] == 1
    assert [chapter["tags"]["title"] for chapter in told["chapters"]] == ["One", "Two"]
    assert float(audio["duration"]) > 7
    for name, format in {"book.m4b": ["ipod", "-segment_format_options", "movflags=+faststart"], "book.mp3": ["mp3"]}.items():
        where = "/tmp/book.m4b" if name == "book.m4b" else "/files/book.mp3"
        layer("ffmpeg", *QUIET, "-y", *source(where), *SOUND, "-c:a", "copy", "-fflags", "+bitexact", "-f", "segment",
              "-segment_times", "2.000", "-reset_timestamps", "1", "-segment_list", "/tmp/cuts", "-segment_list_type", "csv",
              "-segment_format", *format, f"/tmp/%05d-{name}")
        cuts = [line.split(",") for line in (root / "tmp/cuts").read_text().split()]
        assert [cut[0] for cut in cuts] == [f"00000-{name}", f"00001-{name}"]
        assert float(cuts[0][2]) == float(cuts[1][1]) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("certificate", [None, "here"])
def test_only_what_is_asked_for_is_read_from_a_server(certificate, root, layer):
    with serving(root / "files", certificate) as server:
        url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}/long.wav"
        trust = ["-tls_verify", "1", "-ca_file", "/files/ca.pem"] if certificate else []
        where = source(url, "-rw_timeout", "20000000", *trust)
        assert seconds(layer("ffmpeg", *QUIET, "-ss", "60.000", "-t", "1.000", *where, *HEARD)) == pytest.approx(1, abs=0.01)
        assert server.asked[-1] > 1_000_000
        entries = ["-select_streams", "a:0", "-read_intervals", "40.000%+#1", "-show_entries", "packet=pts_time,size,pos"]
        packets = layer("ffprobe", "-v", "warning", "-hide_banner", *entries, "-of", "csv=p=0", *where).decode().split()
        assert len(packets) == 1 and float(packets[0].split(",")[0]) == pytest.approx(40, abs=0.1)


@pytest.mark.parametrize("certificate, host, trusted", [
    # Nobody among those whom the layer trusts signed it; it is another's, by address and by name.
    ("here", "localhost", ROOTS), ("elsewhere", "127.0.0.1", "/files/ca.pem"), ("elsewhere", "localhost", "/files/ca.pem")])
def test_a_server_that_is_another_is_not_read(certificate, host, trusted, root, layer):
    with serving(root / "files", certificate) as server:
        where = source(f"https://{host}:{server.server_port}/book.mp3", "-tls_verify", "1", "-ca_file", trusted)
        with pytest.raises(AssertionError, match="certificate verify failed"):
            layer("ffprobe", "-v", "warning", "-hide_banner", *where)
        assert server.asked == []


def test_the_roots_are_those_of_the_bundles(root):
    of_layer = ssl.create_default_context(cafile=root / ROOTS.lstrip("/")).get_ca_certs(binary_form=True)
    of_bundle = {ssl.PEM_cert_to_DER_cert(path.read_text()) for path in (BUNDLES / "transcribe/certs").iterdir()}
    assert len(of_bundle) > 100 and set(of_layer) == of_bundle
    # Where those look for them that have ffmpeg read.
    for function in ("upload-complete", "transcribe", "exports"):
        assert ROOTS.encode() in (BUNDLES / function / "bootstrap").read_bytes(), function


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_needs_nothing_but_the_c_library(program):
    path = BUNDLES / "ffmpeg-layer/bin" / program
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", path).decode())
    assert {name for name in needed if not name.startswith("ld-linux")} <= {"libc.so.6", "libm.so.6"}
    versions = re.findall(r"GLIBC_([0-9.]+)", run("objdump", "-T", path).decode())
    assert max(tuple(map(int, version.split("."))) for version in versions) <= (2, 34)
    # Nor does it say where it was built.
    assert str(ROOT).encode() not in path.read_bytes()


def test_the_bill_of_materials_is_of_this_layer(layer):
    path = BUNDLES / "ffmpeg-layer.spdx.json"
    assert [told.validation_message for told in validate_full_spdx_document(parse_file(str(path)))] == []
    told = json.loads(path.read_text())
    with zipfile.ZipFile(BUNDLES / "ffmpeg-layer.zip") as archive:
        inside = {f"./{entry.filename}": hashlib.sha256(archive.read(entry)).hexdigest() for entry in archive.infolist()}
        programs = [entry for entry in archive.infolist() if entry.external_attr >> 16 & 0o111]
    assert {file["fileName"]: file["checksums"][1]["checksumValue"] for file in told["files"]} == inside
    assert sorted(entry.filename for entry in programs) == [f"bin/{program}" for program in PROGRAMS]
    versions = {package["name"]: package["versionInfo"] for package in told["packages"]}
    for program in PROGRAMS:
        linked = {relation["relatedSpdxElement"].removeprefix("SPDXRef-") for relation in told["relationships"]
                  if (relation["spdxElementId"], relation["relationshipType"]) == (f"SPDXRef-Program-{program}", "STATIC_LINK")}
        assert linked == {"openssl", "lame", "zlib", "glibc", "gcc-12"}
        # What it says of itself.
        said = layer(program, "-version").decode()
        assert versions["ffmpeg"].endswith(said.split()[2]) and "--enable-gpl" not in said
    assert "ca-certificates" in versions
