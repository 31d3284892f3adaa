"""Orders, their money, and who tells of it."""

import callers
from callers import pay

from refusals import provokes


@provokes("order-not-payable")
def _(world):
    return world.ask("owner", "POST", "/payments/intent", {"orderId": world.order})


@provokes("payment-processing", "order-pending")
def _(world):
    """A direct debit takes days; and for that long nobody orders what else is in the cart."""
    buyer = world.somebody()
    order = world.ordered([world.published("Paid by debit", 999)], buyer)
    pay(order, method="sepa_debit", iban="DE89 3704 0044 0532 0130 00")
    world.shop.eventually("the debit's event", lambda: world.sql(
        f"SELECT 1 FROM sales.payment_attempts WHERE order_id = '{order['orderId']}' AND state = 'processing'"))
    world.must(200, buyer, "POST", "/cart/items", {"audiobookId": world.sold})
    return {answer.json["type"]: answer for answer in (
        world.ask(buyer, "POST", "/payments/intent", {"orderId": order["orderId"]}),
        world.ask(buyer, "POST", "/checkout", world.agreed))}


@provokes("not-paid")
def _(world):
    return refunded(world, world.pending)


def refunded(world, order, **more):
    return world.ask("finance", "POST", "/payments/refund", {"orderId": order, "reason": "customer_request"} | more)


@provokes("refund-refused", "already-refunded", "refund-exceeds")
def _(world):
    dear, cheap = world.published("Dear", 1999), world.published("Cheap", 499)
    order, seen = world.bought([dear, cheap], world.somebody()), []
    lines = dict(row.split("|") for row in world.sql(
        f"SELECT audiobook_id, line_number FROM sales.order_lines WHERE order_id = '{order}'").splitlines())
    # Stripe knows no payment of this name.
    known = world.sql(f"SELECT payment_intent_id FROM sales.payment_attempts WHERE order_id = '{order}'")
    renamed = f"UPDATE sales.payment_attempts SET payment_intent_id = '{{}}' WHERE order_id = '{order}'"
    world.sql(renamed.format("pi_of_nobody"))
    seen.append(refunded(world, order))
    world.sql(renamed.format(known))
    assert refunded(world, order, lines=[int(lines[dear])]).status == 201
    seen.append(refunded(world, order, lines=[int(lines[dear])]))
    # By the dashboard, without a word on lines.
    world.stripe.v1.refunds.create({"payment_intent": known, "amount": 100})
    left = f"SELECT sum(amount) FROM sales.ledger WHERE order_id = '{order}'"
    world.shop.eventually("the dashboard's refund", lambda: world.sql(left) == "399")
    seen.append(refunded(world, order, lines=[int(lines[cheap])]))
    return {answer.json["type"]: answer for answer in seen}


@provokes("charge-disputed")
def _(world):
    """Paid by a card of Stripe's for tests (https://docs.stripe.com/testing#disputes)."""
    order = world.ordered([world.sold], world.somebody())
    pay(order, card="4000 0000 0000 0259")
    disputed = f"SELECT 1 FROM sales.disputes WHERE order_id = '{order['orderId']}'"
    world.shop.eventually("the dispute", lambda: world.sql(disputed))
    return refunded(world, order["orderId"])


@provokes("nothing-to-pay")
def _(world):
    """What costs nothing is bought with its order: but for one whose function ended between the two."""
    buyer = world.somebody()
    world.chosen([world.free], buyer)
    name = "sales.record_payment"
    kept = world.sql(f"SELECT proname FROM pg_proc WHERE oid = '{name}'::regproc")
    world.sql(f"ALTER ROUTINE {name} RENAME TO mislaid")
    try:
        world.must(500, buyer, "POST", "/orders", world.agreed)
    finally:
        world.sql(f"ALTER ROUTINE sales.mislaid RENAME TO {kept}")
    [order] = world.must(200, buyer, "GET", "/orders").json["items"]
    return world.ask(buyer, "POST", "/payments/intent", {"orderId": order["id"]})


@provokes("order-paid")
def _(world):
    return world.ask("owner", "POST", f"/orders/{world.order}/cancel")


@provokes("no-receipt")
def _(world):
    return world.ask("owner", "GET", f"/orders/{world.pending}/receipt")


@provokes("not-acceptable")
def _(world):
    return world.ask("owner", "GET", f"/orders/{world.order}/receipt", headers={"accept": "image/png"})


@provokes("webhook-signature")
def _(world):
    return world.ask(None, "POST", "/webhooks/stripe", {})


@provokes("outside-refused")
def _(world):
    """Stripe knows nobody of this name."""
    buyer = world.somebody()
    order = world.ordered([world.sold], buyer)["orderId"]
    world.sql(f"""UPDATE identity.users SET stripe_customer_id = 'cus_of_nobody'
        WHERE subject = '{callers.subject(world.tokens[buyer])}'""")
    return world.ask(buyer, "POST", "/payments/intent", {"orderId": order})
