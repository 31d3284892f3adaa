"""Every page in both themes and three widths: nobody is kept out, nothing sticks out, nothing moves under the pointer."""

import gzip
import http.server
import re
import threading

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from conftest import PICTURES, WIDTHS
from shop import call

PUBLIC = {
    "home": "/", "search": "/search", "search-nothing": "/search?q=xyzzyqwv", "book": "/books/emma",
    "person": "/people/jane-austen", "series": "/series/sherlock-holmes", "category": "/categories/fiction",
    "missing": "/books/no-such-book", "cart-empty": "/cart", "orders-guest": "/orders", "redeem": "/gifts/redeem",
}
PRIVATE = {
    "home-signed-in": "/", "book-owned": "/books/walden", "orders": "/orders", "gifts": "/gifts", "account": "/account",
    "cart": "/cart", "checkout": "/checkout", "library": "/library",
}
OFFICE = {
    "start": "/office", "books": "/office/books", "orders": "/office/orders", "promotions": "/office/promotions",
    "events": "/office/events?state=processed", "audit": "/office/audit", "sales": "/office/sales", "storage": "/office/storage",
    "people": "/office/people",
}
STICKING_OUT = """[...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map((element) => element.outerHTML.slice(0, 80)).slice(-3)"""
WATCH_SHIFTS = """
    window.shifts = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shifts += entry.value; }))
        .observe({ type: "layout-shift", buffered: true });
"""
BUDGET_BYTES = 100_000


def settle(page):
    """Until all that a page asks for is there."""
    page.wait_for_load_state("networkidle")
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main .skeleton")).to_have_count(0)


def judge(page, name, theme):
    """The page's picture, and what axe holds against it that is serious."""
    settle(page)
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        sticking_out = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if sticking_out > 0:
            wrong.append(f"{name} at {width}: {sticking_out} px stick out: {page.evaluate(STICKING_OUT)}")
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)
    for found in Axe().run(page).response["violations"]:
        if found["impact"] in ("serious", "critical"):
            wrong.append(f"{name}: {found['id']}: {[node['target'] for node in found['nodes']][:3]}")
    return wrong


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_public_pages(page_as, theme):
    page = page_as(theme=theme)
    wrong = []
    for name, path in PUBLIC.items():
        page.goto(path)
        wrong += judge(page, name, theme)
    assert wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_private_pages(page_as, book_of, theme):
    page = page_as("ada", theme=theme)
    for slug in ("emma", "persuasion"):
        page.goto(f"/books/{slug}")
        page.get_by_role("button", name="Add to cart").or_(page.get_by_role("link", name="To the cart")).first.click()
        expect(page.get_by_role("link", name="To the cart").or_(page.locator("[data-page=cart] h1")).first).to_be_visible()
    wrong = []
    for name, path in PRIVATE.items():
        page.goto(path)
        wrong += judge(page, name, theme)
    page.goto("/orders")
    page.locator(".order-line").first.click()
    wrong += judge(page, "order", theme)
    page.goto(f"/library/{book_of('walden')['id']}")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    wrong += judge(page, "listen", theme)
    page.get_by_role("link", name="Library").first.click()
    expect(page.get_by_role("region", name="Player")).to_be_visible()
    wrong += judge(page, "mini-player", theme)
    page.goto("/books/persuasion")
    page.get_by_role("button", name="Give it to somebody").click()
    wrong += judge(page, "gift-dialog", theme)
    assert wrong == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_office_pages(page_as, book_of, shop, theme):
    page = page_as("admin", theme=theme)
    wrong = []
    for name, path in OFFICE.items():
        page.goto(path)
        wrong += judge(page, f"office-{name}", theme)
    ada = shop.sign_in("ada")
    orders = [shop.api("GET", f"/orders/{order['id']}", token=ada).json for order in shop.api("GET", "/orders", token=ada).json["items"]]
    page.goto("/office/orders/" + next(order["id"] for order in orders if order["payment"]["status"] == "paid"))
    expect(page.get_by_role("button", name="Give back the money")).to_be_visible()
    wrong += judge(page, "office-order", theme)
    page.goto(f"/office/books/{book_of('walden')['id']}")
    expect(page.locator(".waveform-sound")).to_have_attribute("d", re.compile("^M"), timeout=60_000)
    for closed in ("Read and correct", "Heard in 1 stretch", "For later, or for a while"):
        page.get_by_text(closed).click()
    expect(page.get_by_role("button", name=re.compile("^Listen at")).first).to_be_visible()
    wrong += judge(page, "office-book", theme)
    assert wrong == []


@pytest.mark.parametrize("name, path", [("home", "/"), ("book", "/books/emma"), ("search", "/search"), ("cart-empty", "/cart")])
def test_pages_from_right_to_left(page_as, name, path):
    page = page_as(language="ar")
    page.goto(path)
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert judge(page, f"{name}-ar", "light") == []


@pytest.mark.parametrize("path", ["/", "/books/emma"])
@pytest.mark.parametrize("name", [None, "ada"])
def test_first_view_is_small_and_stands_still(page_as, path, name):
    page = page_as(name)
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.add_init_script(WATCH_SHIFTS)
    page.goto(path)
    settle(page)
    sent = sum(size_as_delivered(answer) for answer in answers if answer.request.resource_type not in ("image", "media"))
    assert sent <= BUDGET_BYTES, f"{sent} bytes"
    assert page.evaluate("window.shifts") == 0


def test_a_page_that_comes_in_two_pieces_stands_still(page_as, shop):
    rest = threading.Event()

    class InPieces(http.server.BaseHTTPRequestHandler):
        """The shop, whose pages stop within the header until the rest is wanted."""

        def do_GET(self):
            answer = call("GET", shop.addresses["shop"] + self.path)
            self.send_response(answer.status)
            self.send_header("content-type", answer.headers["content-type"])
            self.end_headers()
            first, word, second = answer.body.partition(b'<span class="header-cart-word">')
            self.wfile.write(first)
            if word:
                rest.wait(15)
                self.wfile.write(word + second)

        def log_message(self, *said):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), InPieces) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            page = page_as()
            page.add_init_script(WATCH_SHIFTS)
            page.goto(f"http://127.0.0.1:{server.server_port}/", wait_until="commit")
            page.wait_for_function(
                "document.styleSheets.length === document.querySelectorAll('link[rel=stylesheet]').length", polling=50)
            # The second frame; or none, while the page is not to be seen.
            page.evaluate("""new Promise((done) => {
                requestAnimationFrame(() => requestAnimationFrame(done));
                setTimeout(done, 500);
            })""")
            rest.set()
            settle(page)
            assert page.evaluate("window.shifts") == 0
        finally:
            rest.set()
            server.shutdown()


def size_as_delivered(answer):
    """The CDN compresses what the shop on this machine sends as it is."""
    if answer.status in (204, 304) or answer.status in range(300, 400):
        return 0
    body = answer.body()
    return len(body if "content-encoding" in answer.headers else gzip.compress(body))


def test_texts_can_be_twice_as_large(page_as):
    page = page_as(width=640)
    for path in ("/", "/books/emma", "/search"):
        page.goto(path)
        settle(page)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path


def test_theme_is_there_before_the_first_line(page_as, shop):
    page = page_as(theme="light")
    page.context.add_cookies([{"name": "earshelf-theme", "value": "dark", "url": shop.addresses["shop"]}])
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert re.fullmatch(r"rgb\(20, 24, 26\)", page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_states_between_pages(page_as, theme):
    page = page_as("ada", theme=theme)
    wrong = []
    page.goto("/")
    settle(page)
    page.get_by_role("combobox").fill("emma")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="Emma").first).to_be_visible()
    wrong += judge(page, "suggestions", theme)
    page.keyboard.press("Escape")
    page.get_by_role("banner").locator("summary").click()
    wrong += judge(page, "menu", theme)
    page.goto("/books/dracula")
    page.get_by_role("button", name="Add to cart").or_(page.get_by_role("link", name="To the cart")).first.click()
    page.goto("/cart")
    page.get_by_role("button", name="Remove: Dracula").click()
    expect(page.get_by_text("out of the cart")).to_be_visible()
    page.locator("summary", has_text="I have a code").click()
    page.get_by_label("Code", exact=True).fill("NOSUCHCODE")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("alert")).to_be_visible()
    wrong += judge(page, "cart-refused", theme)
    page.goto("/account")
    page.get_by_role("button", name="Delete for ever").click()
    wrong += judge(page, "account-delete", theme)
    page.goto("/cart")
    page.route("**/search**", lambda route: route.abort())
    page.get_by_role("link", name="Browse").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
    wrong += judge(page, "offline", theme)
    page.unroute_all(behavior="ignoreErrors")
    page.route("**/api/v1/orders**", lambda route: route.fulfill(status=503, json={
        "type": "database-unavailable", "title": "Unavailable", "detail": "Later.", "status": 503}))
    page.goto("/orders")
    expect(page.get_by_role("alert")).to_be_visible()
    wrong += judge(page, "orders-failed", theme)
    page.unroute_all(behavior="ignoreErrors")
    assert wrong == []


@pytest.mark.parametrize("story", [
    "pending", "unpaid", "processing", "cancelled", "expired", "refunded", "partially_refunded", "charged_back"])
def test_every_story_of_an_order_has_its_words(page_as, story):
    page = page_as("ada")
    page.goto("/orders")
    page.locator(".order-line").first.click()
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()

    def told(route):
        answer = route.fetch()
        order = answer.json()
        waits = story in ("pending", "unpaid", "processing")
        order["state"] = "pending" if waits else story if story in ("cancelled", "expired") else "confirmed"
        order["payment"]["status"] = "unpaid" if order["state"] != "confirmed" else story
        order["payment"]["attempt"] = "processing" if story == "processing" else "open"
        if story == "unpaid":
            order["payment"]["payAt"] = "https://pay.example.org/"
        route.fulfill(response=answer, json=order)

    page.route(re.compile(r"/api/v1/orders/[0-9a-f-]{36}(/refresh)?$"), told)
    page.reload()
    settle(page)
    expect(page.locator("main h1")).not_to_contain_text("Thank you")
    assert judge(page, f"order-{story}", "light") == []
    assert not re.search(r"orders\.\w+", page.locator("main").inner_text())
    page.unroute_all(behavior="ignoreErrors")
