"""Codes that make orders cheaper, and those that do not."""

from callers import soon

from refusals import provokes


def entered(world, code, kind="other", book=None):
    """What is answered to whoever types a code, with a book in the cart."""
    world.chosen([book or world.sold], kind)
    return world.ask(kind, "POST", "/cart/promotion", {"code": code})


def used(world, code):
    """A customer who has ordered by it."""
    buyer = world.somebody()
    assert entered(world, code, buyer).status == 200
    world.must(201, buyer, "POST", "/checkout", world.agreed)
    return buyer


def changed(world, promotion, wish):
    return world.ask(
        "finance", "PATCH", f"/admin/promotions/{promotion.json['id']}", wish, version=promotion.headers["etag"])


@provokes("promotion-unknown")
def _(world):
    return entered(world, "NO-SUCH-CODE")


@provokes("promotion-not-yet")
def _(world):
    return entered(world, world.promoted(validFrom=soon(days=1)).json["code"])


@provokes("promotion-ended")
def _(world):
    promotion = world.promoted()
    assert changed(world, promotion, {"isEnded": True}).status == 200
    return entered(world, promotion.json["code"])


@provokes("promotion-used-up")
def _(world):
    code = world.promoted(maximumUses=1).json["code"]
    used(world, code)
    return entered(world, code)


@provokes("promotion-used-before")
def _(world):
    code = world.promoted(percent=100).json["code"]
    return entered(world, code, used(world, code), world.published("Wanted as well", 999))


@provokes("promotion-not-applicable")
def _(world):
    return entered(world, world.promoted(audiobookIds=[world.draft]).json["code"])


@provokes("promotion-minimum")
def _(world):
    return entered(world, world.promoted(minimums=[{"minorUnits": 5000, "currency": "EUR"}]).json["code"])


@provokes("promotion-exists")
def _(world):
    taken = world.promoted().json["code"]
    return world.ask("finance", "POST", "/admin/promotions", {"code": taken, "percent": 20})


@provokes("promotion-used-more")
def _(world):
    promotion = world.promoted()
    for _ in range(2):
        used(world, promotion.json["code"])
    return changed(world, promotion, {"maximumUses": 1})
