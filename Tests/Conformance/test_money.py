"""The shop's books and Stripe's: whatever was paid, given back or disputed, by whichever way, the sum of the ledger is
what Stripe holds, and every customer hears what their money says."""

import random
import uuid

import pytest
import stripe
from conftest import ready, state_folder
from shop import EMULATOR, Shop, call
from stage import Stage

SEED = 20261125


class Books:
    """A shop with one book on sale, Stripe's own client, and the shop's records."""

    def __init__(self, shop):
        self.shop = shop
        self.client = stripe.StripeClient(
            "sk_test_earshelf_local", base_addresses={"api": shop.addresses["stripe"]}, max_network_retries=0)
        self.editor = shop.sign_in("editor")
        self.book = Stage.published(self, "Emma", 2)
        self.finance = shop.sign_in(f"{uuid.uuid4().hex}@finance.example")
        assert shop.api("GET", "/cart", token=self.finance).status == 200
        shop.sql("""INSERT INTO identity.user_roles (user_id, role)
            SELECT id, 'finance' FROM identity.users WHERE email LIKE '%@finance.example'""")

    def bought(self, method):
        """An order of somebody new, paid on a page of the shop's own by one of Stripe's cards for tests."""
        token = self.shop.sign_in(f"{uuid.uuid4().hex}@money.example")
        assert self.shop.api("POST", "/cart/items", {"audiobookId": self.book}, token=token).status == 200
        order = self.shop.api("POST", "/checkout", self.shop.agreed(), token=token).json["orderId"]
        begun = self.shop.api("POST", "/payments/intent", {"orderId": order}, token=token)
        assert begun.status == 200, begun
        self.client.v1.payment_intents.confirm(begun.json["paymentIntent"], {"payment_method": method})
        confirmed = self.shop.api(
            "POST", "/payments/confirm", {"paymentIntent": begun.json["paymentIntent"]}, token=token)
        assert confirmed.json["state"] == "confirmed" and confirmed.json["status"] == "succeeded", confirmed
        return order, begun.json["paymentIntent"]

    def refund(self, order, **more):
        wish = {"orderId": order, "reason": "customer_request", **more}
        return self.shop.api("POST", "/payments/refund", wish, token=self.finance)

    def access(self, order):
        [row] = self.shop.rows(f"SELECT state FROM listening.entitlements WHERE order_id = '{order}'")
        return row["state"]

    def told(self):
        """Whether all that Stripe had to tell was taken and settled."""
        missed = self.client.v1.events.list({"delivery_success": False, "limit": 1}).data
        waiting = self.shop.rows("SELECT event_id FROM plumbing.webhook_events WHERE state = 'received'")
        return not missed and not waiting


@pytest.fixture(scope="module")
def books():
    with state_folder() as state, Shop(EMULATOR, state) as shop:
        ready(shop)
        yield Books(shop)


def paid(books):
    order, _ = books.bought("pm_card_visa")
    return order, "active"


def given_back(books):
    order, _ = books.bought("pm_card_visa")
    answer = books.refund(order)
    assert answer.status == 201 and answer.json["state"] == "succeeded", answer
    assert books.refund(order).status == 409
    return order, "revoked"


def line_given_back(books):
    order, _ = books.bought("pm_card_mastercard")
    assert books.refund(order, lines=[1]).status == 201
    return order, "revoked"


def given_back_in_the_dashboard(books):
    order, intent = books.bought("pm_card_visa")
    books.client.v1.refunds.create({"payment_intent": intent, "amount": 500})
    return order, "active"


def given_back_in_vain(books):
    order, _ = books.bought("pm_card_refundFail")
    assert books.refund(order).status == 201
    return order, "active"


def given_back_slowly(books):
    order, _ = books.bought("pm_card_pendingRefund")
    assert books.refund(order).json["state"] == "pending"
    return order, "revoked"


def disputed(books):
    order, _ = books.bought("pm_card_createDispute")
    return order, "suspended"


def dispute_won(books):
    order, intent = books.bought("pm_card_createDispute")
    [dispute] = books.client.v1.disputes.list({"payment_intent": intent}).data
    books.client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}})
    return order, "active"


def dispute_lost(books):
    order, intent = books.bought("pm_card_createDispute")
    [dispute] = books.client.v1.disputes.list({"payment_intent": intent}).data
    books.client.v1.disputes.close(dispute.id)
    return order, "revoked"


def asked_about(books):
    order, _ = books.bought("pm_card_createDisputeInquiry")
    return order, "active"


STORIES = [paid, given_back, line_given_back, given_back_in_the_dashboard, given_back_in_vain, given_back_slowly, disputed,
           dispute_won, dispute_lost, asked_about]


def test_the_ledger_is_what_stripe_holds(books):
    stories = STORIES + random.Random(SEED).choices(STORIES, k=6)
    random.Random(SEED).shuffle(stories)
    expected = [(story.__name__, *story(books)) for story in stories]
    for name, order, state in expected:
        books.shop.eventually(f"{name} to be {state}", lambda: books.access(order) == state, patience_seconds=60)
    books.shop.eventually("all events", books.told)
    held = {amount.currency: amount.amount for amount in books.client.v1.balance.retrieve().available}
    [ledger] = books.shop.rows("SELECT sum(amount) AS net FROM sales.ledger")
    assert held == {"eur": ledger["net"]}
    alerts = books.shop.rows("SELECT kind, count(*) AS times FROM plumbing.alerts GROUP BY kind")
    assert {"dispute", "refund-failed", "refund-without-lines"} <= {alert["kind"] for alert in alerts}


def test_a_method_is_kept_used_and_forgotten(books):
    token = books.shop.sign_in(f"{uuid.uuid4().hex}@money.example")
    setup = books.shop.api("POST", "/payments/methods", token=token)
    assert setup.status == 201 and setup.json["publishableKey"].startswith("pk_test_"), setup
    books.client.v1.setup_intents.confirm(setup.json["setupIntent"], {"payment_method": "pm_card_visa"})
    [method] = books.shop.api("GET", "/payments/methods", token=token).json["items"]
    assert (method["brand"], method["last4"]) == ("visa", "4242")
    stranger = books.shop.sign_in(f"{uuid.uuid4().hex}@money.example")
    path = f"/payments/methods/{method['id']}"
    assert books.shop.api("DELETE", path, token=stranger).status == 404
    assert call("DELETE", books.shop.addresses["shop"] + "/api/v1" + path).status == 401
    assert books.shop.api("DELETE", path, token=token).status == 204
    assert books.shop.api("GET", "/payments/methods", token=token).json == {"items": []}
