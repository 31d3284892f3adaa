"""The books a new shop begins with: all of them, once, whole, and whatever interrupts their coming."""

import hashlib
import sys

import payment
import processes
import yaml
from conftest import ready
from shop import EMULATOR, ROOT, Shop, call
from test_terminal import start

sys.path.insert(0, str(ROOT / "Seeds"))

from seed import slug  # noqa: E402

PYTHON = ROOT / ".build/python/bin/python"
SEED = ("--seed", str(PYTHON), str(ROOT / "Seeds/seed.py"))
BOOKS = yaml.safe_load((ROOT / "Seeds/books.yaml").read_text())["books"]
PATIENCE_SECONDS = 600
# Nobody makes texts of the recordings here: to hear forty of them takes longer than all else together.
UNHEARD = {"OPENAI_API_KEY": "sk-nobody", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}


def in_state(state):
    return sorted(book["title"] for book in BOOKS if book.get("state", "published") == state)


def all_of(shop, path, token=None):
    items, cursor = [], ""
    while cursor is not None:
        answer = shop.api("GET", f"{path}{'&' if '?' in path else '?'}limit=100{cursor}", token=token)
        assert answer.status == 200, answer
        items += answer.json["items"]
        cursor = f"&cursor={answer.json['next']}" if "next" in answer.json else None
    return items


def on_sale(shop):
    return sorted(book["title"] for book in all_of(shop, "/audiobooks"))


def test_a_new_shop_is_filled_once_and_everything_in_it_plays(own_state):
    done = own_state / "seeds" / "done"
    with Shop(EMULATOR, own_state, arguments=SEED, environment=UNHEARD) as shop:
        shop.eventually("a few books", lambda: len(on_sale(shop)) >= 3, PATIENCE_SECONDS)
        assert not done.exists()
    # Ended in the middle, as by Ctrl-C.
    assert shop.process.returncode == 0, shop.log()[-2000:]
    processes.none_of(own_state)
    with Shop(EMULATOR, own_state, arguments=SEED, environment=UNHEARD) as shop:
        shop.eventually("the shelf", done.exists, PATIENCE_SECONDS)
        assert on_sale(shop) == in_state("published")
        look_at_each(shop)
        ada_listens(shop)
        everything_plays(shop)
    with Shop(EMULATOR, own_state, arguments=SEED, environment=UNHEARD) as shop:
        ready(shop)
        assert on_sale(shop) == in_state("published"), "a second start adds nothing"
        assert "being put on the shelf" not in shop.log().split("Earshelf is up")[-1]


def look_at_each(shop):
    editor = shop.sign_in("editor")
    for book in BOOKS:
        answer = shop.api("GET", f"/audiobooks/{slug(book['title'])}", token=editor)
        assert answer.status == 200, answer
        page = answer.json
        assert page["state"] == book.get("state", "published") and page["language"] == book.get("language", "en")
        people = [(person["name"], person["role"]) for person in page["people"]]
        for name, role in [*((n, "author") for n in book["people"]),
                           *((n, "translator") for n in book.get("translators", []))]:
            assert (name, role) in people, (book["title"], people)
        if page["state"] != "draft":
            assert [chapter["title"] for chapter in page["chapters"]] == [title for title, _ in book["chapters"]]
            assert 15_000 < page["durationMilliseconds"] < 60_000, (book["title"], page["durationMilliseconds"])
        for currency, amount in zip(("EUR", "USD", "GBP"), book["prices"]):
            asked = shop.api("GET", f"/audiobooks/{page['id']}?currency={currency}", token=editor).json
            assert asked["price"] == {"minorUnits": amount, "currency": currency}, book["title"]


def ada_listens(shop):
    items = all_of(shop, "/library?sort=recent", shop.sign_in("ada"))
    assert len(items) == 4 and all("progress" in item for item in items), items
    assert any("finishedAt" in item["progress"] for item in items)


def everything_plays(shop):
    """A customer buys all of it on the hosted page."""
    token = shop.sign_in("collector@earshelf.example")
    books = all_of(shop, "/audiobooks")
    for book in books:
        answer = shop.api("POST", "/cart/items", {"audiobookId": book["id"]}, token=token)
        assert answer.status in (200, 201), answer
    order = shop.api("POST", "/checkout", shop.agreed(), token=token)
    assert order.status == 201, order
    assert payment.pay(order.json["payAt"]).status == 303
    shop.eventually("all the books", lambda: len(all_of(shop, "/library", token)) == len(books))
    for book in books:
        [track] = shop.api("POST", f"/library/{book['id']}/stream", token=token).json["tracks"]
        middle = track["bytes"] // 2
        pieces = [call("GET", track["url"], headers={"range": text}) for text in (f"bytes=0-{middle - 1}", f"bytes={middle}-")]
        assert [piece.status for piece in pieces] == [206, 206], (book["title"], pieces)
        assert hashlib.sha256(b"".join(piece.body for piece in pieces)).hexdigest() == track["sha256"], book["title"]


def test_a_program_that_cannot_be_started_is_named(own_state):
    code, text = start(own_state, arguments=("--seed", "/nowhere/python", "seed.py"))
    assert code == 1 and "/nowhere/python cannot be started" in text
    processes.none_of(own_state)
