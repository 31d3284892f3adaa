"""The journey of a book of hours, for `./build.sh demo --long`: sent in parts by a client that is killed half way and by another
that goes on, planned, heard by as many environments as the template allows, of which one is killed, found and heard again.
With `--faults` the speech service fails on purpose instead: a tenth of all calls, 429 in bursts, nobody there for a minute."""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse
import uuid

import recording
from shop import ROOT, Client, call
from steps import Steps

sys.path.append(str(ROOT / "Tests" / "Conformance"))
import processes  # noqa: E402

PART = 5 << 20
# Each text is spoken by each of them, faster and slower: no two neighbours are alike, and an hour is made in a minute.
VOICES = [(voice, stretch) for stretch in (1, 1.15) for voice in ("rms", "slt", "awb")]


def make(folder, hours):
    """An M4B of so many hours, in chapters of three minutes; answers its path and what is said in each chapter."""
    folder = pathlib.Path(folder) / f"{hours}h"
    folder.mkdir(parents=True, exist_ok=True)
    text = " ".join(body for _, body in recording.chapters())
    (folder / "text.txt").write_text(text)
    for voice, stretch in VOICES:
        part = folder / f"{voice}-{stretch}.wav"
        if not part.exists():
            recording.run("flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-f", folder / "text.txt", "-o",
                          folder / "new.wav")
            recording.run("ffmpeg", "-y", "-i", folder / "new.wav", "-ar", "22050", "-ac", "1", folder / "made.wav")
            (folder / "made.wav").rename(part)
    book, said, start = folder / "book.m4b", [], 0
    parts, notes = [], [";FFMETADATA1", "title=A Long Afternoon", "artist=Lewis Carroll"]
    while start < hours * 3_600_000:
        voice, stretch = VOICES[len(said) % len(VOICES)]
        opening = f"Here begins chapter number {len(said) + 1} of a long afternoon."
        intro = folder / f"intro-{len(said)}.wav"
        if not intro.exists():
            recording.run("flite", "-voice", voice, "-t", opening, "-o", folder / "new.wav")
            recording.run("ffmpeg", "-y", "-i", folder / "new.wav", "-ar", "22050", "-ac", "1", folder / "made.wav")
            (folder / "made.wav").rename(intro)
        spoken = [intro, folder / f"{voice}-{stretch}.wav"]
        end = start + sum(recording.duration_ms(part) for part in spoken)
        parts += [f"file '{part}'" for part in spoken]
        said.append(opening + " " + text)
        notes += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}", f"title=Chapter {len(said)}"]
        start = end
    if not book.exists():
        (folder / "parts.txt").write_text("\n".join(parts) + "\n")
        (folder / "notes.txt").write_text("\n".join(notes) + "\n")
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-f", "concat", "-safe", "0", "-i", str(folder / "parts.txt"), "-i",
             str(folder / "notes.txt"), "-map", "0:a", "-map_metadata", "1", "-c:a", "aac", "-b:a", "64k", "-f", "mp4",
             str(folder / "unfinished")], check=True, timeout=3600)
        (folder / "unfinished").rename(book)
    return book, said


def send(shop, token, upload, file):
    """What a client does who knows the file and the upload: asks what is there, and sends the rest, one part at a time."""
    state = shop.api("GET", f"/uploads/{upload}", token=token).json["parts"]
    with open(file, "rb") as body:
        for number in sorted(set(range(1, state["count"] + 1)) - set(state["stored"])):
            [part] = shop.api("POST", f"/uploads/{upload}/parts", {"numbers": [number]}, token=token).json["parts"]
            body.seek(part["offset"])
            headers = {name: value for name, value in part["headers"].items() if name != "content-length"}
            answer = call(part["method"], part["url"], body=body.read(part["bytes"]), headers=headers)
            assert answer.status == 200, answer
            print(number, flush=True)


class LongJourney(Steps):
    def __init__(self, shop, state, book, said, faults):
        super().__init__(shop)
        self.state, self.file, self.said, self.faults = state, book, said, faults
        self.duration = recording.duration_ms(book)

    def upload(self):
        self.editor = self.shop.sign_in("editor")
        self.customer = self.shop.sign_in(f"ada-{uuid.uuid4().hex[:8]}@earshelf.example")
        self.shop.eventually(
            "the signing keys", lambda: self.shop.api("GET", "/cart", token=self.customer).status == 200)
        wish = {"title": "A Long Afternoon", "language": "en", "people": [{"name": "Lewis Carroll", "role": "author"}]}
        self.book = self.expect(self.shop.api("POST", "/audiobooks", wish, token=self.editor), 201)["id"]
        body = self.file.read_bytes()
        parts = [hashlib.sha256(body[start:start + PART]).hexdigest() for start in range(0, len(body), PART)]
        upload = self.expect(self.shop.api("POST", "/uploads", {
            "audiobookId": self.book, "fileName": "book.m4b", "contentType": "audio/mp4", "bytes": len(body),
            "parts": {"bytes": PART, "sha256": parts}}, token=self.editor), 201)["id"]
        command = [sys.executable, __file__, json.dumps(self.shop.addresses), self.editor, upload, str(self.file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
            for _ in range(len(parts) // 2):
                first.stdout.readline()
            first.kill()
        stored = self.shop.api("GET", f"/uploads/{upload}", token=self.editor).json["parts"]["stored"]
        assert len(parts) // 2 <= len(stored) < len(parts), stored
        sent = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stdout.split()
        assert len(sent) == len(parts) - len(stored), (sent, stored)
        self.step("sent in parts", f"{len(body):,} bytes; killed after {len(stored)} of {len(parts)}, another sent {len(sent)}")
        self.shop.api("POST", f"/uploads/{upload}/complete", token=self.editor)
        self.shop.eventually("the recording", lambda: self.shop.api(
            "GET", f"/uploads/{upload}", token=self.editor).json["state"] == "ready", 600)
        self.step("accepted", f"{self.duration / 3_600_000:.2f} h and {len(self.said)} chapters")

    def job(self):
        return self.shop.api("GET", f"/transcription/{self.book}?limit=1", token=self.editor).json["job"]

    def plan(self):
        def planned():
            return re.search(r'"message":"transcript planned","requestId":"([^"]+)"', self.shop.log())
        request = self.shop.eventually("the plan", planned).group(1)
        took = self.shop.eventually("its report", lambda: re.search(
            rf"REPORT RequestId: {request}\tDuration: ([\d.]+) ms", self.shop.log()))
        assert float(took.group(1)) < 1000, took.group(0)
        self.step("planned", f"{self.job()['chunks']} chunks in {took.group(1)} ms of the function, without reading any of it")

    def fail(self):
        faults = [
            {"kind": "status", "status": 429, "retryAfterSeconds": 5, "path": "/transcriptions", "times": 3},
            {"kind": "status", "status": 503, "path": "/transcriptions", "forSeconds": 60},
            {"kind": "status", "status": 500, "path": "/transcriptions", "every": 10}]
        self.expect(call("PUT", self.shop.addresses["openai"] + "/faults", body=json.dumps(faults).encode()), 200)
        self.step("the speech service fails", "429 three times, then a minute of 503, and a tenth of all calls after")

    def hear(self):
        seen, killed, waits = set(), None, set()

        def ready():
            nonlocal killed
            alive = processes.environments(self.state, "Transcribe")
            seen.add(len(alive))
            job = self.job()
            status = self.shop.api("GET", f"/transcription/{job['jobId']}/status", token=self.editor).json
            waits.add(status.get("waitsFor"))
            if not self.faults and killed is None and job["chunksDone"] >= job["chunks"] // 3 and alive:
                processes.kill(alive[:1])
                killed = job["chunksDone"]
            assert job["state"] != "failed", job
            return job["state"] == "ready" and job
        job = self.shop.eventually("the text", ready, 7200)
        proof = f"by up to {max(seen)} environments"
        if self.faults:
            told = call("GET", self.shop.addresses["openai"] + "/faults").json
            answered = told["answered"]["/v1/audio/transcriptions"]
            assert answered == job["chunks"], told
            # Whole seconds of each chunk, at 100 millionths of a dollar.
            spent, seconds = job["cost"]["spentMicrodollars"], self.duration // 1000
            assert seconds * 100 <= spent <= (seconds + job["chunks"]) * 100, (spent, seconds)
            assert {"throttled", "unavailable"} <= waits, waits
            proof = f"{told['asked']} calls, {answered} answered and paid for: ${spent / 1e6:.4f}"
        else:
            assert killed is not None, "none was killed"
            proof += f", one killed after {killed} of {job['chunks']} chunks"
        self.step("transcribed", proof)

    def compare(self):
        self.segments, path = [], f"/transcription/{self.book}?limit=1000"
        cursor = ""
        while True:
            page = self.expect(self.shop.api("GET", path + cursor, token=self.editor), 200)
            self.segments += page["segments"]
            if "next" not in page:
                break
            cursor = "&cursor=" + urllib.parse.quote(page["next"])
        for one, next in zip(self.segments, self.segments[1:]):
            assert one["endMilliseconds"] <= next["startMilliseconds"], (one, next)
        errors = []
        for number, said in enumerate(self.said, 1):
            heard = " ".join(segment["text"] for segment in self.segments if segment["chapter"] == number)
            errors.append(recording.word_error(recording.words(heard), recording.words(said)))
        # What was left out or heard twice anywhere would be seen in its chapter.
        assert max(errors) < 0.4, [f"{error:.2f}" for error in errors]
        self.step("compared, chapter by chapter", f"word error {sum(errors) / len(errors):.1%}, at most {max(errors):.1%}")

    def find(self):
        path = f"/audiobooks/{self.book}"
        wish = {"price": {"minorUnits": 0, "currency": "EUR"}, "state": "published"}
        etag = self.shop.api("GET", path, token=self.editor).headers["etag"]
        self.expect(self.shop.api("PATCH", path, wish, token=self.editor, version=etag), 200)
        self.expect(self.shop.api("POST", "/cart/items", {"audiobookId": self.book}, token=self.customer), 200)
        self.expect(self.shop.api("POST", "/checkout", self.shop.agreed(), token=self.customer), 201)
        self.shop.eventually("the book in the library", lambda: self.shop.api(
            "GET", "/library", token=self.customer).json["items"])
        middle = [segment for segment in self.segments if segment["chapter"] == len(self.said) // 2]
        segment = next(segment for segment in middle if len(segment["words"]) > 5)
        phrase = " ".join(word["text"] for word in segment["words"][1:5])
        moment, moments, cursor = segment["words"][1]["startMilliseconds"], [], ""
        while moment not in moments:
            page = self.expect(self.shop.api(
                "GET", f"/library/{self.book}/search?q=" + urllib.parse.quote_plus(f'"{phrase}"') + cursor,
                token=self.customer), 200)
            moments += [passage["milliseconds"] for passage in page["items"]]
            assert moment in moments or "next" in page, (phrase, moment, moments)
            cursor = "&cursor=" + urllib.parse.quote(page.get("next", ""))
        stream = self.expect(self.shop.api("POST", f"/library/{self.book}/stream", token=self.customer), 200)
        heard = recording.recognised(
            stream["tracks"][0]["url"], moment, 10, self.shop.addresses["openai"], self.state)
        assert sum(word in heard for word in phrase.split()) >= 2, (phrase, heard)
        self.step("a sentence of the middle is found", f"'{phrase}' at {moment / 1000:.2f} s, and heard there again")

    def all(self):
        if self.faults:
            self.fail()
        for part in (self.upload, self.plan, self.hear, self.compare, self.find):
            part()


if __name__ == "__main__":
    addresses, token, upload, file = sys.argv[1:]
    send(Client(json.loads(addresses)), token, upload, file)
