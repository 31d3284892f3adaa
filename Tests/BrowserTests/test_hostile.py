"""What somebody writes is text, wherever it is shown."""

import uuid

import pytest
import yaml
from playwright.sync_api import expect

import covers
import recordings
import seed
from conftest import ROOT

MARK = uuid.uuid4().hex[:8]
SCRIPT = "<img src=x onerror=\"window.wasHarmed=1\"><script>window.wasHarmed=1</script>"
HOSTILE = f"{SCRIPT}{{{{title}}}} \u202egnortw ☠️👩‍👩‍👧 {MARK}"
LONG = "<b>" + "unbroken" * 1250


@pytest.fixture(scope="module")
def hostile_book(shop, tmp_path_factory):
    """A book on sale whose every word is meant badly."""
    editor = seed.Editor(shop)
    voice = next(book for book in yaml.safe_load((ROOT / "Seeds/books.yaml").read_text())["books"] if book["title"] == "Emma")
    recording = recordings.make(voice, covers.draw, tmp_path_factory.mktemp("recording") / f"a<b>'{MARK}.m4b")
    series = seed.expect(editor.ask("POST", "/series", {"name": f"Series {HOSTILE}", "description": LONG[:5000]}), 201)
    wish = {
        "title": HOSTILE, "subtitle": f"Sub {HOSTILE}", "language": "en", "description": f"{SCRIPT}\n\n{LONG}",
        "people": [{"name": f"Author {HOSTILE}"[:200], "role": "author"}], "series": [{"id": series["id"], "label": "<i>1"}]}
    made = seed.expect(editor.ask("POST", "/audiobooks", wish), 201)
    editor.send(made["id"], recording)
    editor.change(made["id"], {"price": {"minorUnits": 499, "currency": "EUR"}})
    editor.change(made["id"], {"state": "published"})
    return seed.expect(editor.ask("GET", f"/audiobooks/{made['id']}"), 200)


def unharmed(page):
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.wasHarmed") is None
    assert page.locator("img[src=x], main script, main b:has-text('unbroken')").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("width", [320, 1440])
def test_public_pages_show_it_as_text(page_as, hostile_book, width):
    page = page_as(width=width)
    person, series = hostile_book["people"][0], hostile_book["series"][0]
    for path in (f"/books/{hostile_book['slug']}", f"/people/{person['slug']}", f"/series/{series['slug']}",
                 f"/search?q={MARK}"):
        page.goto(path)
        expect(page.locator("main :is(h1, .book-card-title)").filter(has_text=SCRIPT).first).to_be_visible()
        unharmed(page)


def test_search_shows_its_words_as_text(page_as):
    page = page_as()
    page.goto("/")
    page.get_by_role("combobox").fill(SCRIPT)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("<img src=x")
    unharmed(page)
    page.goto("/search?q=%22%3E%3Cscript%3Ewindow.wasHarmed%3D1%3C%2Fscript%3E")
    unharmed(page)


def test_addresses_that_are_meant_badly_lead_nowhere(page_as):
    page = page_as()
    for path in ("/books/%3Cscript%3E", "/books/..%2f..%2fapi", "/orders/javascript:alert(1)", "/search?q=%00"):
        page.goto(path)
        unharmed(page)


def test_cart_and_gift_show_it_as_text(page_as, hostile_book):
    page = page_as(f"{uuid.uuid4().hex[:12]}@example.org", width=320)
    page.goto(f"/books/{hostile_book['slug']}")
    page.get_by_role("button", name="Give it to somebody").click()
    page.get_by_label("Their e-mail address").fill("eve@example.org")
    page.get_by_label("Their name").fill(SCRIPT[:100])
    page.get_by_label("A few words").fill(HOSTILE)
    page.get_by_role("button", name="Put into the cart as a gift").click()
    page.get_by_role("link", name="To the cart").click()
    expect(page.get_by_role("link", name=MARK).first).to_be_visible()
    unharmed(page)
    page.goto("/checkout")
    expect(page.get_by_text(MARK).first).to_be_visible()
    unharmed(page)


def test_name_of_a_customer_is_text(page_as):
    page = page_as(f"{uuid.uuid4().hex[:12]}@example.org")
    page.goto("/account")
    page.get_by_label("How you want to be called").fill(SCRIPT[:100])
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("How you want to be called")).to_have_value(SCRIPT[:100])
    unharmed(page)
