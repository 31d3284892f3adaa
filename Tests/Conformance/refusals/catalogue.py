"""What editors do to books, prices and the shelves that books stand on."""

from callers import anything, soon

from refusals import provokes


def patched(world, book, wish):
    page = world.must(200, "editor", "GET", f"/audiobooks/{book}")
    return world.ask("editor", "PATCH", f"/audiobooks/{book}", wish, version=page.headers["etag"])


@provokes("not-publishable")
def _(world):
    return patched(world, world.draft, {"state": "published"})


@provokes("illegal-transition")
def _(world):
    return patched(world, world.sold, {"state": "draft"})




@provokes("not-erasable")
def _(world):
    page = world.must(200, "editor", "GET", f"/audiobooks/{world.sold}")
    return world.ask("editor", "DELETE", f"/audiobooks/{world.sold}", version=page.headers["etag"])


@provokes("isbn-taken")
def _(world):
    # Twelve digits at random, of which the last checks the others (ISO 2108).
    digits = "978" + f"{int(anything()[:8], 16):09}"[:9]
    isbn = digits + str(-sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(digits)) % 10)
    assert patched(world, world.draft, {"isbn13": isbn}).status == 200
    return patched(world, world.sold, {"isbn13": isbn})


@provokes("price-overlaps")
def _(world):
    sale = {"price": {"minorUnits": 999, "currency": "EUR"}, "from": soon(days=1), "until": soon(days=3)}
    path = f"/audiobooks/{world.made('On sale twice')['id']}/prices"
    world.must(201, "editor", "POST", path, sale)
    return world.ask("editor", "POST", path, sale | {"from": soon(days=2), "until": soon(days=4)})


@provokes("price-begun")
def _(world):
    path = f"/audiobooks/{world.sold}/prices"
    [price] = [price for price in world.must(200, "editor", "GET", path).json["items"] if price["state"] == "current"]
    return world.ask("editor", "DELETE", f"{path}/{price['id']}")


@provokes("slug-taken")
def _(world):
    taken = world.shelved("categories").json["slug"]
    return world.ask("editor", "POST", "/categories", {"name": "Another", "slug": taken})


@provokes("name-taken")
def _(world):
    return world.ask("editor", "POST", "/contributors", {"name": world.shelved("contributors").json["name"]})


@provokes("not-a-tree")
def _(world):
    above = world.shelved("categories")
    below = world.shelved("categories", parentId=above.json["id"]).json
    return world.ask("editor", "PUT", f"/categories/{above.json['id']}", {
        "name": above.json["name"], "parentId": below["id"]}, version=above.headers["etag"])


@provokes("category-in-use")
def _(world):
    above = world.shelved("categories").json["id"]
    world.shelved("categories", parentId=above)
    return world.ask("editor", "DELETE", f"/categories/{above}")
