"""Stripe's own client, unchanged, against the stand-in.

EARSHELF_STRIPE_API_BASE        http://127.0.0.1:8084
EARSHELF_STRIPE_SECRET_KEY      sk_test_earshelf_local unless set
EARSHELF_STRIPE_WEBHOOK_SECRET  whsec_…, with which events are signed
EARSHELF_STRIPE_WEBHOOK_PORT    where the stand-in sends events to; unset: deliveries are not looked at

Needs: pip install stripe
"""

import http.server
import os
import queue
import threading
import urllib.parse
import urllib.request
import uuid

import stripe

BASE = os.environ["EARSHELF_STRIPE_API_BASE"]
SECRET = os.environ.get("EARSHELF_STRIPE_WEBHOOK_SECRET", "")
PORT = os.environ.get("EARSHELF_STRIPE_WEBHOOK_PORT")
KEY = os.environ.get("EARSHELF_STRIPE_SECRET_KEY", "sk_test_earshelf_local")

client = stripe.StripeClient(KEY, base_addresses={"api": BASE}, max_network_retries=0)
deliveries: "queue.Queue[tuple[bytes, str]]" = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        deliveries.put((body, self.headers["stripe-signature"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def session_parameters(order):
    return {
        "mode": "payment",
        "client_reference_id": order,
        "metadata": {"order_id": order},
        "payment_intent_data": {"metadata": {"order_id": order}},
        "success_url": "http://shop.test/done?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://shop.test/cart",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "eur",
                    "unit_amount": 1499,
                    "product_data": {"name": "The Time Machine"},
                },
            }
        ],
    }


class Unfollowing(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def pay(session, card="4242424242424242"):
    """What a browser sends from the payment page."""
    fields = {
        "method": "card", "card": card, "expiry": "12 / 49", "cvc": "123", "name": "Ada Lovelace",
        "email": "ada@example.com", "country": "GB",
    }
    opener = urllib.request.build_opener(Unfollowing)
    try:
        answer = opener.open(session.url, urllib.parse.urlencode(fields).encode())
        return answer.status, None
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("location")


def refused(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was expected")


def main():
    if PORT:
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", int(PORT)), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()

    sessions = client.v1.checkout.sessions
    order, key = f"order-{uuid.uuid4()}", str(uuid.uuid4())
    first = sessions.create(session_parameters(order), {"idempotency_key": key})
    second = sessions.create(session_parameters(order), {"idempotency_key": key})
    assert first.id == second.id and first.url == second.url
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert first.amount_total == 1499 and first.currency == "eur" and first.payment_status == "unpaid"
    other = session_parameters(order) | {"client_reference_id": "another"}
    refused(stripe.IdempotencyError, lambda: sessions.create(other, {"idempotency_key": key}))

    stranger = stripe.StripeClient("sk_test_wrong_key_of_nobody", base_addresses={"api": BASE})
    refused(stripe.AuthenticationError, lambda: stranger.v1.balance.retrieve())
    missing = refused(stripe.InvalidRequestError, lambda: sessions.retrieve("cs_test_none"))
    assert missing.code == "resource_missing" and missing.http_status == 404
    unknown = refused(stripe.InvalidRequestError, lambda: sessions.create(other | {"colour": "red"}))
    assert unknown.code == "parameter_unknown" and unknown.param == "colour"

    status, _ = pay(first, "4000000000000002")
    assert status == 402, status
    status, location = pay(first)
    assert status == 303 and location == f"http://shop.test/done?session={first.id}", (status, location)
    paid = sessions.retrieve(first.id, {"expand": ["line_items", "payment_intent.latest_charge"]})
    assert paid.payment_status == "paid" and paid.status == "complete"
    assert paid.line_items.data[0].description == "The Time Machine"
    assert paid.payment_intent.metadata["order_id"] == order
    assert paid.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"

    refund = client.v1.refunds.create({"payment_intent": paid.payment_intent.id, "amount": 499})
    assert refund.status == "succeeded" and refund.amount == 499
    client.v1.refunds.create({"payment_intent": paid.payment_intent.id})
    again = refused(
        stripe.InvalidRequestError,
        lambda: client.v1.refunds.create({"payment_intent": paid.payment_intent.id}),
    )
    assert again.code == "charge_already_refunded"

    customer = client.v1.customers.create({"email": "ada@example.com"})
    assert client.v1.customers.retrieve(customer.id).email == "ada@example.com"
    expired = sessions.expire(sessions.create(session_parameters("order-expired")).id)
    assert expired.status == "expired"
    listed = [session.id for session in sessions.list({"limit": 1}).auto_paging_iter()]
    assert first.id in listed and expired.id in listed
    types = {event.type for event in client.v1.events.list({"limit": 100}).data}
    assert {"checkout.session.completed", "charge.refunded", "refund.created"} <= types, types

    if PORT:
        wanted = {"checkout.session.completed", "payment_intent.succeeded", "charge.refunded"}
        while wanted:
            body, signature = deliveries.get(timeout=30)
            event = stripe.Webhook.construct_event(body, signature, SECRET)
            wanted.discard(event.type)
            forged = body.replace(b"livemode", b"liveMode")
            refused(
                stripe.SignatureVerificationError,
                lambda: stripe.Webhook.construct_event(forged, signature, SECRET),
            )
    print(f"stripe-python {stripe.VERSION}: the stand-in behaves as Stripe")


if __name__ == "__main__":
    main()
