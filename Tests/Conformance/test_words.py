"""A recording that is really spoken and really heard: what is said in it is found, played, read along and corrected."""

import json
import subprocess
import urllib.parse

import callers
import pytest
import recording
from callers import anything
from shop import call
from test_bad_input import refused

# The first sentence of each chapter.
TOLD = [(title, text.partition(".")[0] + ".") for title, text in recording.chapters()]
SAID = " ".join(word for _, text in TOLD for word in recording.words(text))


@pytest.fixture(scope="module")
def world(shop):
    return callers.World(shop)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return recording.make(tmp_path_factory.mktemp("told"), told=TOLD)


@pytest.fixture(scope="module")
def told(world, file):
    """A book that was heard, and who owns it and no other."""
    book = world.made("Down the Rabbit-Hole, Shortened")["id"]
    world.uploaded(book, file.name, "audio/mp4", file.read_bytes())
    world.change(book, {"price": {"minorUnits": 0, "currency": "EUR"}, "state": "published"})
    world.shop.eventually("the text", lambda: job(world, book)["state"] == "ready")
    reader = world.somebody()
    world.ordered([book], reader)
    return book, reader


@pytest.fixture(scope="module")
def unowned(world, heard):
    """Another's book in which the very same is said, and one word more."""
    book = world.published(f"What the Reader Does Not Own {anything()}", 0)
    world.written(book, [segment["text"] for segment in heard] + ["jabberwocky"])
    return book


@pytest.fixture(scope="module")
def heard(world, told):
    """The segments, as the recogniser heard them."""
    return segments(world, told)


def job(world, book):
    return world.must(200, "editor", "GET", f"/transcription/{book}").json["job"]


def segments(world, told):
    return world.must(200, told[1], "GET", f"/library/{told[0]}/transcript").json["segments"]


def understood(heard):
    """Three words in a row that were heard as they were said, once, not at the beginning of their segment: the segment
    and the place of the first. A recogniser understands much, and nobody can say what."""
    everything = " ".join(word["text"] for segment in heard for word in segment["words"])
    for segment in heard:
        words = [word["text"] for word in segment["words"]]
        for place in range(2, len(words) - 2):
            phrase = " ".join(words[place:place + 3])
            if len(phrase) > 10 and phrase in SAID and everything.count(phrase) == 1:
                return segment, place, phrase
    raise AssertionError(f"nothing was understood: {everything}")


def found(world, who, query, path="/search/passages?"):
    return world.must(200, who, "GET", f"{path}q={urllib.parse.quote_plus(query)}").json


def listened(world, told, milliseconds, folder):
    """What a recogniser hears in the four seconds from there on, in the file that the player is given."""
    [track] = world.must(200, told[1], "POST", f"/library/{told[0]}/stream").json["tracks"]
    return recording.recognised(track["url"], milliseconds, 4, world.shop.addresses["openai"], folder)


def test_a_phrase_is_found_at_its_millisecond_and_is_heard_there(world, told, heard, unowned, tmp_path):
    segment, place, phrase = understood(heard)
    [passage] = found(world, told[1], f'"{phrase}"')["items"]
    assert passage["audiobookId"] == told[0] and passage["chapterTitle"] == TOLD[passage["chapter"] - 1][0]
    assert passage["position"] == segment["position"] and passage["chapter"] == segment["chapter"]
    assert passage["milliseconds"] == segment["words"][place]["startMilliseconds"]
    assert "".join(piece["text"] for piece in passage["snippet"] if piece["isMatch"]) == phrase
    assert found(world, told[1], f'"{phrase}"', f"/library/{told[0]}/search?")["items"] == [passage]
    # A little early, as a player does it; the first words that are heard there are those.
    first = listened(world, told, max(0, passage["milliseconds"] - 100), tmp_path)[:8]
    assert set(first) & set(phrase.split()), (phrase, first)


def test_what_is_mistyped_is_found_by_what_was_meant(world, told, heard):
    long = max((word["text"] for segment in heard for word in segment["words"]), key=len)
    finding = found(world, told[1], long[:3] + long[4] + long[3] + long[5:])
    assert finding["meant"] == long and finding["items"]


def test_books_of_others_are_left_out(world, told, heard, unowned):
    _, _, phrase = understood(heard)
    stranger = world.somebody()
    assert found(world, told[1], "jabberwocky")["items"] == [], "nor is it guessed by what they say"
    assert found(world, stranger, f'"{phrase}"') == {"items": []}
    for path in (f"/library/{unowned}/transcript", f"/library/{unowned}/search?q=a",
                 f"/search/passages?q=a&audiobookId={unowned}"):
        refused(world.ask(told[1], "GET", path), 403, "not-entitled")
    for path in (f"/library/{anything()}/transcript", f"/library/{anything()}/search?q=a",
                 f"/search/passages?q=a&audiobookId={anything()}"):
        refused(world.ask(told[1], "GET", path), 404, "not-found")
    assert len(found(world, "editor", "jabberwocky")["items"]) == 0, "editors buy books too"


def cues(path):
    """The cues of a file, as FFmpeg reads them: from when to when, in milliseconds."""
    probe = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "json", str(path)],
        check=True, capture_output=True, text=True, timeout=60)
    return [(round(float(cue["pts_time"]) * 1000), round(float(cue["duration_time"]) * 1000))
            for cue in json.loads(probe.stdout)["packets"]]


@pytest.mark.parametrize("kind, media", [("vtt", "text/vtt"), ("srt", "application/x-subrip")])
def test_players_read_the_text_along(world, told, heard, tmp_path, kind, media):
    path = f"/library/{told[0]}/transcript?format={kind}"
    answer = world.must(200, told[1], "GET", path)
    assert answer.headers["content-type"].startswith(media), answer.headers
    (tmp_path / f"words.{kind}").write_bytes(answer.body)
    expected = [(segment["startMilliseconds"], segment["endMilliseconds"] - segment["startMilliseconds"])
                for segment in heard]
    assert cues(tmp_path / f"words.{kind}") == expected
    recording.run("ffmpeg", "-y", "-i", tmp_path / f"words.{kind}", "-f", "webvtt", tmp_path / "again.vtt")
    lines = (tmp_path / "again.vtt").read_text().splitlines()
    assert [line for line in lines if line and "-->" not in line][1:] == [segment["text"] for segment in heard]
    known = world.ask(told[1], "GET", path, headers={"if-none-match": answer.headers["etag"]})
    assert (known.status, known.body) == (304, b"")


def test_a_stretch_is_read_by_time_and_by_chapter(world, told, heard):
    book, reader = told
    middle = heard[len(heard) // 2]
    stretch = world.must(
        200, reader, "GET", f"/library/{book}/transcript?from={middle['startMilliseconds']}"
        f"&to={middle['startMilliseconds'] + 1}").json["segments"]
    assert stretch == [middle]
    chapters = [world.must(200, reader, "GET", f"/library/{book}/transcript?chapter={number}").json["segments"]
                for number in range(1, len(TOLD) + 1)]
    assert all(chapters) and sum(chapters, []) == heard
    # Page by page it is the same.
    pages, cursor = [], ""
    while cursor is not None:
        page = world.must(200, reader, "GET", f"/library/{book}/transcript?limit=1{cursor}").json
        pages += page["segments"]
        cursor = f"&cursor={page['next']}" if "next" in page else None
    assert pages == heard


def test_a_correction_keeps_the_times_until_it_is_heard_anew(world, told):
    book, reader = told
    before = segments(world, told)
    segment, place, phrase = understood(before)
    words = segment["text"].split()
    text = " ".join([*words[:place], "Jubjub", *words[place + 1:]])
    path = f"/transcription/{book}/segments/{segment['position']}"
    refused(world.ask("editor", "PATCH", path, {"text": text}, version='"9"'), 412, "changed-meanwhile")
    corrected = world.must(200, "editor", "PATCH", path, {"text": text}, version='"1"').json
    assert corrected["text"] == text and corrected["version"] == 2
    assert [word["text"] for word in corrected["words"]] == text.split()
    times = [[(word["startMilliseconds"], word["endMilliseconds"]) for word in version["words"]]
             for version in (segment, corrected)]
    assert times[0][:place] == times[1][:place] and times[0][place + 1:] == times[1][place + 1:]
    [passage] = found(world, reader, "jubjub")["items"]
    assert times[0][place - 1][1] <= passage["milliseconds"] <= times[0][place + 1][0]
    assert found(world, reader, f'"{phrase}"', f"/library/{book}/search?")["items"] == []

    id = job(world, book)["jobId"]
    world.must(202, "editor", "POST", f"/transcription/{id}/chunks/1/redo")
    assert segments(world, told)[segment["position"] - 1] == corrected, "it is read on meanwhile"
    world.shop.eventually("a second hearing", lambda: world.must(
        200, "editor", "GET", f"/transcription/{id}/status").json["percent"] == 100)
    # A recogniser does not hear the same twice to the millisecond: what was corrected is what it says again.
    assert understood(segments(world, told))


def test_the_story_so_far_is_told_of_chapters_that_were_heard(world, told):
    book, reader = told

    def drafts():
        return world.must(200, "editor", "GET", f"/ai/summary/{book}?state=draft").json["items"]
    written = world.shop.eventually("the summaries", lambda: len(found := drafts()) == len(TOLD) + 1 and found)
    [whole] = [summary for summary in written if "chapter" not in summary]
    assert whole["createdAt"] and whole["model"] and whole["cost"]["calls"] == 1 and whole["cost"]["microdollars"] > 0
    chapters = world.must(200, reader, "GET", f"/library/{book}").json["chapters"]

    def recap(milliseconds):
        world.must(200, reader, "PUT", f"/library/{book}/position", {
            "move": "seek", "positionMilliseconds": milliseconds, "device": {"id": "player"}})
        answer = world.must(200, reader, "GET", f"/library/{book}/recap").json
        assert answer["positionMilliseconds"] == milliseconds
        return [(chapter["chapter"], chapter.get("summary")) for chapter in answer["chapters"]]
    end = chapters[1]["endMilliseconds"]
    assert recap(end) == [(1, None), (2, None)], "nobody has approved them"
    texts = {}
    for summary in written:
        world.must(200, "editor", "POST", f"/ai/summary/{book}/approve", {"summaryId": summary["id"]})
        texts[summary.get("chapter")] = summary["text"]
    assert recap(end) == [(1, texts[1]), (2, texts[2])]
    assert recap(end - 1) == [(1, texts[1])] and recap(0) == []
    assert recap(chapters[-1]["endMilliseconds"]) == [(number, texts[number]) for number in (1, 2, 3)]
    # Written anew, the old one is told until the new one is approved.
    [second] = [summary for summary in written if summary.get("chapter") == 2]
    wanted = world.must(202, "editor", "POST", f"/ai/summary/{book}/regenerate", {"summaryId": second["id"]}).json
    world.shop.eventually("another draft", lambda: [summary["id"] for summary in drafts()] == [wanted["id"]])
    assert recap(end)[1] == (2, texts[2])


def test_what_is_heard_in_another_language_waits_for_a_person(world, tmp_path):
    def faults(*wanted):
        answer = call("PUT", world.shop.addresses["openai"] + "/faults", body=json.dumps(wanted).encode())
        assert answer.status == 200, answer
    book = world.made("Heard in Russian")["id"]
    spoken = recording.make(tmp_path, told=TOLD[:1])
    faults({"kind": "other-language", "path": "/transcriptions"})
    try:
        world.uploaded(book, spoken.name, "audio/mp4", spoken.read_bytes())
        doubtful = world.shop.eventually(
            "a doubt", lambda: (known := job(world, book))["state"] == "needs_review" and known)
    finally:
        faults()
    assert doubtful["flags"] == ["other-language"] and doubtful["chunks"] == 1
    world.must(202, "editor", "POST", f"/transcription/{doubtful['jobId']}/chunks/1/redo")
    heard = world.shop.eventually("the text", lambda: (known := job(world, book))["state"] == "ready" and known)
    assert heard["flags"] == [] and heard["cost"]["spentMicrodollars"] == 2 * doubtful["cost"]["spentMicrodollars"] > 0
