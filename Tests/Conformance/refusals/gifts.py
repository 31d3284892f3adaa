"""Gifts that do not open."""

from callers import soon

from refusals import provokes


def opened(world, gift, kind="other"):
    return world.ask(kind, "POST", "/gifts/redeem", {"code": gift["code"]})


@provokes("gift-unknown")
def _(world):
    return opened(world, {"code": "0000-0000-0000-0000"})


@provokes("gift-not-yet")
def _(world):
    return opened(world, world.given(world.free, "other", day=soon(days=2)[:10]))


@provokes("gift-redeemed")
def _(world):
    gift = world.given(world.free, "other")
    assert opened(world, gift, world.somebody()).status == 200
    return opened(world, gift, world.somebody())


@provokes("gift-suspended")
def _(world):
    """Its giver's bank disputes the payment."""
    gift = world.given(world.free, "other")
    world.sql(f"SELECT sales.settle_gift('{gift['orderId']}', 1, 'suspended', 'dispute')")
    return opened(world, gift)


@provokes("gift-cancelled")
def _(world):
    gift = world.given(world.sold, world.somebody())
    world.must(201, "finance", "POST", "/payments/refund", {
        "orderId": gift["orderId"], "reason": "customer_request"})
    world.shop.eventually("what becomes of it", lambda: opened(world, gift).status == 409)
    return opened(world, gift)
