"""Files that are not taken, and what cannot be made of them."""

import hashlib
import io
import wave

from callers import anything, picture
from shop import call

from refusals import provokes


def sound(seconds, rate=8000):
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setparams((1, 2, rate, 0, "NONE", "none"))
        recording.writeframes(bytes(int(seconds * rate) * 2))
    return file.getvalue()


def wished(world, content, kind="audio/wav"):
    return world.must(201, "editor", "POST", "/uploads", {
        "audiobookId": world.made("To be rejected")["id"], "fileName": "x", "contentType": kind,
        "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}).json


def stored(world, content, before=lambda upload: None, kind="audio/wav"):
    """What the editor is told of a file: the storage's own word on it may come first."""
    upload = wished(world, content, kind)
    before(upload)
    sent = call("PUT", upload["put"]["url"], body=content, headers=upload["put"]["headers"])
    assert sent.status == 200, sent
    path = f"/uploads/{upload['id']}/complete"
    world.shop.eventually("a verdict", lambda: world.ask("editor", "POST", path).json.get("state") != "verifying")
    return world.ask("editor", "POST", path)


@provokes("upload-absent")
def _(world):
    return world.ask("editor", "POST", f"/uploads/{wished(world, sound(2))['id']}/complete")


@provokes("upload-ended")
def _(world):
    upload = wished(world, sound(2))
    world.sql(f"UPDATE production.uploads SET state = 'expired', ended_at = now() WHERE id = '{upload['id']}'")
    return world.ask("editor", "POST", f"/uploads/{upload['id']}/complete")


@provokes("parts-missing")
def _(world):
    return world.ask("editor", "POST", f"/uploads/{world.in_parts()}/complete")


@provokes("not-in-parts")
def _(world):
    return world.ask("editor", "POST", f"/uploads/{wished(world, sound(2))['id']}/parts", {"numbers": [1]})


@provokes("tracks-not-ready")
def _(world):
    upload = world.must(201, "editor", "POST", "/uploads", {
        "audiobookId": world.draft, "fileName": "x", "contentType": "audio/wav", "bytes": 1, "purpose": "track",
        "sha256": hashlib.sha256(b"x").hexdigest()}).json
    return world.ask("editor", "POST", f"/audiobooks/{world.draft}/editions", {"uploadIds": [upload["id"]]})


@provokes("not-audio")
def _(world):
    return stored(world, b"This is no sound at all. " * 100)


@provokes("too-short")
def _(world):
    return stored(world, sound(0.5))


@provokes("too-long")
def _(world):
    """More than a hundred hours, which are small at so low a rate."""
    return stored(world, sound(101 * 3600, rate=4))


@provokes("size-differs")
def _(world):
    return stored(world, sound(2), lambda upload: world.sql(
        f"UPDATE production.uploads SET declared_bytes = declared_bytes + 1 WHERE id = '{upload['id']}'"))


@provokes("checksum-differs")
def _(world):
    return stored(world, sound(2), lambda upload: world.sql(
        f"UPDATE production.uploads SET declared_sha256 = sha256('other') WHERE id = '{upload['id']}'"))


@provokes("not-a-picture")
def _(world):
    return stored(world, b"This is nothing to look at. " * 100, kind="image/png")


@provokes("picture-too-small")
def _(world):
    return stored(world, picture(159, 200), kind="image/png")


@provokes("picture-too-large")
def _(world):
    return stored(world, picture(8001, 160), kind="image/png")


@provokes("no-recording")
def _(world):
    return world.ask("editor", "POST", "/transcription/start", {"audiobookId": world.draft})


@provokes("no-transcript")
def _(world):
    return world.ask("editor", "POST", "/ai/summary", {"audiobookId": world.draft})


@provokes("not-in-review")
def _(world):
    """A text that was given up before it was begun."""
    job = anything()
    world.sql(f"""INSERT INTO production.transcripts (id, edition_id, language)
        SELECT '{job}', current_edition_id, 'en' FROM catalogue.audiobooks WHERE id = '{world.told}';
        UPDATE production.transcripts SET state = 'cancelled' WHERE id = '{job}'""")
    return world.ask("editor", "POST", f"/transcription/{job}/approve")


@provokes("window-too-large")
def _(world):
    book = world.published("All that was ever said", 0)
    job = world.written(book, ["Down"])
    world.sql(f"""INSERT INTO production.transcript_segments (transcript_id, position, start_ms, end_ms, chapter, text,
            language)
        SELECT '{job}', number, 1000, 1000, 1, 'down', 'en' FROM generate_series(2, 20001) AS number""")
    return world.ask("editor", "GET", f"/transcription/{book}?format=vtt")


@provokes("not-a-draft")
def _(world):
    """A summary is wanted, and approved before it is written."""
    summary = anything()
    world.sql(f"""INSERT INTO production.summaries (id, transcript_id, chapter, created_at)
        SELECT '{summary}', transcript.id, 99, now() + interval '1 hour'
        FROM production.transcripts AS transcript JOIN catalogue.audiobooks AS book ON edition_id = current_edition_id
        WHERE book.id = '{world.free}'""")
    return world.ask("editor", "POST", f"/ai/summary/{world.free}/approve", {"summaryId": summary})
