"""What a person at a terminal sees when something is wrong, and what is left when the emulator has ended: nothing."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

import processes
import pytest
from botocore.exceptions import ClientError
from conftest import client, ready
from shop import EMULATOR, PRODUCTS, ROOT, Shop, free_ports


def start(state, *, template=ROOT / "template.yaml", products=PRODUCTS, port=0, arguments=()):
    """Starts an emulator that is expected to end by itself; its exit code and what it said of the reason."""
    done = subprocess.run(
        [EMULATOR, "run", "--template", template, "--products", products, "--state", state, "--port", str(port),
         *arguments], capture_output=True, text=True, timeout=120, cwd=ROOT, start_new_session=True)
    return done.returncode, done.stderr


def one_line(text):
    """Of the emulator's own, beside the log of its parts."""
    line, = [line for line in text.splitlines() if not re.match(r"\d\d:\d\d:\d\d\.", line)]
    assert line.startswith("emulator: "), text
    return line


def test_a_port_in_use_is_named(own_state):
    first = free_ports()
    with socket.create_server(("127.0.0.1", first + 2)):
        code, text = start(own_state, port=first)
    assert code == 1 and f"Port {first + 2} for S3" in one_line(text) and "--port" in text
    processes.none_of(own_state)
    with Shop(EMULATOR, own_state, port=first):
        pass


@pytest.mark.parametrize("port", [-1, 70_000])
def test_a_port_that_is_none_is_refused(own_state, port):
    code, text = start(own_state, arguments=[f"--port={port}"])
    assert code == 1 and str(port) in one_line(text)


UNKNOWN = {
    "resource": ("Type: AWS::SQS::Queue", "Type: AWS::DynamoDB::Table", "AWS::DynamoDB::Table"),
    "property": ("      Handler: cart\n", "      Colour: red\n      Handler: cart\n", "Colour"),
    "event": ("Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: /api/v1/cart }",
              "Type: Kinesis, Properties: { Stream: x }", "Kinesis"),
    "reference": ("TRANSCRIPTION_QUEUE_URL: !Ref Transcriptions", "TRANSCRIPTION_QUEUE_URL: !Ref Nowhere", "Nowhere"),
    "timeout": ("Timeout: 10", "Timeout: soon", "Timeout"),
    "yaml": ("Globals:", "Globals: [", "YAML"),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_a_template_with_what_the_emulator_does_not_know_is_refused_by_line(own_state, what):
    known, unknown, name = UNKNOWN[what]
    text = (ROOT / "template.yaml").read_text()
    assert known in text
    template = own_state / "template.yaml"
    template.write_text(text.replace(known, unknown, 1))
    code, said = start(own_state / "state", template=template)
    assert code == 1 and name in one_line(said), said
    number = int(re.search(r"line (\d+)", said)[1])
    if what != "yaml":
        assert unknown.split("\n")[0].strip() in template.read_text().splitlines()[number - 1], said
    assert not (own_state / "state" / "postgres").exists(), "something was started all the same"


def test_a_template_that_is_not_there_is_named(own_state):
    code, text = start(own_state, template=own_state / "none.yaml")
    assert code == 1 and "none.yaml" in one_line(text) and "--template" in text


def test_functions_that_are_not_built_are_named(own_state):
    code, text = start(own_state, products=own_state / "none")
    assert code == 1 and str(own_state / "none") in one_line(text) and "--products" in text
    assert not (own_state / "postgres").exists()


def test_a_settings_file_with_a_mistake_is_named_by_its_line(own_state):
    (own_state / "settings").write_text("# fine\nSTORE_URL\n")
    code, text = start(own_state / "state", arguments=["--settings", own_state / "settings"])
    assert code == 1 and "line 2" in one_line(text)


def test_the_readme_s_command_starts_a_shop_and_fills_its_shelves(own_state):
    with Shop(ROOT / "build.sh", own_state) as shop:
        shop.eventually("a book on the shelf", lambda: shop.api("GET", "/audiobooks").json["items"], patience_seconds=90)
    assert shop.process.returncode == 0
    processes.none_of(own_state)


def test_a_second_emulator_on_one_state_folder_is_refused(own_shop, own_state):
    code, text = start(own_state)
    assert code == 1 and f"process {own_shop.process.pid}" in one_line(text) and "--state" in text
    ready(own_shop)


@pytest.mark.parametrize("how", ["to the emulator", "to the whole group"])
def test_ctrl_c_leaves_nothing(own_state, how):
    with Shop(EMULATOR, own_state) as shop:
        ready(shop)
        everything = processes.all_of(own_state)
        assert {"emulator", "postgres", "bootstrap"} <= set(everything.values()), everything
        if how == "to the emulator":
            os.kill(shop.process.pid, signal.SIGINT)
        else:
            os.killpg(shop.process.pid, signal.SIGINT)
        assert shop.process.wait(timeout=30) == 0
        processes.none_of(own_state)
        left = [number for number in everything if pathlib.Path(f"/proc/{number}").exists()]
        assert left == [] and not shop.ready_file.exists() and "Stopped." in shop.log()


def test_a_second_start_finds_everything(own_state, capsys):
    with Shop(EMULATOR, own_state, port=free_ports()) as shop:
        ready(shop)
        editor = shop.sign_in("editor")
        wish = {"title": "Kept", "language": "en", "people": [{"name": "Lewis Carroll", "role": "author"}]}
        made = shop.api("POST", "/audiobooks", wish, token=editor)
        assert made.status == 201, made
        first = shop.seconds_to_start
        assert shop.stop() == 0
        shop.start()
        # The token of the first run is good in the second: the keys were kept too.
        again = shop.api("GET", f"/audiobooks/{made.json['id']}", token=editor)
        assert again.status == 200 and again.json == made.json
        with capsys.disabled():
            print(f"\n  up after {first:.1f} s, and again after {shop.seconds_to_start:.1f} s")


def test_a_terminal_that_takes_no_more_is_no_reason_to_end(own_state):
    ready_file = own_state / "ready.json"
    with open("/dev/full", "wb") as full, subprocess.Popen(
            [EMULATOR, "run", "--template", ROOT / "template.yaml", "--products", PRODUCTS, "--state", own_state,
             "--port", "0", "--ready-file", ready_file], stdout=full, stderr=full, cwd=ROOT) as emulator:
        try:
            while not ready_file.exists():
                assert emulator.poll() is None, f"it ended with {emulator.returncode}"
                time.sleep(0.05)
            emulator.send_signal(signal.SIGINT)
            assert emulator.wait(timeout=30) == 0
        finally:
            emulator.kill()


@pytest.fixture
def small_disk(own_state):
    """16 MiB in which no database finds room."""
    folder = own_state / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m,mode=0755", "tmpfs", folder], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_named_and_nothing_is_left_half_done(small_disk):
    code, text = start(small_disk / "state")
    assert code == 1 and "is full" in one_line(text), text
    processes.none_of(small_disk)
    assert not (small_disk / "state" / "postgres" / "data").exists(), "half a database"
    # With room it starts where it failed.
    subprocess.run(["mount", "-o", "remount,size=600m", small_disk], check=True)
    shop = Shop(EMULATOR, small_disk / "state")
    shop.log_path = small_disk.parent / "emulator.log"
    with shop:
        ready(shop)
        a_disk_that_fills_up(shop, small_disk / "filler")


def a_disk_that_fills_up(shop, filler):
    """What cannot be kept is refused; what was kept before is there, and all goes on once there is room again."""
    s3, sqs = client(shop, "s3"), client(shop, "sqs")
    queue, = [url for url in sqs.list_queues()["QueueUrls"] if "TranscriptionsDead" in url]
    editor = shop.sign_in("editor")
    s3.put_object(Bucket="earshelf-media", Key="kept", Body=b"kept")
    with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 20 if shutil.disk_usage(filler).free > 1 << 20 else 4096))
    with pytest.raises(ClientError) as refusal:
        s3.put_object(Bucket="earshelf-media", Key="lost", Body=bytes(3 << 20))
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] >= 500
    with pytest.raises(ClientError):
        sqs.send_message(QueueUrl=queue, MessageBody="x" * 100_000)
    assert shop.api("GET", "/library", token=editor).status == 200
    assert s3.get_object(Bucket="earshelf-media", Key="kept")["Body"].read() == b"kept"
    filler.unlink()
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket="earshelf-media", Key="lost")
    s3.put_object(Bucket="earshelf-media", Key="lost", Body=b"found")
    sent = sqs.send_message(QueueUrl=queue, MessageBody="fits")["MessageId"]
    received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5)["Messages"]
    assert [message["MessageId"] for message in received] == [sent]
    assert shop.stop() == 0
    shop.start()
    assert client(shop, "s3").get_object(Bucket="earshelf-media", Key="lost")["Body"].read() == b"found"


def test_a_script_that_is_asked_to_end_takes_its_shop_with_it(own_state):
    script = (
        "import pathlib, sys, time; from shop import EMULATOR, Shop\n"
        "with Shop(EMULATOR, pathlib.Path(sys.argv[1])): print('up', flush=True); time.sleep(600)")
    with subprocess.Popen(
            [sys.executable, "-c", script, str(own_state)], cwd=ROOT / "Tests/Journey", stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL) as starter:
        assert starter.stdout.readline() == b"up\n"
        starter.terminate()
        assert starter.wait(60) != 0
    processes.none_of(own_state)
