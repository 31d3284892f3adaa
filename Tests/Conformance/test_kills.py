"""Money and access, whatever is killed. For each way that money or a right takes, the function is killed after every one
of its statements and of its calls to Stripe, and before the first: one at a time, and all of them. Then what asked for
it asks again, as a customer, Stripe or an employee would. In the end there is never a charge without an order, an order
twice, access without money, or money without access; and a gift is never opened twice, nor lost."""

import contextlib

import pytest
from callers import pay
from conftest import ready, state_folder
from shop import EMULATOR, ROOT, Shop
from stage import ELSEWHERE, PRICE, WEBHOOK, Ask, Customer, Stage

SUM = 2 * PRICE
PLACED = {"orders": 1, "confirmed": 0, "money": 0, "access": 0, "gifts": "ordered", "attempts": 1}
PAID = {"orders": 1, "confirmed": 1, "money": SUM, "access": 1, "gifts": "waiting", "attempts": 1}
OPENED = PAID | {"gifts": "redeemed"}
RETURNED = PAID | {"money": 0, "access": 0, "gifts": "cancelled"}


@pytest.fixture(scope="module")
def stage():
    """Stripe's stand-in calls an address that nobody answers at, so that this test is the only one to tell."""
    with state_folder() as state:
        path = state / "template.yaml"
        path.write_text((ROOT / "template.yaml").read_text().replace(WEBHOOK, ELSEWHERE))
        # What is deployed beside the template.
        (state / "Migrations").symlink_to(ROOT / "Migrations")
        with Shop(EMULATOR, state, template=path, arguments=["--edge", "none", "--console", "none"]) as shop:
            ready(shop)
            with contextlib.closing(Stage(shop, state)) as stage:
                yield stage


def opens_once(stage, customer):
    """What a customer has given is there for one person, who may ask twice, and for nobody else."""
    [gift] = customer.gifts()
    receiver, other = Customer(stage), Customer(stage)
    for _ in range(2):
        assert stage.insist(receiver.redemption(gift["code"])).status == 200
    refused = stage.insist(other.redemption(gift["code"]))
    assert (refused.status, refused.json["type"]) == (409, "gift-redeemed"), refused
    assert receiver.facts()["access"] == 1 and other.facts()["access"] == 0
    assert customer.facts() == OPENED


def test_checkout_killed_at_each_step(stage):
    def prepare():
        customer = Customer(stage)

        def check(answer):
            assert answer.status == 201 and answer.json["payAt"], answer
            assert customer.facts() == PLACED and customer.pages() == 1
            pay(answer.json)
            stage.tell_all()
            assert customer.facts() == PAID and customer.charges() == [SUM]
        return customer.checkout(), check

    places = stage.each(prepare)
    assert any("POST /v1/checkout/sessions" in place for place in places), places
    assert any("INSERT INTO sales.gifts" in place for place in places), places
    assert any("COMMIT" in place for place in places), places


def test_the_webhook_killed_at_each_step(stage):
    def prepare():
        customer = Customer(stage)
        order = stage.insist(customer.checkout())
        stage.tell_all()
        pay(order.json)
        news = {event["type"]: event for event in stage.news()}
        completed = news.pop("checkout.session.completed")

        def check(answer):
            assert answer.status == 200, answer
            assert customer.facts() == PAID
            for event in news.values():
                stage.tell(event)
            assert customer.facts() == PAID and customer.charges() == [SUM]
            opens_once(stage, customer)
        return stage.delivery(completed), check

    places = stage.each(prepare)
    assert any("record_payment" in place for place in places), places


def test_a_refund_killed_at_each_step(stage):
    def prepare():
        customer = Customer(stage)
        wish = {"orderId": customer.buy(), "reason": "customer_request"}
        [gift] = customer.gifts()
        assert customer.facts() == PAID
        ask = Ask("payments", "/payments/refund", wish, token=stage.finance)

        def check(answer):
            assert answer.status in (201, 202), answer
            stage.tell_all()
            assert customer.facts() == RETURNED
            assert customer.charges() == [SUM] and customer.refunds() == [SUM]
            refused = stage.insist(customer.redemption(gift["code"]))
            assert (refused.status, refused.json["type"]) == (409, "gift-cancelled"), refused
            # Asked once more, it is the same one, and by now it is known to be done.
            assert stage.insist(ask).status == 201
            assert customer.facts() == RETURNED and customer.refunds() == [SUM]
        return ask, check

    places = stage.each(prepare)
    assert any("POST /v1/refunds" in place for place in places), places


def test_the_opening_of_a_gift_killed_at_each_step(stage):
    def prepare():
        giver, receiver, other = Customer(stage), Customer(stage), Customer(stage)
        giver.buy()
        [gift] = giver.gifts()
        ask = receiver.redemption(gift["code"])

        def check(answer):
            opened = {"giftId": gift["id"], "audiobookId": stage.present}
            assert answer.status == 200 and answer.json == opened, answer
            assert stage.insist(ask).json == opened
            refused = stage.insist(other.redemption(gift["code"]))
            assert (refused.status, refused.json["type"]) == (409, "gift-redeemed"), refused
            assert giver.facts() == OPENED and giver.charges() == [SUM]
            assert receiver.facts()["access"] == 1 and other.facts()["access"] == 0
        return ask, check

    places = stage.each(prepare)
    assert any("redeem_gift" in place for place in places), places
    assert any("COMMIT" in place for place in places), places
