"""Carts, and orders that are not placed."""

from refusals import provokes


@provokes("empty-cart")
def _(world):
    world.must(200, "other", "POST", "/cart/clear")
    return world.ask("other", "POST", "/checkout", world.agreed)


@provokes("already-owned")
def _(world):
    assert world.order
    return world.ask("owner", "POST", "/cart/items", {"audiobookId": world.free})


@provokes("not-on-sale")
def _(world):
    return world.ask("other", "POST", "/cart/items", {"audiobookId": world.sold, "currency": "JPY"})


@provokes("cart-full")
def _(world):
    others = [world.made(f"One of many {number}")["id"] for number in range(100)]
    world.must(200, "other", "POST", "/cart/clear")
    world.must(200, "other", "POST", "/cart/items", {"audiobookId": world.free})
    values = ", ".join(f"('{book}'::uuid)" for book in others)
    world.sql(f"""INSERT INTO sales.cart_items (cart_id, audiobook_id, seen_price)
        SELECT cart_id, book, 0 FROM sales.cart_items, (VALUES {values}) AS many (book)
        WHERE audiobook_id = '{world.free}' LIMIT 99""")
    answer = world.ask("other", "POST", "/cart/items", {"audiobookId": world.sold})
    world.must(200, "other", "POST", "/cart/clear")
    return answer


@provokes("below-minimum")
def _(world):
    """A code takes off all but a few cents, which cannot be charged."""
    all_but_ten = world.promoted(amounts=[{"minorUnits": 1489, "currency": "EUR"}]).json["code"]
    world.chosen([world.sold], "other")
    world.must(200, "other", "POST", "/cart/promotion", {"code": all_but_ten})
    answer = world.ask("other", "POST", "/checkout", world.agreed)
    world.must(200, "other", "DELETE", "/cart/promotion")
    return answer


@provokes("too-much")
def _(world):
    world.chosen([world.published("The dearest of all", 9_000_000_000_000)], "other")
    return world.ask("other", "POST", "/checkout", world.agreed)


@provokes("waiver-required")
def _(world):
    world.chosen([world.sold], "other")
    return world.ask("other", "POST", "/checkout")
