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


@pytest.fixture(scope="module")
def hostile_words(shop, hostile_book):
    """The same book, as if somebody had said it all, and named its chapters so."""
    token, book = shop.sign_in("editor"), hostile_book["id"]

    def text():
        answer = shop.api("GET", f"/transcription/{book}", token=token)
        return answer.status == 200 and answer.json["job"]["state"] in ("ready", "needs_review") and answer.json

    heard = shop.eventually("its text", text)
    if heard["job"]["state"] == "needs_review":
        seed.expect(shop.api("POST", f"/transcription/{heard['job']['jobId']}/approve", token=token), 200)
    first = heard["segments"][0]
    changed = shop.api(
        "PATCH", f"/transcription/{book}/segments/{first['position']}", {"text": HOSTILE}, token=token,
        version=f'"{first["version"]}"')
    assert changed.status == 200, changed
    known = shop.api("GET", f"/audiobooks/{book}/chapters", token=token)
    chapters = [{**chapter, "title": f"Chapter {HOSTILE}"} for chapter in known.json["chapters"]]
    named = shop.api(
        "PUT", f"/audiobooks/{book}/chapters", {"chapters": chapters}, token=token, version=known.headers["etag"])
    assert named.status == 200, named
    return hostile_book


@pytest.mark.parametrize("width", [320, 1440])
def test_office_shows_it_as_text(page_as, hostile_words, width, tmp_path):
    page = page_as("admin", width=width)
    page.goto(f"/office/books/{hostile_words['id']}")
    page.get_by_text("Read and correct").click()
    expect(page.get_by_label("Text at 0:00")).to_have_value(HOSTILE)
    expect(page.get_by_label("Title of chapter 1")).to_have_value(f"Chapter {HOSTILE}")
    unharmed(page)
    file = tmp_path / "<img src=x onerror=window.wasHarmed=1>.m4b"
    file.write_bytes(b"no audio at all")
    page.get_by_label("Drop recordings").set_input_files(file)
    expect(page.get_by_role("main").get_by_role("alert").first).to_be_visible()
    unharmed(page)
    for path in (f"/office/books?q={MARK}", "/office", "/office/storage", f"/office/audit?subject={MARK}"):
        page.goto(path)
        expect(page.locator("main h1")).to_be_visible()
        unharmed(page)


def test_listening_and_orders_show_it_as_text(page_as, hostile_words):
    from test_shop import add, pay, to_the_payment_page
    page = page_as(f"{uuid.uuid4().hex[:12]}@example.org", width=320)
    add(page, hostile_words["slug"])
    to_the_payment_page(page)
    pay(page, card="4242 4242 4242 4242")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    unharmed(page)
    order = page.url.split("/")[-1].split("?")[0]
    page.goto("/library")
    expect(page.get_by_role("link", name=MARK)).to_be_visible()
    unharmed(page)
    page.goto(f"/library/{hostile_words['id']}")
    page.locator("summary", has_text="Read along").click()
    expect(page.locator(".read-along-text")).to_contain_text("<img src=x")
    page.get_by_label("A note").fill(HOSTILE)
    page.get_by_role("button", name="Bookmark this place").click()
    expect(page.locator(".bookmark p").filter(has_text=MARK)).to_be_visible()
    unharmed(page)
    page.goto(f"/orders/{order}")
    expect(page.get_by_text(MARK).first).to_be_visible()
    unharmed(page)
    receipt = page.request.get(f"/api/v1/orders/{order}/receipt?format=html").text()
    assert MARK in receipt and "<img" not in receipt and "<script" not in receipt
    office = page_as("finance", width=320)
    office.goto(f"/office/orders/{order}")
    expect(office.get_by_text(MARK).first).to_be_visible()
    unharmed(office)
