"""Who asks the shop for something, and a shop with something to ask for: one of everything that routes are about."""

import base64
import contextlib
import datetime
import functools
import hashlib
import io
import json
import struct
import subprocess
import urllib.parse
import uuid
import wave
import zlib

import payment
import stripe
from shop import call

# In the order of the columns of test_access.py.
KINDS = ("anonymous", "guest", "owner", "other", "editor", "support", "finance", "admin")
STAFF = ("support", "finance", "admin")


class Caller:
    def __init__(self, kind, token=None, cookie=None):
        self.kind, self.token, self.cookie = kind, token, cookie


class World:
    """Books, orders and what came of making them, and everybody's sign-in; a guest's cookie in place of one."""

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
    def told(self):
        """The free book, with words in it."""
        self.written(self.free, ["Down, down, down.", "Would the fall never come to an end?"])
        return self.free

    @functools.cached_property
    def hidden(self):
        """A draft that has all that a book can have: a recording with chapters, a cover and a sample."""
        book = self.made("A draft that lacks nothing")["id"]
        self.recorded(book)
        self.uploaded(book, "cover.png", "image/png", picture(200, 200))
        self.shop.eventually(
            "the sample", lambda: self.ask("editor", "GET", f"/audiobooks/{book}/sample").status == 307)
        return book

    @functools.cached_property
    def order(self):
        """Of the free book, which is the owner's by it."""
        return self.ordered([self.free])["orderId"]

    @functools.cached_property
    def paid(self):
        return self.bought([self.published("A book that is given back", 999)])

    @functools.cached_property
    def pending(self):
        """After the one that is paid, whose checkout would cancel it."""
        assert self.paid
        return self.ordered([self.sold])["orderId"]

    @functools.cached_property
    def series(self):
        """Of which the book that is sold is a part."""
        series = self.shelved("series").json["id"]
        self.change(self.sold, {"series": [{"id": series, "label": "2.5"}]})
        return series

    @functools.cached_property
    def cookie(self):
        """By which the guest's browser is known."""
        return self.guest(self.sold)

    @functools.cached_property
    def agreed(self):
        return self.shop.agreed()

    @functools.cached_property
    def stripe(self):
        return stripe.StripeClient(
            "sk_test_earshelf_local", base_addresses={"api": self.shop.addresses["stripe"]}, max_network_retries=0)

    @property
    def upload(self):
        return self.uploads[self.free]

    @property
    def ids(self):
        """What may stand at a variable of a path."""
        return {
            "order": [self.order, self.pending], "audiobook": [self.free, self.sold, self.draft],
            "upload": [self.upload]}

    def sql(self, statement):
        return self.shop.sql(statement)

    @contextlib.contextmanager
    def unlimited(self):
        """Whatever is counted of callers in the database is forgotten at once, again and again."""
        with subprocess.Popen(self.shop.psql, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as forgetting:
            forgetting.stdin.write("DELETE FROM plumbing.rate_limits \\watch 0.1\n")
            forgetting.stdin.flush()
            try:
                yield
            finally:
                forgetting.terminate()

    def forget_limits(self):
        """What was counted of callers until now is forgotten."""
        self.sql("DELETE FROM plumbing.rate_limits")

    def caller(self, kind):
        return Caller(kind, self.tokens.get(kind), self.cookie if kind == "guest" else None)

    def ask(self, kind, method, path, body=None, *, headers=None, **options):
        """`path` below /api/v1, unless the options name another `base`."""
        if kind == "guest":
            headers = {"cookie": self.cookie} | (headers or {})
        return self.shop.api(method, path, body, token=self.tokens.get(kind), headers=headers, **options)

    def must(self, status, kind, method, path, body=None, **options):
        answer = self.ask(kind, method, path, body, **options)
        assert answer.status == status, (method, path, answer)
        return answer

    def somebody(self, role=None):
        """A customer who has never been here before, or somebody new of the staff; by this name they ask from now on."""
        name = f"{anything()}@{role or 'customer'}.example"
        self.tokens[name] = self.shop.sign_in(name)
        if role:
            grant(self.shop, {role: self.tokens[name]})
        return name

    def double(self, kind):
        """Somebody else of this kind, for what cannot be done twice."""
        return self.somebody(kind if kind in ("editor", *STAFF) else None) if kind in self.tokens else kind

    def id_of(self, kind):
        return self.must(200, kind, "GET", "/me").json["id"]

    def guest(self, book):
        """Somebody who puts a book into a cart without signing in; answers their cookie."""
        answer = self.must(200, None, "POST", "/cart/items", {"audiobookId": book})
        return answer.headers["set-cookie"].partition(";")[0]

    def made(self, title):
        return self.must(201, "editor", "POST", "/audiobooks", {
            "title": title, "language": "en", "people": [{"name": "Lewis Carroll", "role": "author"}]}).json

    def published(self, title, minor_units, seconds=2):
        book = self.made(title)["id"]
        self.uploads[book] = self.recorded(book, seconds)
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

    def recorded(self, book, seconds=2, **more):
        """Silence, and a different one for each book."""
        file = io.BytesIO()
        with wave.open(file, "wb") as recording:
            recording.setparams((1, 2, 8000, 0, "NONE", "none"))
            recording.writeframes(hashlib.sha256(book.encode()).digest() + bytes(seconds * 16000 - 32))
        return self.uploaded(book, "silence.wav", "audio/wav", file.getvalue(), **more)

    def written(self, book, phrases):
        """Nobody speaks in silence: words are put there, a tenth of a second each, and then approved by a person."""
        job = self.shop.eventually("a text to look at", lambda: (known := self.must(
            200, "editor", "GET", f"/transcription/{book}").json["job"])["state"] == "needs_review" and known["jobId"])
        for position, phrase in enumerate(phrases, 1):
            words = [{"text": word, "startMilliseconds": position * 1000 + 100 * index,
                      "endMilliseconds": position * 1000 + 100 * index + 90} for index, word in enumerate(phrase.split())]
            self.sql(f"""INSERT INTO production.transcript_segments (transcript_id, position, start_ms, end_ms, chapter, text,
                words, language) VALUES ('{job}', {position}, {position * 1000}, {position * 1000 + 100 * len(words)}, 1,
                $text${phrase}$text$, $text${json.dumps(words)}$text$, 'en')""")
        self.must(200, "editor", "POST", f"/transcription/{job}/approve")
        return job

    def in_parts(self):
        """An upload in parts of which none was sent; its id."""
        return self.must(201, "editor", "POST", "/uploads", {
            "audiobookId": self.draft, "fileName": "x.wav", "contentType": "audio/wav", "bytes": 1,
            "parts": {"bytes": 5 << 20, "sha256": [hashlib.sha256(b"x").hexdigest()]}}).json["id"]

    @functools.cache
    def tracks(self):
        """A book, and a file that waits to be put together with others."""
        book = self.made("Of files")["id"]
        return book, self.recorded(book, purpose="track")

    def uploaded(self, book, name, kind, content, **more):
        """A file that is taken; answers the upload's id."""
        wish = self.must(201, "editor", "POST", "/uploads", {
            "audiobookId": book, "fileName": name, "contentType": kind, "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest()} | more).json
        put = wish["put"]
        sent = call("PUT", put["url"], body=content, headers=put["headers"])
        assert sent.status == 200, sent
        self.shop.eventually("the file", lambda: self.ask(
            "editor", "POST", f"/uploads/{wish['id']}/complete").json.get("state") == "ready")
        return wish["id"]

    def chosen(self, books, kind, **more):
        """In the cart, and nothing else."""
        self.must(200, kind, "POST", "/cart/clear")
        for book in books:
            self.must(200, kind, "POST", "/cart/items", {"audiobookId": book} | more)

    def ordered(self, books, kind="owner", **more):
        self.chosen(books, kind, **more)
        return self.must(201, kind, "POST", "/checkout", self.agreed).json

    def bought(self, books, kind="owner", **means):
        """Ordered, paid for on Stripe's page, and told of by Stripe."""
        order = self.ordered(books, kind)
        pay(order, **means)
        self.shop.eventually("the books", lambda: all(
            self.ask(kind, "GET", f"/library/{book}").status == 200 for book in books))
        return order["orderId"]

    def given(self, book, giver, *, until="waiting", day=None, **means):
        """Bought for somebody else, and paid for if it costs anything: the gift as its giver sees it."""
        wish = {"recipientEmail": "grace@earshelf.example"} | ({"deliverOn": day} if day else {})
        order = self.ordered([book], giver, gift=wish)
        if order.get("payAt"):
            pay(order, **means)

        def gift():
            gifts = self.must(200, giver, "GET", "/gifts").json["items"]
            return next((gift for gift in gifts if (gift["orderId"], gift["state"]) == (order["orderId"], until)), None)
        return self.shop.eventually(f"a gift that is {until}", gift)

    def promoted(self, **terms):
        """A code that takes a tenth off, unless it is told otherwise."""
        code = "CODE-" + uuid.uuid4().hex[:12]
        reduction = {} if "amounts" in terms else {"percent": 10}
        return self.must(201, "finance", "POST", "/admin/promotions", {"code": code} | reduction | terms)

    def shelved(self, shelf, **more):
        """A category, a contributor or a series, under a name that no other has."""
        return self.must(201, "editor", "POST", f"/{shelf}", {"name": f"Named {anything()}"} | more)

    def parked(self):
        """An event that nobody could act on: of a page that the shop never opened."""
        event = f"evt_{uuid.uuid4().hex}"
        self.sql(f"""INSERT INTO plumbing.webhook_events (provider, event_id, type, livemode, provider_created_at, raw)
            VALUES ('stripe', '{event}', 'checkout.session.completed', false, now(), '{{}}');
            UPDATE plumbing.webhook_events SET state = 'parked', note = 'unknown' WHERE event_id = '{event}'""")
        return event

    def put_aside(self):
        """An event that the bus would not take."""
        mark = uuid.uuid4().hex
        return self.sql(f"""WITH written AS (
                INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload, parked_at, note)
                VALUES ('UploadReady', '{mark}', '{mark}', '{{}}', now(), 'too-large') RETURNING id)
            SELECT id FROM written""")

    def kept_method(self, kind):
        """A card that Stripe keeps for a customer."""
        setup = self.must(201, kind, "POST", "/payments/methods").json
        kept = self.stripe.v1.setup_intents.confirm(setup["setupIntent"], {"payment_method": "pm_card_visa"})
        return kept.payment_method


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


def soon(**later):
    """A time to come, as it is written."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(**later)).isoformat().replace("+00:00", "Z")


def picture(width, height):
    """A black one, as PNG (https://www.w3.org/TR/png-3/#5DataRep)."""
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width + 1) * height))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
