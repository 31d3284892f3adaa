"""The emulator's console: one checkout as one waterfall, invocations as they happen, and an event told again."""

import re
import uuid

import payment
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from shop import call

from conftest import PICTURES, WIDTHS


@pytest.fixture
def console_at(page_as, shop):
    """The console in a browser, at one of its places."""
    def open_at(place, **more):
        page = page_as(**more)
        page.goto(f"{shop.addresses['console']}/#/{place}")
        expect(page.locator("#connection")).to_have_text("Live")
        return page

    return open_at


@pytest.fixture(scope="module")
def paid(shop):
    return paid_checkout(shop)


def paid_checkout(shop):
    """Its trace, which the customer's own request began."""
    token = shop.sign_in(f"console-{uuid.uuid4().hex[:8]}@example.com")
    book = shop.api("GET", "/audiobooks/emma").json["id"]
    assert shop.api("POST", "/cart/items", {"audiobookId": book}, token=token).status == 200
    trace = uuid.uuid4().hex
    order = shop.api(
        "POST", "/checkout", shop.agreed(), token=token, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    assert order.status == 201, order
    assert payment.pay(order.json["payAt"]).status == 303
    shop.eventually("the book in the library", lambda: shop.api("GET", "/library", token=token).json["items"])
    return trace


def spans(page):
    return page.get_by_role("list", name="Spans").get_by_role("listitem")


def test_one_checkout_is_one_waterfall(console_at, paid):
    page = console_at(f"traces/{paid}")
    expect(spans(page).filter(has_text="StripeWebhook settle checkout.session.completed")).to_have_count(1)
    # Whose row it is, how deep it is, and what it says, in the order in which they stand.
    rows = spans(page).evaluate_all(
        "rows => rows.map(row => [row.dataset.service, Number(row.dataset.depth), row.querySelector('.label').innerText])")
    story = [
        ("gateway", 0, r"POST /api/v1/checkout 201"), ("Checkout", 1, r"POST /api/v1/checkout 201"),
        ("Checkout", 2, r"database: .*INSERT sales\.orders"), ("Checkout", 2, r"stripe: POST /v1/checkout/sessions 200"),
        ("Checkout", 2, r"database: UPDATE sales\.payment_attempts"),
        ("StripeWebhook", 2, r"settle checkout\.session\.completed"), ("StripeWebhook", 3, r"database: .*record_payment"),
    ]
    place = 0
    for service, depth, words in story:
        while place < len(rows) and not (rows[place][:2] == [service, depth] and re.search(words, rows[place][2])):
            place += 1
        assert place < len(rows), f"{service}: {words} does not follow in {rows}"
    expect(page.get_by_role("heading", level=1)).to_have_text("Trace POST /api/v1/checkout")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "console-checkout.png", full_page=True)


def test_webhook_leads_to_the_event_by_which_it_came(console_at, paid):
    page = console_at(f"traces/{paid}")
    settled = spans(page).filter(has_text="StripeWebhook settle checkout.session.completed")
    settled.locator("summary").press("Enter")
    settled.get_by_role("link").press("Enter")
    expect(spans(page).filter(has_text="gateway POST /api/v1/webhooks/stripe 200")).to_have_count(1)


def test_invocations_appear_as_they_happen(console_at, shop):
    page = console_at("invocations")
    began = uuid.uuid4().hex
    shop.api("GET", "/audiobooks/emma", headers={"traceparent": f"00-{began}-00f067aa0ba902b7-01"})
    row = page.get_by_role("row").filter(has=page.locator(f"a[href='#/traces/{began}']"))
    expect(row).to_contain_text(re.compile(r"Catalogue.*answered.* ms"))
    row.get_by_role("link", name="Catalogue", exact=True).press("Enter")
    log = page.get_by_role("region", name="Log")
    expect(log).to_contain_text('"route":"GET /api/v1/audiobooks/{id}"')
    expect(log).to_contain_text("REPORT RequestId")


def test_event_is_told_again(console_at, shop):
    address = f"{shop.addresses['console']}/api/invocations"
    known = {told["id"] for told in call("GET", address).json}
    page = console_at("events")
    page.get_by_role("button", name=re.compile("^Replay TranscriptionCompleted")).first.press("Enter")
    expect(page.get_by_text("TranscriptionCompleted is told again.")).to_be_visible()
    shop.eventually("the event at its function", lambda: [
        told for told in call("GET", address).json if told["function"] == "Summarise" and told["id"] not in known])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nobody_is_kept_out(console_at, paid, theme):
    wrong = []
    for place in ("traces", f"traces/{paid}", "invocations", "functions", "queues", "events"):
        page = console_at(place, theme=theme)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                wrong.append(f"{place} sticks out at {width}")
        for found in Axe().run(page).response["violations"]:
            wrong.append(f"{place}: {found['id']}: {[node['target'] for node in found['nodes']][:3]}")
        page.close()
    assert wrong == []


def test_a_trace_of_the_widest_digits_fits_a_narrow_page(console_at, shop):
    trace = "d8" * 16
    shop.api("GET", "/audiobooks/emma", headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    page = console_at(f"traces/{trace}")
    page.set_viewport_size({"width": 320, "height": 900})
    expect(page.get_by_text(f"Id {trace}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
