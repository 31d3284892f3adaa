"""A book as one file to keep: asked for by who owns it, made by the function that the queue sends to, and read by programs
nobody here wrote: ffprobe, ffmpeg, zipfile, and EPUBCheck where it is installed."""

import json
import pathlib
import shutil
import subprocess
import sys

import callers
import pytest
import recording
from shop import call
from test_bad_input import refused

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "EPUBTests"))
from read_epub import Book  # noqa: E402

TOLD = [(title, text.partition(".")[0] + ".") for title, text in recording.chapters()]
NAMES = ["Down & <Out>", "The Pool; of = Tears", "Æ # Caucus-Race"]


@pytest.fixture(scope="module")
def world(shop):
    return callers.World(shop)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return recording.make(tmp_path_factory.mktemp("told"), told=TOLD)


@pytest.fixture(scope="module")
def book(world, file):
    """Of two files, the second of which is the first again; heard, and with chapters of an editor's."""
    book = world.made("Alice, \"Twice\"")["id"]
    world.uploaded(book, "cover.png", "image/png", callers.picture(200, 200))
    tracks = [world.uploaded(book, f"{number}.m4b", "audio/mp4", copy, purpose="track")
              for number, copy in enumerate([file.read_bytes(), again(file).read_bytes()])]
    edition = world.must(201, "editor", "POST", f"/audiobooks/{book}/editions", {"uploadIds": tracks}).json
    whole = edition["durationMilliseconds"]
    # The middle one lies in both files.
    ends = [whole // 3, whole * 3 // 4, whole]
    def corrected():
        page = world.must(200, "editor", "GET", f"/audiobooks/{book}")
        return world.ask("editor", "PUT", f"/audiobooks/{book}/chapters", {"chapters": [
            {"title": name, "startMilliseconds": start, "endMilliseconds": end}
            for name, start, end in zip(NAMES, [0, *ends], ends)]}, version=page.headers["etag"]).status == 200
    world.shop.eventually("the chapters", corrected)
    world.change(book, {"price": {"minorUnits": 0, "currency": "EUR"}, "state": "published",
                        "people": [{"name": "Lewis Carroll", "role": "author"}, {"name": "A. Reader", "role": "narrator"}]})
    world.ordered([book], "owner")
    return book


def again(file):
    """The same sound, in a file of other bytes."""
    copy = file.with_name("again.m4b")
    recording.run("ffmpeg", "-y", "-i", file, "-map", "0:a", "-c", "copy", "-map_chapters", "-1",
                  "-metadata", "comment=again", "-f", "mp4", copy)
    return copy


def fetched(world, book, kind, folder):
    """Asked for until it is there, and downloaded."""
    path = f"/library/{book}/exports/{kind}"

    def ready():
        answer = world.ask("owner", "PUT", path)
        assert answer.status in (200, 202) and answer.json["state"] != "failed", answer
        return answer.status == 200 and answer.json
    made = world.shop.eventually(f"the {kind}", ready)
    answer = call("GET", made["url"])
    assert answer.status == 200 and len(answer.body) == made["bytes"]
    assert f'filename="Alice___Twice_.{kind}"' in answer.headers["content-disposition"], answer.headers
    assert answer.headers["content-type"] == made["contentType"]
    target = folder / f"book.{kind}"
    target.write_bytes(answer.body)
    return target


@pytest.fixture(scope="module")
def heard(world, book):
    world.shop.eventually("the text", lambda: world.must(
        200, "editor", "GET", f"/transcription/{book}").json["job"]["state"] == "ready")
    return world.must(200, "owner", "GET", f"/library/{book}/transcript?limit=1000").json["segments"]


def test_nobody_has_what_an_editor_did_not_allow(world, book):
    assert world.must(200, "owner", "GET", f"/library/{book}").json["book"]["exports"] == []
    assert world.must(200, "owner", "GET", f"/library/{book}/exports").json["exports"] == []
    refused(world.ask("owner", "PUT", f"/library/{book}/exports/m4b"), 403, "export-not-allowed")
    world.change(book, {"exports": ["m4b", "epub"]})
    assert world.must(200, "owner", "GET", f"/library/{book}").json["book"]["exports"] == ["epub", "m4b"]
    states = [(one["format"], one["state"]) for one in
              world.must(200, "owner", "GET", f"/library/{book}/exports").json["exports"]]
    assert states == [("epub", "none"), ("m4b", "none")]
    refused(world.ask("owner", "PUT", f"/library/{book}/exports/pdf"), 404, "not-found")
    refused(world.ask("other", "PUT", f"/library/{book}/exports/m4b"), 403, "not-entitled")


def test_an_m4b_has_the_chapters_names_and_cover(world, book, file, tmp_path):
    world.change(book, {"exports": ["m4b", "epub"]})
    made = fetched(world, book, "m4b", tmp_path)
    probe = json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "json", str(made)],
        check=True, capture_output=True, timeout=60).stdout)
    told = world.must(200, "owner", "GET", f"/library/{book}").json["chapters"]
    assert [chapter["tags"]["title"] for chapter in probe["chapters"]] == NAMES
    for chapter, known in zip(probe["chapters"], told):
        assert abs(float(chapter["start_time"]) * 1000 - known["startMilliseconds"]) < 2
    tags = probe["format"]["tags"]
    assert (tags["title"], tags["artist"], tags["composer"], tags["genre"]) == (
        'Alice, "Twice"', "Lewis Carroll", "A. Reader", "Audiobook")
    sound, cover = (next(one for one in probe["streams"] if one["codec_type"] == kind) for kind in ("audio", "video"))
    assert sound["codec_name"] == "aac" and cover["codec_name"] == "mjpeg" and cover["disposition"]["attached_pic"] == 1
    assert abs(float(probe["format"]["duration"]) * 1000 - told[-1]["endMilliseconds"]) < 100
    # Undecoded: its frames are those of the file, twice.
    frames = hashes(made)
    assert len(frames) == 2 * len(hashes(file)) and set(hashes(file)) == set(frames)


def hashes(path):
    lines = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a:0", "-c", "copy", "-f", "framehash", "-hash", "md5", "-"],
        check=True, capture_output=True, text=True, timeout=60).stdout.splitlines()
    # Behind the hash of a frame stands that of what is told beside it.
    return [line.split(",")[5] for line in lines if not line.startswith("#")]


def test_an_epub_lights_up_the_words_that_are_heard(world, book, heard, tmp_path):
    world.change(book, {"exports": ["m4b", "epub"]})
    epub = Book(fetched(world, book, "epub", tmp_path))
    overlays = epub.check()
    texts = [epub.words(item) for item in epub.spine]
    assert [words["title"] for words in texts] == NAMES
    for segment in heard:
        assert texts[segment["chapter"] - 1][f"p{segment['position']}"] == segment["text"]
    chapters = world.must(200, "owner", "GET", f"/library/{book}").json["chapters"]
    for clips, words, chapter in zip(overlays, texts, chapters):
        length = chapter["endMilliseconds"] - chapter["startMilliseconds"]
        assert abs(clips[-1][2] - length) <= 60, "all of the chapter is heard"
        sound = tmp_path / "chapter.m4a"
        sound.write_bytes(epub.zip.read(epub.folder + clips[0][3]))
        assert abs(recording.duration_ms(sound) - clips[-1][2]) <= 60
    # Of each chapter the longest clip, by itself: what a recogniser hears there is what is lit up.
    understood = 0
    for clips, words in zip(overlays, texts):
        place, begin, end, src = max(clips, key=lambda clip: clip[2] - clip[1])
        sound = tmp_path / "clip.m4a"
        sound.write_bytes(epub.zip.read(epub.folder + src))
        here = recording.recognised(sound, begin, min(20, (end - begin) / 1000), world.shop.addresses["openai"], tmp_path)
        understood += len(set(here) & set(words[place].lower().split())) >= 0.5 * len(set(words[place].lower().split()))
    assert understood >= 2, "the words are heard where the overlay says"


@pytest.mark.skipif(not (shutil.which("epubcheck") and shutil.which("java")), reason="EPUBCheck is not installed")
def test_epubcheck_finds_nothing(world, book, heard, tmp_path):
    world.change(book, {"exports": ["m4b", "epub"]})
    path = fetched(world, book, "epub", tmp_path)
    # Debian's is a link to an archive of Java's, which the kernel does not start by itself.
    check = subprocess.run(
        ["java", "-jar", shutil.which("epubcheck"), str(path)], capture_output=True, text=True, timeout=120)
    assert check.returncode == 0 and "No errors or warnings" in check.stdout, check.stdout + check.stderr


def test_another_name_of_a_chapter_makes_another_file(world, book, heard, tmp_path):
    world.change(book, {"exports": ["m4b", "epub"]})
    fetched(world, book, "m4b", tmp_path)
    world.change(book, {"subtitle": "A second time"})
    states = {one["format"]: one["state"] for one in
              world.must(200, "owner", "GET", f"/library/{book}/exports").json["exports"]}
    assert states["m4b"] == "outdated"
    assert world.ask("owner", "PUT", f"/library/{book}/exports/m4b").status == 202
    fetched(world, book, "m4b", tmp_path)
    world.change(book, {"exports": []})
    refused(world.ask("owner", "PUT", f"/library/{book}/exports/m4b"), 403, "export-not-allowed")
    world.change(book, {"exports": ["m4b", "epub"]})
