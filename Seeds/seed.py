"""Fills a new shop with books, through its own API, as an editor would: `./build.sh run` starts this once all is up.

Said again it does nothing; interrupted, it goes on where it was. It is told of the shop by `EARSHELF_ADDRESSES` (as the
ready file has them) and `EARSHELF_STATE`.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import signal
import sys
import time
import unicodedata

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Tests/Journey"))

import covers  # noqa: E402
import payment  # noqa: E402
import recordings  # noqa: E402
from shop import Client, call  # noqa: E402

CURRENCIES = ("EUR", "USD", "GBP")
# What the demo customer has bought, and where she is in it.
ADA = {"A Christmas Carol": 0.3, "The Time Machine": 0.6, "A Study in Scarlet": 0.45, "Walden": 1}


def main():
    signal.signal(signal.SIGTERM, end_with_children)
    os.nice(10)
    state = pathlib.Path(os.environ["EARSHELF_STATE"]) / "seeds"
    done = state / "done"
    if done.exists():
        return
    shop = Client(json.loads(os.environ["EARSHELF_ADDRESSES"]))
    if "identity" not in shop.addresses:
        print("No books are put in: nobody can sign in here without a password.", flush=True)
        return
    books = yaml.safe_load((HERE / "books.yaml").read_text())
    state.mkdir(parents=True, exist_ok=True)
    print(f"{len(books['books'])} books are being put on the shelf in the background …", flush=True)
    begun = time.monotonic()
    editor = Editor(shop)
    editor.wait_for_keys()
    editor.shelve(books)
    editor.bring(books["books"], state)
    owned = customer(shop, editor)
    done.touch()
    for missing in sorted(editor.missing):
        print(f"The shop has no {missing} yet: the books are without.", flush=True)
    print(f"{len(books['books'])} books are on the shelf after {time.monotonic() - begun:.0f} s; ada owns {owned} of them.",
          flush=True)


def end_with_children(*_):
    """Whatever reads or converts at the moment is of our group, and nobody else is."""
    os.killpg(0, signal.SIGKILL)


class Refused(Exception):
    """An answer that no seed can mend."""


def expect(answer, *statuses):
    if answer.status not in statuses:
        raise Refused(answer)
    return answer.json if answer.body else None


def slug(title):
    """As the shop names a book after its title, in addresses."""
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", title.lower()) if not unicodedata.combining(c) and c not in "'\u2019")
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")


class Editor:
    def __init__(self, shop):
        self.shop, self.missing = shop, set()
        self.token = shop.sign_in("editor")
        self.ids = {}

    def wait_for_keys(self):
        """Tokens are taken from the moment the relay has fetched the keys to verify them by."""
        self.shop.eventually("the signing keys", lambda: self.ask("GET", "/library").status == 200)

    def ask(self, method, path, body=None, **more):
        """Told to wait, it waits."""
        while (answer := self.shop.api(method, path, body, token=self.token, **more)).status == 429:
            time.sleep(float(answer.headers.get("retry-after", 1)))
        return answer

    # Categories and series

    def shelve(self, books):
        self.categories = {}
        for name, below in books["categories"].items():
            top = self.category(name)
            for child, grandchildren in below.items():
                middle = self.category(child, top)
                for grandchild in grandchildren:
                    self.category(grandchild, middle)
        self.series = {name: self.named("series", {"name": name, "description": text})
                       for name, text in books["series"].items()}

    def category(self, name, parent=None):
        made = self.named("categories", {"name": name} | ({"parentId": parent} if parent else {}))
        self.categories[name] = made
        return made

    def named(self, kind, wish):
        """The id of what has this name; made, if nothing has."""
        found = self.ask("GET", f"/{kind}/{slug(wish['name'])}")
        if found.status == 200:
            return found.json["id"]
        made = self.ask("POST", f"/{kind}", wish, key=f"seed-{kind}-{slug(wish['name'])}-{'0' * 16}")
        if made.status == 404:
            self.missing.add(kind)
            return None
        return expect(made, 200, 201)["id"]

    # Books

    def bring(self, books, state):
        """While one is sent, the next is read aloud."""
        with concurrent.futures.ThreadPoolExecutor(1) as reader:
            read = {book["title"]: reader.submit(
                recordings.make, book, covers.draw, state / f"{slug(book['title'])}.m4b")
                for book in books if book.get("chapters")}
            try:
                for book in books:
                    self.bring_one(book, read.get(book["title"]))
            finally:
                reader.shutdown(cancel_futures=True)

    def bring_one(self, book, recording):
        page = self.ask("GET", f"/audiobooks/{slug(book['title'])}")
        if page.status == 404:
            page = self.ask("POST", "/audiobooks", self.description(book),
                            key=f"seed-book-{slug(book['title'])}-{'0' * 16}")
        known = expect(page, 200, 201)
        self.ids[book["title"]] = known["id"]
        wanted = book.get("state", "published")
        if known["state"] != "draft" or wanted == "draft" and known.get("price"):
            return
        if recording and not known.get("durationMilliseconds"):
            self.send(known["id"], recording.result())
        for currency, amount in zip(CURRENCIES, book["prices"]):
            self.change(known["id"], {"price": {"minorUnits": amount, "currency": currency}})
        if wanted != "draft":
            files = {"exports": ["m4b", "epub"]} if recording else {}
            self.change(known["id"], {"state": "published"} | files)
        if wanted == "unlisted":
            self.change(known["id"], {"state": "unlisted"})

    def description(self, book):
        people = [{"name": name, "role": "author"} for name in book["people"]]
        people += [{"name": name, "role": "translator"} for name in book.get("translators", [])]
        if book.get("chapters"):
            people.append({"name": recordings.voice(book)[2], "role": "narrator"})
        wish = {"title": book["title"], "language": book.get("language", "en"), "people": people,
                "description": f"{book['about']}\n\n{book['year']}"}
        if "subtitle" in book:
            wish["subtitle"] = book["subtitle"]
        categories = [self.categories[name] for name in book["categories"]]
        if None not in categories:
            wish["categories"] = [{"id": category} for category in categories]
        place = book.get("series")
        if place and self.series[place["name"]]:
            wish["series"] = [{"id": self.series[place["name"]], "label": place["label"]}]
        return wish

    def send(self, book, file):
        body = file.read_bytes()
        upload = expect(self.ask("POST", "/uploads", {
            "audiobookId": book, "fileName": file.name, "contentType": "audio/mp4", "bytes": len(body),
            "sha256": hashlib.sha256(body).hexdigest()}), 201)
        headers = {name: value for name, value in upload["put"]["headers"].items() if name != "content-length"}
        expect(call("PUT", upload["put"]["url"], body=body, headers=headers), 200)
        state = lambda: self.ask("GET", f"/uploads/{upload['id']}").json.get("state")  # noqa: E731
        if self.shop.eventually(f"the recording {file.name}", lambda: (s := state()) in ("ready", "rejected") and s) != "ready":
            raise Refused(f"{file.name} was rejected")

    def change(self, book, wish):
        """Others, such as the making of a sample, change the book meanwhile: then on the version they made of it."""
        for _ in range(10):
            version = self.ask("GET", f"/audiobooks/{book}").headers["etag"]
            changed = self.ask("PATCH", f"/audiobooks/{book}", wish, version=version)
            if changed.status != 412:
                return expect(changed, 200)
        raise Refused(changed)


def customer(shop, editor):
    """Buys as anybody does, pays on the hosted page, and listens a little. What was done before is not done again."""
    token = shop.sign_in("ada")
    books = {editor.ids[title]: part for title, part in ADA.items()}
    owned = lambda: {book["audiobookId"]: book for book in expect(  # noqa: E731
        shop.api("GET", "/library?limit=100", token=token), 200)["items"]}
    missing = [book for book in books if book not in owned()]
    if missing and "stripe" in shop.addresses:
        expect(shop.api("POST", "/cart/clear", {}, token=token), 200, 204)
        for book in missing:
            expect(shop.api("POST", "/cart/items", {"audiobookId": book}, token=token), 200, 201, 409)
        order = expect(shop.api("POST", "/checkout", shop.agreed(), token=token), 200, 201)
        if order.get("payAt"):
            expect(payment.pay(order["payAt"]), 303)
        shop.eventually("ada's books", lambda: set(books) <= set(owned()))
    mine = owned()
    for book in set(books) & set(mine):
        if "progress" not in mine[book]:
            place = round(books[book] * mine[book]["durationMilliseconds"])
            report = {"move": "sync", "positionMilliseconds": place, "baseVersion": 0, "playedFromMilliseconds": 0,
                      "device": {"id": "demo-phone", "name": "Ada's phone"}}
            expect(shop.api("PUT", f"/library/{book}/position", report, token=token), 200)
    return len(mine)



if __name__ == "__main__":
    try:
        main()
    except (Refused, AssertionError, OSError, KeyError) as failure:
        sys.exit(f"The shelf is not full yet; the next start goes on. ({failure!r:.300})")
