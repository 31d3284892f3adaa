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
import time
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


def intents():
    """Paying without a page of Stripe's."""
    created = client.v1.payment_intents.create({"amount": 2500, "currency": "eur", "metadata": {"order_id": "o1"}})
    assert created.status == "requires_payment_method" and created.client_secret.startswith(created.id)
    declined = refused(
        stripe.CardError,
        lambda: client.v1.payment_intents.confirm(created.id, {"payment_method": "pm_card_chargeDeclined"}))
    assert declined.code == "card_declined" and declined.http_status == 402
    assert declined.error.payment_intent.id == created.id
    assert client.v1.payment_intents.retrieve(created.id).last_payment_error.code == "card_declined"
    paid = client.v1.payment_intents.confirm(created.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded" and paid.amount_received == 2500
    twice = refused(
        stripe.InvalidRequestError,
        lambda: client.v1.payment_intents.confirm(created.id, {"payment_method": "pm_card_visa"}))
    assert twice.code == "payment_intent_unexpected_state"
    refused(stripe.InvalidRequestError, lambda: client.v1.payment_intents.cancel(created.id))

    asked = client.v1.payment_intents.create(
        {"amount": 700, "currency": "usd", "payment_method": "pm_card_authenticationRequired", "confirm": True,
         "return_url": "http://shop.test/done"})
    assert asked.status == "requires_action" and asked.next_action.type == "redirect_to_url"
    opener = urllib.request.build_opener(Unfollowing)
    try:
        opener.open(asked.next_action.redirect_to_url.url, b"decision=approve")
    except urllib.error.HTTPError as error:
        assert error.code == 303 and error.headers["location"].endswith(f"?payment_intent={asked.id}")
    assert client.v1.payment_intents.retrieve(asked.id).status == "succeeded"

    dropped = client.v1.payment_intents.create({"amount": 700, "currency": "usd"})
    assert client.v1.payment_intents.cancel(dropped.id).status == "canceled"
    slow = client.v1.payment_intents.create(
        {"amount": 700, "currency": "eur", "confirm": True, "payment_method_data": {
            "type": "sepa_debit", "sepa_debit": {"iban": "DE89370400440532013000"}}})
    assert slow.status == "processing"
    small = refused(
        stripe.InvalidRequestError, lambda: client.v1.payment_intents.create({"amount": 49, "currency": "usd"}))
    assert small.code == "amount_too_small"
    return paid


def idempotency():
    """The same key and other parameters, for each kind of thing that is made."""
    for make, first, other in [
        (client.v1.payment_intents.create, {"amount": 500, "currency": "eur"}, {"amount": 501, "currency": "eur"}),
        (client.v1.customers.create, {"name": "Ada"}, {"name": "Ben"}),
        (client.v1.setup_intents.create, {"usage": "on_session"}, {"usage": "off_session"}),
    ]:
        key = str(uuid.uuid4())
        one, same = make(first, {"idempotency_key": key}), make(first, {"idempotency_key": key})
        assert one.id == same.id
        error = refused(stripe.IdempotencyError, lambda: make(other, {"idempotency_key": key}))
        assert error.http_status == 400
    # A refusal is kept like an answer.
    key = str(uuid.uuid4())
    intent = client.v1.payment_intents.create({"amount": 500, "currency": "eur"})
    for _ in range(2):
        refused(stripe.CardError, lambda: client.v1.payment_intents.confirm(
            intent.id, {"payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": key}))
    assert len(client.v1.charges.list({"payment_intent": intent.id}).data) == 1


def kept_methods():
    """SetupIntents: a method is kept for a customer, shown, used and forgotten."""
    customer = client.v1.customers.create({"metadata": {"user_id": "u1"}})
    setup = client.v1.setup_intents.create(
        {"customer": customer.id, "automatic_payment_methods": {"enabled": True}, "usage": "on_session"})
    assert setup.status == "requires_payment_method" and setup.client_secret
    refused(stripe.CardError, lambda: client.v1.setup_intents.confirm(
        setup.id, {"payment_method": "pm_card_chargeDeclined"}))
    done = client.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_mastercard"})
    assert done.status == "succeeded"
    method = client.v1.customers.payment_methods.list(customer.id).data[0]
    assert method.id == done.payment_method and method.card.brand == "mastercard" and method.card.last4 == "4444"
    paid = client.v1.payment_intents.create(
        {"amount": 900, "currency": "eur", "customer": customer.id, "payment_method": method.id, "confirm": True})
    assert paid.status == "succeeded"
    stranger = client.v1.customers.create({})
    refused(stripe.InvalidRequestError, lambda: client.v1.payment_intents.create(
        {"amount": 900, "currency": "eur", "customer": stranger.id, "payment_method": method.id, "confirm": True}))
    assert client.v1.payment_methods.detach(method.id).customer is None
    assert client.v1.customers.payment_methods.list(customer.id).data == []
    refused(stripe.InvalidRequestError, lambda: client.v1.payment_methods.detach(method.id))
    assert client.v1.customers.delete(stranger.id).deleted and client.v1.customers.retrieve(stranger.id).deleted
    assert stranger.id not in [known.id for known in client.v1.customers.list().data]
    refused(stripe.InvalidRequestError, lambda: client.v1.customers.delete(stranger.id))


def disputes():
    """A bank takes the money, and gives it back or not."""
    def disputed(method):
        intent = client.v1.payment_intents.create(
            {"amount": 2000, "currency": "gbp", "payment_method": method, "confirm": True})
        return intent, client.v1.disputes.list({"payment_intent": intent.id}).data

    def held():
        return {amount.currency: amount.amount for amount in client.v1.balance.retrieve().available}.get("gbp", 0)

    before = held()
    intent, [dispute] = disputed("pm_card_createDispute")
    assert dispute.status == "needs_response" and not dispute.is_charge_refundable
    assert held() == before, "the bank has it"
    error = refused(stripe.InvalidRequestError, lambda: client.v1.refunds.create({"payment_intent": intent.id}))
    assert error.code == "charge_disputed"
    won = client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    assert won.status == "won" and held() == before + 2000
    refused(stripe.InvalidRequestError, lambda: client.v1.disputes.close(dispute.id))
    _, [lost] = disputed("pm_card_createDisputeProductNotReceived")
    assert client.v1.disputes.close(lost.id).status == "lost" and held() == before + 2000
    intent, [inquiry] = disputed("pm_card_createDisputeInquiry")
    assert inquiry.status == "warning_needs_response" and inquiry.is_charge_refundable
    assert held() == before + 4000
    intent, none = disputed("pm_card_createIssuerFraudRecord")
    assert none == []
    [warning] = client.v1.radar.early_fraud_warnings.list({"payment_intent": intent.id}).data
    assert warning.actionable
    types = {event.type for event in client.v1.events.list({"limit": 100}).data}
    assert {
        "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.updated",
        "charge.dispute.closed", "charge.dispute.funds_reinstated", "radar.early_fraud_warning.created",
    } <= types, types


def refunds(paid):
    """In parts, up to what was paid; pending, and failing later."""
    first = client.v1.refunds.create(
        {"payment_intent": paid.id, "amount": 1000, "reason": "requested_by_customer",
         "metadata": {"refund_id": "r1"}})
    assert client.v1.refunds.retrieve(first.id).metadata["refund_id"] == "r1"
    refused(stripe.InvalidRequestError, lambda: client.v1.refunds.create(
        {"payment_intent": paid.id, "amount": 1501}))
    client.v1.refunds.create({"payment_intent": paid.id, "amount": 1500})
    assert len(client.v1.refunds.list({"payment_intent": paid.id}).data) == 2
    assert client.v1.refunds.update(first.id, {"metadata": {"note": "x"}}).metadata["note"] == "x"
    refused(stripe.InvalidRequestError, lambda: client.v1.refunds.cancel(first.id))
    for method, at_first, at_last in [
        ("pm_card_pendingRefund", "pending", "succeeded"), ("pm_card_refundFail", "succeeded", "failed"),
    ]:
        intent = client.v1.payment_intents.create(
            {"amount": 800, "currency": "eur", "payment_method": method, "confirm": True})
        made = client.v1.refunds.create({"payment_intent": intent.id})
        assert made.status == at_first
        end = time.monotonic() + 20
        while client.v1.refunds.retrieve(made.id).status != at_last:
            assert time.monotonic() < end, method
            time.sleep(0.2)


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

    refunds(intents())
    idempotency()
    kept_methods()
    disputes()

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
