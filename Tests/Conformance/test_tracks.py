"""A book of several files: sent one by one, put together in an order, heard, sampled and played."""

import hashlib
import subprocess
import uuid

import callers
import pytest
from shop import call
from test_bad_input import refused
from test_parts import PART, Sender

SAID = [
    "Alice was beginning to get very tired of sitting by her sister on the bank.",
    "Suddenly a white rabbit with pink eyes ran close by her. There was nothing so very remarkable in that.",
    "Down, down, down. Would the fall never come to an end?",
]


def run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """An MP3 that calls itself something, an M4B of two chapters, and a WAV that has only its name."""
    folder = tmp_path_factory.mktemp("files")
    for number, words in enumerate(SAID):
        run("flite", "-voice", "slt", "-t", words, "-o", folder / f"{number}.wav")
    run("ffmpeg", "-v", "error", "-i", folder / "0.wav", "-metadata", "title=The Bank", "-b:a", "64k", folder / "0.mp3")
    (folder / "chapters.txt").write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=4000\ntitle=The Rabbit\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=4000\nEND=6000\ntitle=Nothing Remarkable\n")
    run("ffmpeg", "-v", "error", "-i", folder / "1.wav", "-i", folder / "chapters.txt", "-map", "0:a", "-map_metadata", "1",
        "-c:a", "aac", "-b:a", "64k", "-f", "mp4", folder / "1.m4b")
    return [
        ("01.mp3", "audio/mpeg", (folder / "0.mp3").read_bytes()), ("02.m4b", "audio/mp4", (folder / "1.m4b").read_bytes()),
        ("03_the_fall.wav", "audio/wav", (folder / "2.wav").read_bytes())]


@pytest.fixture(scope="module")
def world(shop):
    return callers.World(shop)


@pytest.fixture(scope="module")
def book(world):
    return world.made("Of Three Files")["id"]


@pytest.fixture(scope="module")
def tracks(shop, world, editor, book, files):
    """One whole, one in parts, one whole: each is taken, and none is the recording."""
    sent = []
    for index, (name, kind, content) in enumerate(files):
        if index == 1:
            sender = Sender(shop, editor, content)
            assert sender.ask(book, fileName=name, contentType=kind, purpose="track")["purpose"] == "track"
            sender.send_missing()
            assert "editionId" not in sender.ready()
            sent.append(sender.upload)
        else:
            sent.append(world.uploaded(book, name, kind, content, purpose="track"))
    assert "durationMilliseconds" not in shop.api("GET", f"/audiobooks/{book}", token=editor).json
    refused(shop.api("GET", f"/audiobooks/{book}/chapters", token=editor), 409, "no-recording")
    return sent


@pytest.fixture(scope="module")
def edition(shop, editor, book, tracks):
    key = str(uuid.uuid4())
    wish = {"uploadIds": tracks}
    answer = shop.api("POST", f"/audiobooks/{book}/editions", wish, token=editor, key=key)
    assert answer.status == 201, answer
    assert shop.api("POST", f"/audiobooks/{book}/editions", wish, token=editor, key=key).json == answer.json
    # Under another key they are still what the book plays.
    same = shop.api("POST", f"/audiobooks/{book}/editions", wish, token=editor)
    assert same.json["editionId"] == answer.json["editionId"]
    return answer.json


def test_chapters_are_those_of_the_files_or_one_for_each(shop, editor, book, edition):
    chapters = edition["chapters"]
    assert [chapter["title"] for chapter in chapters] == ["The Bank", "The Rabbit", "Nothing Remarkable", "the fall"]
    ends = [chapter["endMilliseconds"] for chapter in chapters]
    assert [0, *ends[:-1]] == [chapter["startMilliseconds"] for chapter in chapters]
    assert edition["tracks"] == 3 and ends[-1] == edition["durationMilliseconds"]
    assert chapters[2]["startMilliseconds"] - chapters[1]["startMilliseconds"] == 4000
    told = shop.api("GET", f"/audiobooks/{book}/chapters", token=editor).json
    assert told["chapters"] == chapters


def test_three_hundred_chapters_in_one_second_are_no_more_than_fit(shop, world, editor, tmp_path):
    marks = "".join(f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={n * 10 // 3}\nEND={(n + 1) * 10 // 3}\ntitle=No. {n}\n" for n in range(300))
    (tmp_path / "chapters.txt").write_text(";FFMETADATA1\n" + marks)
    run("flite", "-voice", "slt", "-t", SAID[0], "-o", tmp_path / "said.wav")
    run("ffmpeg", "-v", "error", "-i", tmp_path / "said.wav", "-i", tmp_path / "chapters.txt", "-map", "0:a",
        "-map_metadata", "1", "-c:a", "aac", "-b:a", "64k", "-f", "mp4", tmp_path / "book.m4b")
    book = world.made("Three Hundred Chapters")["id"]
    world.uploaded(book, "book.m4b", "audio/mp4", (tmp_path / "book.m4b").read_bytes())
    told = shop.api("GET", f"/audiobooks/{book}/chapters", token=editor).json
    length = shop.api("GET", f"/audiobooks/{book}", token=editor).json["durationMilliseconds"]
    spans = [(chapter["startMilliseconds"], chapter["endMilliseconds"]) for chapter in told["chapters"]]
    assert 8 <= len(spans) <= 11 and all(end - start >= 100 for start, end in spans), spans
    assert [0, *(end for _, end in spans)] == [*(start for start, _ in spans), length], spans


def test_every_file_is_heard_at_its_place_in_the_book(shop, editor, book, edition):
    def ready():
        answer = shop.api("GET", f"/transcription/{book}", token=editor)
        return answer.json if answer.status == 200 and answer.json["job"]["state"] == "ready" else None
    text = shop.eventually("the text", ready)
    assert text["job"]["jobId"] == edition["jobId"] and text["job"]["chunks"] == 3
    starts = [edition["chapters"][index]["startMilliseconds"] for index in (0, 1, 3)] + [edition["durationMilliseconds"]]
    for number, (start, end) in enumerate(zip(starts, starts[1:])):
        segments = [one for one in text["segments"] if start <= one["startMilliseconds"] < end]
        assert segments, f"nothing was heard of file {number}: {text['segments']}"
        assert all(one["chapter"] in ((1,), (2, 3), (4,))[number] for one in segments), segments


def test_a_sample_of_the_first_file_is_cut(shop, editor, book, edition):
    sample = shop.eventually("the sample", lambda: (
        answer := shop.api("GET", f"/audiobooks/{book}/sample", token=editor)).status == 307 and answer)
    assert call("GET", sample.headers["location"]).status == 200
    # One from within the last file, which is cut out of that file.
    chosen = shop.api("PUT", f"/audiobooks/{book}/sample", {
        "startMilliseconds": edition["chapters"][3]["startMilliseconds"] + 100}, token=editor)
    assert chosen.status == 200, chosen


def test_whoever_owns_it_plays_and_saves_all_files(shop, world, editor, book, edition, files):
    world.change(book, {"price": {"minorUnits": 0, "currency": "EUR"}, "state": "published"})
    token = shop.sign_in(f"listener-{uuid.uuid4().hex[:8]}@earshelf.example")
    assert shop.api("POST", "/cart/items", {"audiobookId": book}, token=token).status == 200
    order = shop.api("POST", "/checkout", shop.agreed(), token=token)
    assert order.status == 201, order
    shop.eventually("the book", lambda: shop.api("GET", f"/library/{book}", token=token).status == 200)
    for action in ("stream", "download"):
        tracks = shop.api("POST", f"/library/{book}/{action}", token=token).json["tracks"]
        assert [track["position"] for track in tracks] == [1, 2, 3]
        ends = [track["endMilliseconds"] for track in tracks]
        assert [track["startMilliseconds"] for track in tracks] == [0, *ends[:-1]]
        assert ends[-1] == edition["durationMilliseconds"]
        for number, (track, (_, _, content)) in enumerate(zip(tracks, files), 1):
            answer = call("GET", track["url"])
            assert answer.body == content
            digest = hashlib.sha256(content)
            if number == 2:
                # It came in one part.
                assert "sha256" not in track
                assert track["sha256OfParts"] == {
                    "partBytes": PART, "value": hashlib.sha256(digest.digest()).hexdigest()}
            else:
                assert track["sha256"] == digest.hexdigest() and "sha256OfParts" not in track
            if action == "download":
                assert f"%20{number}." in answer.headers["content-disposition"], answer.headers
    # A place on the border of two files is kept as it is.
    moved = shop.api("PUT", f"/library/{book}/position", {
        "move": "seek", "positionMilliseconds": ends[0], "device": {"id": str(uuid.uuid4())}}, token=token)
    assert moved.status == 200 and moved.json["positionMilliseconds"] == ends[0], moved


def test_tracks_that_are_not_there_or_others_make_no_recording(shop, editor, book, tracks, edition):
    def made(uploads):
        return shop.api("POST", f"/audiobooks/{book}/editions", {"uploadIds": uploads}, token=editor)
    refused(made([]), 422, "invalid-value", "/uploadIds")
    refused(made([*tracks, str(uuid.uuid4())]), 422, "invalid-value", "/uploadIds/3")
    refused(made([tracks[0], tracks[0]]), 422, "invalid-value", "/uploadIds/1")
    refused(made(["x"]), 400, "malformed-body", "/uploadIds/0")
    assert shop.api("GET", f"/audiobooks/{book}", token=editor).json["durationMilliseconds"] \
        == edition["durationMilliseconds"]
