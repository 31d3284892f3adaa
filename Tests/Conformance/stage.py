"""A shop that hears of Stripe's events from a test alone, the functions that are killed in it, and people who have never
been here before."""

import functools
import hashlib
import hmac
import io
import itertools
import json
import math
import struct
import time
import uuid
import wave

import processes
from callers import grant, pay
from killing import AFTER, BEFORE, Killer, http_event, settings_of
from shop import PRODUCTS, call

PRICE = 1499
# Where the template of this shop has the webhook: Stripe's stand-in calls another address, at which nobody answers.
WEBHOOK, ELSEWHERE = "/api/v1/webhooks/stripe", "/api/v1/webhooks/elsewhere"


class Ask:
    """One request, which is asked of a process that is killed, and again of the shop."""

    def __init__(self, function, path, body, *, token=None, headers=None):
        self.function, self.path = function, f"/api/v1{path}"
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.headers = {"content-type": "application/json", "idempotency-key": str(uuid.uuid4())} | (headers or {})
        if token:
            self.headers["authorization"] = f"Bearer {token}"

    def event(self):
        return http_event("POST", self.path, body=self.body, headers=self.headers)


class Stage:
    def __init__(self, shop, state):
        self.shop, self.state, self.told = shop, state, set()
        self.editor = shop.sign_in("editor")
        self.finance = shop.sign_in("finance@earshelf.example")
        grant(shop, {"finance": self.finance})
        self.book, self.present = self.published("Emma", 1), self.published("Persuasion", 2)
        settings = {
            "checkout": self.settings("Checkout", "POST", "/checkout"),
            "stripe-webhook": self.settings("StripeWebhook", "POST", "/webhooks/elsewhere"),
            "payments": self.settings("Payments", "POST", "/payments/refund"),
            "gifts": self.settings("Gifts", "GET", "/gifts"),
        }
        self.secret = settings["stripe-webhook"]["STRIPE_WEBHOOK_SECRETS"].split(",")[0]
        self.stripe_key = settings["checkout"]["STRIPE_SECRET_KEY"]
        self.killer = Killer(
            PRODUCTS, settings, f"{shop.database_socket}/.s.PGSQL.5432", {"STRIPE_API_BASE": shop.addresses["stripe"]})

    def settings(self, resource, method, path):
        """Those of a process of the function, which a request starts."""
        self.shop.api(method, path, {} if method == "POST" else None, token=self.editor)
        return settings_of(processes.environments(self.state, resource)[0])

    def published(self, title, seconds):
        """A book on sale with a recording."""
        answer = self.shop.api("POST", "/audiobooks", {
            "title": title, "language": "en", "people": [{"name": "Jane Austen", "role": "author"}]}, token=self.editor)
        book, sound = answer.json["id"], tone(seconds)
        upload = self.shop.api("POST", "/uploads", {
            "audiobookId": book, "fileName": "book.wav", "contentType": "audio/wav", "bytes": len(sound),
            "sha256": hashlib.sha256(sound).hexdigest()}, token=self.editor).json
        headers = {name: value for name, value in upload["put"]["headers"].items() if name != "content-length"}
        assert call("PUT", upload["put"]["url"], body=sound, headers=headers).status == 200
        path = f"/audiobooks/{book}"
        self.shop.eventually("the recording", lambda: self.shop.api(
            "GET", f"/uploads/{upload['id']}", token=self.editor).json["state"] == "ready")

        def publish():
            etag = self.shop.api("GET", path, token=self.editor).headers["etag"]
            wish = {"price": {"minorUnits": PRICE, "currency": "EUR"}, "state": "published"}
            return self.shop.api("PATCH", path, wish, token=self.editor, version=etag).status == 200
        self.shop.eventually("the book on sale", publish)
        return book

    def close(self):
        self.killer.close()

    def stripe(self, path):
        answer = call("GET", self.shop.addresses["stripe"] + path, headers={"authorization": f"Bearer {self.stripe_key}"})
        assert answer.status == 200, answer
        return answer.json

    def news(self):
        """What Stripe has to tell and has not told yet, the oldest first."""
        fresh = []
        for event in self.stripe("/v1/events?limit=100")["data"]:
            if event["id"] in self.told:
                break
            fresh.append(event)
        self.told.update(event["id"] for event in fresh)
        return fresh[::-1]

    def delivery(self, event):
        body = json.dumps(event).encode()
        at = str(int(time.time()))
        signature = hmac.new(self.secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return Ask("stripe-webhook", "/webhooks/stripe", body, headers={"stripe-signature": f"t={at},v1={signature}"})

    def tell(self, event):
        answer = self.insist(self.delivery(event))
        assert answer.status == 200, answer

    def tell_all(self):
        for event in self.news():
            self.tell(event)

    def insist(self, ask):
        """Asks until it is answered for good: what is in work, or not to be had, is asked for again."""
        address = self.shop.addresses["shop"] + ask.path.replace(WEBHOOK, ELSEWHERE)
        for _ in range(20):
            answer = call("POST", address, body=ask.body, headers=ask.headers)
            if answer.status not in (409, 503) or answer.json.get("type") not in ("in-progress", "database-unavailable"):
                return answer
            time.sleep(0.1)
        raise AssertionError(answer)

    def sql(self, query):
        return self.shop.rows(query)

    def each(self, prepare):
        """Kills a function before its first step and after each. Before a step the world is as it was after the one that
        went ahead, for in between a function changes nothing but its own memory: so these are all the places there are.
        `prepare` makes a new case: what is asked, and what must hold after it was asked again. Answers where it was
        killed."""
        places = []
        for at, side in itertools.chain([(1, BEFORE)], ((number, AFTER) for number in itertools.count(1))):
            ask, check = prepare()
            answer, steps = self.killer.run(ask.function, ask.event(), at, side)
            place = f"{ask.function}, killed {side} step {at}: {steps.names[-1]}"
            try:
                check(answer if answer else self.insist(ask))
            except AssertionError as failure:
                raise AssertionError(f"{place}: {failure}") from failure
            if not steps.struck:
                assert at > 3, "a function that takes no steps was not looked at"
                return places
            places.append(place)


class Customer:
    """Somebody who has never been here."""

    def __init__(self, stage):
        self.stage = stage
        self.email = f"{uuid.uuid4().hex}@kill.example"
        self.token = stage.shop.sign_in(self.email)

    def checkout(self):
        """Of a book for themselves, and of one for somebody else."""
        for item in [{"audiobookId": self.stage.book}, {
                "audiobookId": self.stage.present, "gift": {"recipientEmail": "grace@kill.example"}}]:
            answer = self.stage.shop.api("POST", "/cart/items", item, token=self.token)
            assert answer.status == 200, answer
        return Ask("checkout", "/checkout", {"country": "US"}, token=self.token)

    def buy(self):
        order = self.stage.insist(self.checkout()).json
        pay(order)
        self.stage.tell_all()
        return order["orderId"]

    def redemption(self, code):
        return Ask("gifts", "/gifts/redeem", {"code": code}, token=self.token)

    def gifts(self):
        """What they have given, with the codes."""
        answer = self.stage.shop.api("GET", "/gifts", token=self.token)
        assert answer.status == 200, answer
        return answer.json["items"]

    @functools.cached_property
    def id(self):
        [user] = self.stage.sql(f"SELECT id FROM identity.users WHERE email = '{self.email}'")
        return user["id"]

    def facts(self):
        """What the shop holds of them."""
        [facts] = self.stage.sql(f"""
            WITH mine AS (SELECT id, state FROM sales.orders WHERE user_id = '{self.id}')
            SELECT (SELECT count(*) FROM mine) AS orders,
                (SELECT count(*) FROM mine WHERE state = 'confirmed') AS confirmed,
                (SELECT coalesce(sum(amount), 0) FROM sales.ledger WHERE order_id IN (SELECT id FROM mine)) AS money,
                (SELECT count(*) FROM listening.entitlements WHERE user_id = '{self.id}' AND state = 'active') AS access,
                (SELECT string_agg(state, ' ') FROM sales.gifts WHERE order_id IN (SELECT id FROM mine)) AS gifts,
                (SELECT count(*) FROM sales.payment_attempts WHERE order_id IN (SELECT id FROM mine)) AS attempts""")
        return facts

    def orders(self):
        return [row["id"] for row in self.stage.sql(f"SELECT id FROM sales.orders WHERE user_id = '{self.id}'")]

    def pages(self):
        """On how many pages of Stripe's they could pay for the orders that the shop holds."""
        orders = self.orders()
        sessions = self.stage.stripe("/v1/checkout/sessions?limit=100")["data"]
        return sum(session["client_reference_id"] in orders for session in sessions)

    def intents(self):
        orders = self.orders()
        intents = self.stage.stripe("/v1/payment_intents?limit=100")["data"]
        return [intent for intent in intents if intent["metadata"].get("order_id") in orders]

    def charges(self):
        """What Stripe took from them, by the orders that the shop holds."""
        return [intent["amount_received"] for intent in self.intents()]

    def refunds(self):
        """What Stripe gave back to them."""
        intents = {intent["id"] for intent in self.intents()}
        refunds = self.stage.stripe("/v1/refunds?limit=100")["data"]
        return [refund["amount"] for refund in refunds if refund["payment_intent"] in intents]


def tone(seconds):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(
            struct.pack("<h", int(8000 * math.sin(index / 3))) for index in range(8000 * seconds)))
    return file.getvalue()
