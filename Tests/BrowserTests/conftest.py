"""A shop with a few books, and browsers that look at it.

`EARSHELF_READY_FILE` names the ready file of a shop that runs already and has its books; else one is started."""

import contextlib
import json
import os
import pathlib
import sys
import tempfile
import urllib.parse

import pytest
import yaml
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests/Journey"), str(ROOT / "Seeds")]

import covers  # noqa: E402
import recordings  # noqa: E402
import seed  # noqa: E402
from shop import EMULATOR, Client, Shop  # noqa: E402

CHROMIUM = os.environ.get("EARSHELF_CHROMIUM", "/usr/bin/chromium-headless-shell")
PICTURES = ROOT / ".build/screenshots"
# Those that ada buys, some in series, one in another language, and enough of one author for a shelf.
TITLES = {
    *seed.ADA, "Emma", "Persuasion", "Pride and Prejudice", "Dracula", "Candide", "Alice's Adventures in Wonderland",
}
WIDTHS = (320, 768, 1440)


def pytest_configure(config):
    """Where tests run side by side, whoever deals them out starts the shop, and those who run them inherit its address."""
    if getattr(config.option, "numprocesses", None) and "EARSHELF_READY_FILE" not in os.environ:
        started = contextlib.ExitStack()
        config.add_cleanup(started.close)
        folder = started.enter_context(tempfile.TemporaryDirectory(prefix="earshelf-browser-"))
        os.environ["EARSHELF_READY_FILE"] = str(started.enter_context(filled_shop(pathlib.Path(folder))).ready_file)


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """One shop for all tests: each makes what it changes itself, as somebody of its own."""
    running = os.environ.get("EARSHELF_READY_FILE")
    if running:
        yield Client(json.loads(pathlib.Path(running).read_text()))
    else:
        with filled_shop(tmp_path_factory.mktemp("shop")) as started:
            yield started


@contextlib.contextmanager
def filled_shop(state, emulator=EMULATOR, **options):
    arguments = ("--storefront", str(ROOT / "Storefront"), "--edge", "none", "--settings", str(state / "none.env"))
    with Shop(emulator, state, arguments=arguments, **options) as started:
        fill(started, state / "recordings")
        yield started


def fill(shop, folder):
    folder.mkdir()
    books = yaml.safe_load((ROOT / "Seeds/books.yaml").read_text())
    editor = seed.Editor(shop)
    editor.wait_for_keys()
    editor.shelve(books)
    editor.bring([book for book in books["books"] if book["title"] in TITLES], folder)
    seed.customer(shop, editor)


@pytest.fixture(scope="session")
def recording(tmp_path_factory):
    """Read aloud by a machine, with chapters and a cover."""
    books = yaml.safe_load((ROOT / "Seeds/books.yaml").read_text())["books"]
    book = next(book for book in books if book["title"] == "Persuasion")
    return recordings.make(book, covers.draw, tmp_path_factory.mktemp("recording") / "persuasion.m4b")


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"])
        yield started
        started.close()


@pytest.fixture
def context_as(shop, browser):
    """A browser of somebody's, who is signed in: by the name of a demo person or any e-mail address, or nobody."""
    opened = []

    def open_as(name=None, *, language="en", theme="light", width=1440, service_workers="block", **more):
        """What a test answers in the shop's place, a service worker would ask for past it."""
        context = browser.new_context(
            service_workers=service_workers,
            base_url=shop.addresses["shop"], viewport={"width": width, "height": 900}, color_scheme=theme,
            reduced_motion="reduce", **more)
        context.set_default_timeout(15_000)
        address = shop.addresses["shop"]
        cookies = [{"name": "earshelf-language", "value": language, "url": address}]
        if name:
            cookies.append({
                "name": "__session", "value": shop.sign_in(name), "url": address, "httpOnly": True, "sameSite": "Lax"})
            cookies.append({"name": "earshelf-signed-in", "value": "1", "url": address})
        context.add_cookies(cookies)
        opened.append(context)
        return context

    yield open_as
    for context in opened:
        context.close()


@pytest.fixture
def page_as(context_as):
    """A page of somebody's. What a program or the Content-Security-Policy says against it, fails the test."""
    faults = []

    def open_as(name=None, **more):
        page = context_as(name, **more).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if is_fault(said) else None)
        return page

    yield open_as
    assert faults == []


def is_fault(said):
    """What the browser itself says of an answer that is no success, a page may have asked for."""
    return said.type == "error" and not said.text.startswith("Failed to load resource")


def answer_library(page, shop, count):
    """A library of so many books, each like one of ada's: what is tried with it is the page, not the shop."""
    like = shop.api("GET", "/library?limit=1", token=shop.sign_in("ada")).json["items"][0]

    def answer(route):
        asked = {name: value for name, (value,) in urllib.parse.parse_qs(urllib.parse.urlsplit(route.request.url).query).items()}
        start = int(asked.get("cursor", 0))
        end = min(count, start + int(asked["limit"]))
        items = [like | {"title": f"{like['title']} {number}"} for number in range(start, end)]
        route.fulfill(status=200, json={"items": items} | ({"next": str(end)} if end < count else {}))

    page.route("**/api/v1/library?*", answer)


@pytest.fixture(scope="session")
def book_of(shop):
    """A book of the shop, by its slug."""
    return lambda slug: shop.api("GET", f"/audiobooks/{slug}").json
