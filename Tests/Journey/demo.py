"""The journey of one recording, from an editor's disk to a listener's ear, on the whole platform: each step says what
proves it. Run it by `./build.sh demo`; it starts a shop of its own and stops it."""

import argparse
import hashlib
import pathlib
import subprocess
import sys
import tempfile
import urllib.parse
import uuid

import long
import payment
import recording
from shop import EMULATOR, ROOT, Shop, call
from steps import Steps


class Journey(Steps):
    def __init__(self, shop, book):
        super().__init__(shop)
        self.file = book
        self.sha256 = hashlib.sha256(book.read_bytes()).hexdigest()
        self.editor = self.customer = self.other = None

    def sign_in(self):
        # Each journey has customers of its own, who own nothing yet.
        mark = uuid.uuid4().hex[:8]
        self.editor = self.shop.sign_in("editor")
        self.customer = self.shop.sign_in(f"ada-{mark}@earshelf.example")
        self.other = self.shop.sign_in(f"ben-{mark}@earshelf.example")
        answer = self.shop.eventually(
            "the signing keys", lambda: (a := self.shop.api("GET", "/cart", token=self.customer)).status == 200 and a)
        self.step("sign in", f"an editor and two customers; the cart holds {len(answer.json['items'])} books")

    def create(self):
        key = str(uuid.uuid4())
        wish = {
            "title": "Down the Rabbit-Hole", "language": "en", "description": "The beginning of a long afternoon.",
            "people": [{"name": "Lewis Carroll", "role": "author"}, {"name": "rms", "role": "narrator"}]}
        answer = self.shop.api("POST", "/audiobooks", wish, token=self.editor, key=key)
        self.book = self.expect(answer, 201)["id"]
        again = self.shop.api("POST", "/audiobooks", wish, token=self.editor, key=key)
        assert self.expect(again, 201)["id"] == self.book, "the same request made two books"
        self.step("create the audiobook", f"{answer.json['slug']}; asked twice, made once")

    def upload(self):
        answer = self.shop.api(
            "POST", "/uploads", {
                "audiobookId": self.book, "fileName": self.file.name, "contentType": "audio/mp4",
                "bytes": self.file.stat().st_size, "sha256": self.sha256}, token=self.editor)
        self.upload_id = self.expect(answer, 201)["id"]
        put = answer.json["put"]
        headers = [part for name, value in put["headers"].items() if name != "content-length"
                   for part in ("-H", f"{name}: {value}")]
        status = subprocess.run(
            ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-T", str(self.file), *headers, put["url"]],
            check=True, capture_output=True, text=True, timeout=120).stdout
        assert status == "200", f"the storage answered {status}"
        self.step("PUT straight to the storage", f"{self.file.stat().st_size:,} bytes by curl, signed for that size")
        state = lambda: self.shop.api("GET", f"/uploads/{self.upload_id}", token=self.editor).json["state"]
        self.shop.eventually("the storage event", lambda: state() == "ready")
        self.step("the storage event arrives", "the upload became ready without the browser's word")
        done = self.shop.api("POST", f"/uploads/{self.upload_id}/complete", token=self.editor)
        assert self.expect(done, 200)["state"] == "ready"
        self.step("the browser says so too", "200, and nothing changed")

    def inspect(self):
        book = self.expect(self.shop.api("GET", f"/audiobooks/{self.book}", token=self.editor), 200)
        titles = [chapter["title"] for chapter in book["chapters"]]
        assert titles == [title for title, _ in recording.chapters()], titles
        expected = recording.duration_ms(self.file)
        assert abs(book["durationMilliseconds"] - expected) < 100, (book["durationMilliseconds"], expected)
        self.step("duration and chapters", f"{expected / 1000:.1f} s and {len(titles)} chapters, as ffprobe reads them")

    def transcribe(self):
        job = lambda: self.shop.api("GET", f"/transcription/{self.book}?limit=1000", token=self.editor)
        answer = self.shop.eventually("the transcript", lambda: (a := job()).json["job"]["state"] == "ready" and a, 300)
        self.segments = answer.json["segments"]
        heard = recording.words(" ".join(segment["text"] for segment in self.segments))
        error = recording.word_error(heard, recording.spoken_words())
        assert error < 0.25, f"word error {error:.1%}"
        job_id = answer.json["job"]["jobId"]
        status = self.expect(self.shop.api("GET", f"/transcription/{job_id}/status", token=self.editor), 200)
        assert status["percent"] == 100, status
        self.step("transcribed", f"{len(heard)} words, word error {error:.1%}")

    def summarise(self):
        chapters = len(recording.chapters())
        drafts = lambda: self.shop.api("GET", f"/ai/summary/{self.book}?state=draft", token=self.editor).json["items"]
        written = self.shop.eventually(
            "the summaries", lambda: (found := drafts()) and len(found) == chapters + 1 and found)
        assert self.shop.api("GET", f"/audiobooks/{self.book}", token=self.editor).json.get("summary") is None
        for draft in written:
            answer = self.shop.api(
                "POST", f"/ai/summary/{self.book}/approve", {"summaryId": draft["id"]}, token=self.editor)
            assert self.expect(answer, 200)["state"] == "approved"
        [whole] = [draft for draft in written if "chapter" not in draft]
        cost = sum(draft["cost"]["microdollars"] for draft in written) / 1e6
        self.step("summarised and approved", f"{chapters} chapters, and of them the whole, by {whole['model']} for ${cost:.4f}")

    def publish(self):
        path = f"/audiobooks/{self.book}"
        assert self.shop.api("GET", path).status == 404, "a draft is seen by strangers"
        book = self.shop.api("GET", path, token=self.editor)
        wish = {"price": {"minorUnits": 1499, "currency": "EUR"}, "state": "published"}
        changed = self.shop.api("PATCH", path, wish, token=self.editor, version=book.headers["etag"])
        assert self.expect(changed, 200)["state"] == "published"
        stale = self.shop.api("PATCH", path, wish, token=self.editor, version=book.headers["etag"])
        assert stale.status == 412, stale
        self.slug = changed.json["slug"]
        self.step("priced and published", "14.99 EUR; a stale change is refused with 412")

    def find_and_buy(self):
        found = self.expect(self.shop.api("GET", "/audiobooks?q=rabbit&sort=newest"), 200)["items"]
        assert self.book in [listing["id"] for listing in found]
        page = self.expect(self.shop.api("GET", f"/audiobooks/{self.slug}"), 200)
        assert page["summary"] and page["price"]["minorUnits"] == 1499
        self.step("a customer finds it", f"{len(found)} by 'rabbit'; the page shows price and summary")
        cart = self.expect(
            self.shop.api("POST", "/cart/items", {"audiobookId": self.book}, token=self.customer), 200)
        assert cart["total"]["minorUnits"] == 1499
        key = str(uuid.uuid4())
        agreed = self.shop.agreed()
        order = self.expect(self.shop.api("POST", "/checkout", agreed, token=self.customer, key=key), 201)
        again = self.expect(self.shop.api("POST", "/checkout", agreed, token=self.customer, key=key), 201)
        assert (order["orderId"], order["payAt"]) == (again["orderId"], again["payAt"]), "two orders of one wish"
        self.step("cart and checkout", "one order, one page to pay on, asked twice")
        self.pay(order["payAt"])

    def pay(self, address):
        answer = payment.pay(address)
        assert answer.status == 303 and self.shop.addresses["shop"] in answer.headers["location"], answer
        self.step("paid on the hosted page", f"sent back to {urllib.parse.urlsplit(answer.headers['location']).path}")

    def listen(self):
        owned = lambda: self.shop.api("GET", "/library", token=self.customer).json["items"]
        items = self.shop.eventually("the book in the library", owned)
        assert [item["audiobookId"] for item in items] == [self.book]
        self.step("the signed webhook arrives", "the library shows the book")
        stream = self.expect(self.shop.api("POST", f"/library/{self.book}/stream", token=self.customer), 200)
        track, size = stream["tracks"][0], self.file.stat().st_size
        pieces = []
        for start in range(0, size, 300_000):
            end = min(start + 300_000, size) - 1
            piece = call("GET", track["url"], headers={"range": f"bytes={start}-{end}"})
            assert piece.status == 206 and piece.headers["content-range"] == f"bytes {start}-{end}/{size}", piece
            pieces.append(piece.body)
        assert hashlib.sha256(b"".join(pieces)).hexdigest() == self.sha256
        self.step("Range requests play it", f"{len(pieces)} ranges make up the file")
        download = self.expect(self.shop.api("POST", f"/library/{self.book}/download", token=self.customer), 200)
        file = call("GET", download["tracks"][0]["url"])
        assert hashlib.sha256(file.body).hexdigest() == self.sha256 and "attachment" in file.headers["content-disposition"]
        self.step("downloaded", f"SHA-256 {self.sha256[:16]}… is the upload's")

    def read(self):
        segment = self.segments[len(self.segments) // 2]
        place = len(segment["words"]) // 2 - 1
        phrase = " ".join(word["text"] for word in segment["words"][place:place + 3])
        path = "/search/passages?q=" + urllib.parse.quote_plus(f'"{phrase}"')
        found = self.expect(self.shop.api("GET", path, token=self.customer), 200)["items"]
        moments = [passage["milliseconds"] for passage in found]
        assert segment["words"][place]["startMilliseconds"] in moments, (phrase, found)
        assert self.expect(self.shop.api("GET", path, token=self.other), 200)["items"] == []
        self.step("a phrase is looked for", f"'{phrase}' at {moments[0] / 1000:.2f} s; who does not own it finds nothing")
        file = self.shop.api("GET", f"/library/{self.book}/transcript?format=vtt", token=self.customer)
        assert file.status == 200 and file.body.decode().count(" --> ") == len(self.segments), file
        self.step("the words are read along", f"{len(self.segments)} cues of WebVTT, with a time for each word")

    def recall(self):
        page = self.expect(self.shop.api("GET", f"/library/{self.book}", token=self.customer), 200)
        end = page["chapters"][1]["endMilliseconds"]
        for place, chapters in [(end - 1, 1), (end, 2)]:
            seek = {"move": "seek", "positionMilliseconds": place, "device": {"id": "demo"}}
            self.expect(self.shop.api("PUT", f"/library/{self.book}/position", seek, token=self.customer), 200)
            told = self.expect(self.shop.api("GET", f"/library/{self.book}/recap", token=self.customer), 200)["chapters"]
            assert [chapter["title"] for chapter in told] == [title for title, _ in recording.chapters()[:chapters]]
            assert all(chapter["summary"] for chapter in told), told
        self.step("the story so far", f"at {end} ms {len(told)} chapters; one millisecond before, one")

    def refuse(self):
        answer = self.shop.api("POST", f"/library/{self.book}/stream", token=self.other)
        assert answer.status == 403 and answer.json["type"] == "not-entitled", answer
        self.step("another customer listens", "403 not-entitled")
        answer = self.shop.api("POST", "/cart/items", {"audiobookId": self.book}, token=self.customer)
        assert answer.status == 409 and answer.json["type"] == "already-owned", answer
        self.step("the first buys it again", "409 already-owned")

    def all(self):
        for part in (self.sign_in, self.create, self.upload, self.inspect, self.transcribe, self.summarise, self.publish,
                     self.find_and_buy, self.listen, self.read, self.recall, self.refuse):
            part()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--emulator", default=EMULATOR)
    options.add_argument("--temporary", action="store_true", help="keep nothing")
    options.add_argument("--long", action="store_true", help="a book of hours, in half an hour or so")
    options.add_argument("--hours", type=float, default=3, help="how long the long one is")
    options.add_argument("--faults", action="store_true", help="with a speech service that fails: --long alone")
    options = options.parse_args()
    if options.faults and not options.long:
        sys.exit("demo: --faults goes with --long")
    with tempfile.TemporaryDirectory(prefix="earshelf-demo-") as temporary:
        state = pathlib.Path(temporary) if options.temporary else ROOT / ".earshelf" / "demo"
        print(f"  recording {f'{options.hours:g} hours' if options.long else 'three minutes'} of audio …", flush=True)
        if options.long:
            book, said = long.make(ROOT / ".earshelf" / "recordings", options.hours)
        else:
            book = recording.make(state / "recording")
        # How long a function took is said at this level.
        with Shop(options.emulator, state, arguments=["--log-level", "debug"] if options.long else []) as shop:
            print(f"  the shop is up after {shop.seconds_to_start:.1f} s at {shop.addresses['shop']}", flush=True)
            if options.long:
                long.LongJourney(shop, state, book, said, options.faults).all()
            else:
                Journey(shop, book).all()
        assert shop.process.returncode == 0, f"the shop ended with {shop.process.returncode}"
    print("  every step is proven, and the shop has ended")


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, RuntimeError) as failure:
        sys.exit(f"demo: {failure}")
    except KeyboardInterrupt:
        sys.exit("demo: ended, and the shop with it")
