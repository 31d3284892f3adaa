"""Money and access, whatever is killed. For each way that money or a right takes, the function is killed before and after
every one of its statements and of its calls to Stripe, one at a time and all of them; then what asked for it asks again,
as a customer, Stripe or an employee would. In the end there is never a charge without an order, an order twice, access
without money, or money without access."""

import contextlib
import hashlib
import hmac
import io
import itertools
import json
import math
import re
import struct
import subprocess
import time
import urllib.parse
import uuid
import wave

import processes
import pytest
from conftest import ready, state_folder
from killing import AFTER, BEFORE, Killer, http_event, settings_of
from shop import EMULATOR, PRODUCTS, ROOT, Shop, call

CARD = {
    "email": "kill@earshelf.example", "name": "K. Ill", "country": "DE", "method": "card", "card": "4242 4242 4242 4242",
    "expiry": "12 / 34", "cvc": "123"}
PRICE = 1499


class Stage:
    """A shop that is told nothing by Stripe but through this test, and the functions that are killed."""

    def __init__(self, shop, state):
        self.shop, self.state, self.told = shop, state, set()
        self.editor = shop.sign_in("editor")
        self.book = self.published()
        settings = {
            "checkout": self.settings("Checkout", "POST", "/checkout"),
            "stripe-webhook": self.settings("StripeWebhook", "POST", "/webhooks/elsewhere"),
        }
        self.secret = settings["stripe-webhook"]["STRIPE_WEBHOOK_SECRETS"].split(",")[0]
        self.stripe_key = settings["checkout"]["STRIPE_SECRET_KEY"]
        address = urllib.parse.parse_qs(urllib.parse.urlsplit(settings["checkout"]["DATABASE_URL"]).query)["host"][0]
        self.socket_folder = address
        stripe = urllib.parse.urlsplit(shop.addresses["stripe"])
        self.killer = Killer(PRODUCTS, settings, f"{address}/.s.PGSQL.5432", (stripe.hostname, stripe.port))

    def settings(self, resource, method, path):
        """Those of a process of the function, which a request starts."""
        self.shop.api(method, path, {}, token=self.editor)
        return settings_of(processes.environments(self.state, resource)[0])

    def published(self):
        """A book on sale with a recording of two seconds."""
        answer = self.shop.api("POST", "/audiobooks", {
            "title": "Emma", "language": "en", "people": [{"name": "Jane Austen", "role": "author"}]}, token=self.editor)
        book, sound = answer.json["id"], tone(seconds=2)
        upload = self.shop.api("POST", "/uploads", {
            "audiobookId": book, "fileName": "emma.wav", "contentType": "audio/wav", "bytes": len(sound),
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

    def customer(self):
        return Customer(self)

    def pay(self, address):
        """As a browser does it, on the hosted page."""
        page = call("GET", address)
        fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.body.decode()))
        answer = call("POST", address, body=urllib.parse.urlencode({**fields, **CARD}).encode(),
                      headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status == 303, answer

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
        return http_event("POST", "/api/v1/webhooks/stripe", body=body,
                          headers={"stripe-signature": f"t={at},v1={signature}"})

    def tell_all(self):
        for event in self.news():
            self.insist("stripe-webhook", self.delivery(event))

    def insist(self, function, event):
        """Asks until it is answered for good: what is in work, or not to be had, is asked for again."""
        for _ in range(20):
            answer, _ = self.killer.run(function, event)
            if answer.status not in (409, 503) or answer.json.get("type") not in ("in-progress", "database-unavailable"):
                return answer
            time.sleep(0.1)
        raise AssertionError(answer)

    def sql(self, query):
        """Rows as dictionaries."""
        wrapped = f"SELECT coalesce(json_agg(answer), '[]') FROM ({query}) AS answer"
        run = subprocess.run(
            ["psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", self.socket_folder, "-U", "earshelf", "earshelf",
             "-c", wrapped], capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    def each(self, function, prepare):
        """Kills the function at each of its steps, on either side. `prepare` makes a new case: an event, and what must
        hold after it was asked for again."""
        for side in (BEFORE, AFTER):
            for at in itertools.count(1):
                event, check = prepare()
                answer, steps = self.killer.run(function, event, at, side)
                place = f"{function}, killed {side} step {at}: {steps.names[-1]}"
                try:
                    check(answer if answer else self.insist(function, event))
                except AssertionError as failure:
                    raise AssertionError(f"{place}: {failure}") from failure
                if not steps.struck:
                    assert at > 3, "a function that takes no steps was not looked at"
                    break
                yield place


class Customer:
    """Somebody who has never been here, with one book in the cart."""

    def __init__(self, stage):
        self.stage = stage
        self.email = f"{uuid.uuid4().hex}@kill.example"
        self.token = stage.shop.sign_in(self.email)
        answer = stage.shop.api("POST", "/cart/items", {"audiobookId": stage.book}, token=self.token)
        assert answer.status == 200, answer

    def checkout(self):
        return http_event("POST", "/api/v1/checkout", body=b'{"country": "US"}', headers={
            "authorization": f"Bearer {self.token}", "idempotency-key": str(uuid.uuid4())})

    def facts(self):
        """What the shop holds of them."""
        user = f"(SELECT id FROM identity.users WHERE email = '{self.email}')"
        [facts] = self.stage.sql(f"""
            SELECT (SELECT count(*) FROM sales.orders WHERE user_id = {user}) AS orders,
                (SELECT count(*) FROM sales.orders WHERE user_id = {user} AND state = 'confirmed') AS confirmed,
                (SELECT coalesce(sum(amount), 0) FROM sales.ledger JOIN sales.orders ON orders.id = order_id
                    WHERE user_id = {user}) AS money,
                (SELECT count(*) FROM listening.entitlements WHERE user_id = {user} AND state = 'active') AS access,
                (SELECT count(*) FROM sales.payment_attempts JOIN sales.orders ON orders.id = order_id
                    WHERE user_id = {user}) AS attempts""")
        return facts

    def orders(self):
        user = f"(SELECT id FROM identity.users WHERE email = '{self.email}')"
        return [row["id"] for row in self.stage.sql(f"SELECT id FROM sales.orders WHERE user_id = {user}")]

    def pages(self):
        """On how many pages of Stripe's they could pay for the orders that the shop holds."""
        orders = self.orders()
        sessions = self.stage.stripe("/v1/checkout/sessions?limit=100")["data"]
        return sum(session["client_reference_id"] in orders for session in sessions)

    def charges(self):
        """What Stripe took from them, by the orders that the shop holds."""
        orders = self.orders()
        intents = self.stage.stripe("/v1/payment_intents?limit=100")["data"]
        return [intent["amount_received"] for intent in intents if intent["metadata"].get("order_id") in orders]


def tone(seconds):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(
            struct.pack("<h", int(8000 * math.sin(index / 3))) for index in range(8000 * seconds)))
    return file.getvalue()


@pytest.fixture(scope="module")
def stage():
    """Stripe's stand-in calls an address that nobody answers at, so that this test is the only one to tell."""
    with state_folder() as state:
        template = (ROOT / "template.yaml").read_text().replace("/api/v1/webhooks/stripe", "/api/v1/webhooks/elsewhere")
        path = state / "template.yaml"
        path.write_text(template)
        # What is deployed beside the template.
        (state / "Migrations").symlink_to(ROOT / "Migrations")
        with Shop(EMULATOR, state, template=path) as shop:
            ready(shop)
            with contextlib.closing(Stage(shop, state)) as stage:
                yield stage


def test_checkout_killed_at_each_step(stage):
    def prepare():
        customer = stage.customer()

        def check(answer):
            assert answer.status == 201 and answer.json["payAt"], answer
            assert customer.facts() == {"orders": 1, "confirmed": 0, "money": 0, "access": 0, "attempts": 1}
            assert customer.pages() == 1
            stage.pay(answer.json["payAt"])
            stage.tell_all()
            assert customer.facts() == {"orders": 1, "confirmed": 1, "money": PRICE, "access": 1, "attempts": 1}
            assert customer.charges() == [PRICE]
        return customer.checkout(), check

    places = list(stage.each("checkout", prepare))
    assert any("POST /v1/checkout/sessions" in place for place in places), places
    assert any("COMMIT" in place for place in places), places


def test_the_webhook_killed_at_each_step(stage):
    def prepare():
        customer = stage.customer()
        answer = stage.insist("checkout", customer.checkout())
        stage.tell_all()
        stage.pay(answer.json["payAt"])
        news = {event["type"]: event for event in stage.news()}
        others = [event for name, event in news.items() if name != "checkout.session.completed"]

        def check(answer):
            assert answer.status == 200, answer
            paid = {"orders": 1, "confirmed": 1, "money": PRICE, "access": 1, "attempts": 1}
            assert customer.facts() == paid
            for event in others:
                assert stage.insist("stripe-webhook", stage.delivery(event)).status == 200
            assert customer.facts() == paid and customer.charges() == [PRICE]
        return stage.delivery(news["checkout.session.completed"]), check

    places = list(stage.each("stripe-webhook", prepare))
    assert any("record_payment" in place for place in places), places
