"""Who asks the shop for something, and a shop with something to ask for: one of everything that routes are about."""

import base64
import contextlib
import functools
import hashlib
import io
import json
import subprocess
import urllib.parse
import uuid
import wave

import payment
from shop import call

# In the order of the columns of test_access.py.
KINDS = ("anonymous", "guest", "owner", "other", "editor", "support", "finance", "admin")
STAFF = ("support", "finance", "admin")


class Caller:
    def __init__(self, kind, token=None, cookie=None):
        self.kind, self.token, self.cookie = kind, token, cookie


class World:
    """Books, orders and what came of making them, and everybody's sign-in."""

    def __init__(self, shop):
        self.shop, self.uploads = shop, {}
        self.tokens = {"editor": shop.sign_in("editor"), "owner": shop.sign_in("ada"), "other": shop.sign_in("ben")}
        shop.eventually(
            "the signing keys", lambda: self.ask("owner", "GET", "/library").status == 200)
        for role in STAFF:
            self.tokens[role] = shop.sign_in(f"{role}@earshelf.example")
        grant(shop, {role: self.tokens[role] for role in STAFF})

    # What is asked for is made when it is first needed.

    @functools.cached_property
    def draft(self):
        return self.made("A draft")["id"]

    @functools.cached_property
    def free(self):
        return self.published("A free book", 0)

    @functools.cached_property
    def sold(self):
        return self.published("A book that is sold", 1499)

    @functools.cached_property
    def order(self):
        """Of the free book, which is the owner's by it."""
        return self.ordered([self.free])["orderId"]

    @functools.cached_property
    def pending(self):
        return self.ordered([self.sold])["orderId"]

    @property
    def upload(self):
        return self.uploads[self.free]

    @property
    def ids(self):
        """What may stand at a variable of a path."""
        return {
            "order": [self.order, self.pending], "audiobook": [self.free, self.sold, self.draft],
            "upload": [self.upload]}

    @property
    def psql(self):
        socket = self.shop.state / "postgres" / "socket"
        return ["psql", "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h", str(socket), "-U", "earshelf", "earshelf"]

    def sql(self, statement):
        """For what no request can bring about: an outage, another's fault, time that has passed."""
        done = subprocess.run([*self.psql, "-c", statement], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @contextlib.contextmanager
    def unlimited(self):
        """Whatever is counted of callers in the database is forgotten at once, again and again."""
        with subprocess.Popen(self.psql, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as forgetting:
            forgetting.stdin.write("DELETE FROM plumbing.rate_limits \\watch 0.1\n")
            forgetting.stdin.flush()
            try:
                yield
            finally:
                forgetting.terminate()

    def caller(self, kind):
        return Caller(kind, self.tokens.get(kind))

    def ask(self, kind, method, path, body=None, **options):
        """`path` below /api/v1, or as it is where it names no such place."""
        return self.shop.api(method, path, body, token=self.tokens.get(kind), **options)

    def must(self, status, kind, method, path, body=None, **options):
        answer = self.ask(kind, method, path, body, **options)
        assert answer.status == status, (method, path, answer)
        return answer

    def made(self, title):
        return self.must(201, "editor", "POST", "/audiobooks", {
            "title": title, "language": "en", "people": [{"name": "Lewis Carroll", "role": "author"}]}).json

    def published(self, title, minor_units):
        book = self.made(title)["id"]
        self.uploads[book] = self.recorded(book)
        self.change(book, {"price": {"minorUnits": minor_units, "currency": "EUR"}, "state": "published"})
        return book

    def change(self, book, wish):
        """Others, such as the making of a sample, change it meanwhile: then it is asked for again."""
        def changed():
            page = self.must(200, "editor", "GET", f"/audiobooks/{book}")
            answer = self.ask("editor", "PATCH", f"/audiobooks/{book}", wish, version=page.headers["etag"])
            assert answer.status in (200, 412), answer
            return answer.status == 200
        self.shop.eventually("the change", changed, patience_seconds=10)

    def recorded(self, book):
        """Two seconds of silence, and a different two for each book."""
        file = io.BytesIO()
        with wave.open(file, "wb") as recording:
            recording.setparams((1, 2, 8000, 0, "NONE", "none"))
            recording.writeframes(hashlib.sha256(book.encode()).digest() + bytes(31968))
        sound = file.getvalue()
        wish = self.must(201, "editor", "POST", "/uploads", {
            "audiobookId": book, "fileName": "silence.wav", "contentType": "audio/wav", "bytes": len(sound),
            "sha256": hashlib.sha256(sound).hexdigest()}).json
        put = wish["put"]
        sent = call("PUT", put["url"], body=sound, headers=put["headers"])
        assert sent.status == 200, sent
        self.shop.eventually("the recording", lambda: self.ask(
            "editor", "POST", f"/uploads/{wish['id']}/complete").json.get("state") == "ready")
        return wish["id"]

    def ordered(self, books, kind="owner"):
        self.must(200, kind, "POST", "/cart/clear")
        for book in books:
            self.must(200, kind, "POST", "/cart/items", {"audiobookId": book})
        return self.must(201, kind, "POST", "/checkout").json

    def bought(self, books, kind="owner", **means):
        """Ordered, paid for on Stripe's page, and told of by Stripe."""
        order = self.ordered(books, kind)
        pay(order, **means)
        self.shop.eventually("the books", lambda: all(
            self.ask(kind, "GET", f"/library/{book}").status == 200 for book in books))
        return order["orderId"]


def pay(order, **means):
    """As somebody does it in a browser, with Stripe's test card unless another means is named."""
    form = payment.CARD | means
    answer = call("POST", order["payAt"], body=urllib.parse.urlencode(form).encode(),
                  headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status == 303, answer


def grant(shop, tokens):
    """As whoever deploys gives people their roles."""
    grants = [{"subject": subject(token), "role": role} for role, token in tokens.items()]
    answer = call(
        "POST", shop.addresses["lambda"] + "/2015-03-31/functions/Migrate/invocations", body={"grants": grants})
    assert answer.json["granted"] == len(grants), answer


def subject(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"]


def anything():
    return str(uuid.uuid4())
