"""From the shelf to the receipt, as a customer goes."""

import json
import re
import uuid

from playwright.sync_api import expect

from hands import Keyboard


def somebody():
    """Somebody whom the shop has not seen yet."""
    return f"{uuid.uuid4().hex[:12]}@example.org"


def heading(page, text):
    return expect(page.get_by_role("heading", level=1, name=text))


def test_home_shows_books_and_leads_to_one(page_as):
    page = page_as()
    page.goto("/")
    book = page.get_by_role("list", name="New").get_by_role("link").first
    title = book.locator(".book-card-title").inner_text()
    book.click()
    heading(page, title).to_be_focused()
    expect(page).to_have_title(f"{title} · Earshelf")


def test_who_is_quicker_than_the_messages_stays_on_the_page_too(page_as):
    page = page_as()
    held = []
    page.route("**/messages/*", lambda route: held.append(route))
    page.goto("/books/emma")
    page.evaluate("window.wasHere = true")
    page.get_by_role("link", name="Jane Austen").first.click()
    heading(page, "Jane Austen").to_be_focused()
    for route in held:
        route.continue_()
    expect(page.get_by_role("combobox", name="Search for books")).to_be_visible()
    assert page.evaluate("window.wasHere")


def test_navigation_keeps_the_page_and_what_plays(page_as):
    page = page_as()
    page.goto("/books/emma")
    page.evaluate("window.wasHere = true; document.querySelector('earshelf-player').dataset.kept = 'yes'")
    page.get_by_role("link", name="Jane Austen").first.click()
    heading(page, "Jane Austen").to_be_visible()
    assert page.evaluate("window.wasHere && document.querySelector('earshelf-player').dataset.kept") == "yes"
    page.go_back()
    heading(page, "Emma").to_be_visible()


def test_going_back_finds_the_place_again(page_as):
    page = page_as(width=320)
    page.goto("/search")
    card = page.locator(".book-grid > li").nth(5)
    card.scroll_into_view_if_needed()
    page.evaluate("new Promise((done) => { addEventListener('scrollend', done, { once: true }); scrollBy(0, 200); })")
    place = page.evaluate("scrollY")
    page.locator(".book-grid a").nth(5).evaluate("(link) => link.click()")
    expect(page.locator(".book h1")).to_be_visible()
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(page.locator(".results")).to_be_visible()
    page.wait_for_function("(place) => Math.abs(scrollY - place) < 2", arg=place)


def test_suggestions_are_chosen_by_keyboard(page_as):
    page = page_as()
    page.goto("/")
    field = page.get_by_role("combobox", name="Search for books")
    field.fill("persua")
    option = page.get_by_role("option", name="Persuasion", exact=False).first
    expect(option).to_be_visible()
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id"))
    field.press("Enter")
    heading(page, "Persuasion").to_be_visible()


def test_search_forgives_a_slip_and_narrows(page_as):
    page = page_as()
    page.goto("/")
    page.get_by_role("combobox").fill("persuasoin")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Shown instead")).to_be_visible()
    expect(page.locator(".book-grid").get_by_role("link", name="Persuasion", exact=True)).to_be_visible()
    page.goto("/search")
    page.get_by_role("navigation", name="Filter").get_by_role("link", name="Jane Austen").click()
    expect(page.locator(".book-grid").get_by_role("link", name="Dracula")).to_have_count(0)
    expect(page.locator(".book-grid").get_by_role("link", name="Emma")).to_be_visible()


def test_search_without_a_hit_leads_on(page_as):
    page = page_as()
    page.goto("/search?q=xyzzyqwv")
    expect(page.get_by_role("heading", name="No book is like this")).to_be_visible()
    page.get_by_role("link", name="Show all books").click()
    expect(page.locator(".book-grid > li").first).to_be_visible()


def test_what_is_not_there_is_said_with_its_status(page_as):
    page = page_as()
    assert page.goto("/books/no-such-book").status == 404
    heading(page, "There is nothing here").to_be_visible()


def test_sample_plays_and_stops_when_one_leaves(page_as):
    page = page_as()
    page.add_init_script("""
        window.played = [];
        const Known = window.Audio;
        window.Audio = function () { const made = new Known(); window.played.push(made); return made; };
    """)
    page.goto("/books/emma")
    page.get_by_role("button", name="Listen to a sample").click()
    expect(page.locator(".sample .number")).to_have_text(re.compile(r"^0:0\d / "))
    expect(page.get_by_role("button", name="Pause the sample")).to_be_visible()
    page.get_by_role("link", name="Jane Austen").first.click()
    heading(page, "Jane Austen").to_be_visible()
    assert page.evaluate("window.played[0].paused")


def add(page, slug):
    page.goto(f"/books/{slug}")
    page.get_by_role("button", name="Add to cart").click()
    expect(page.get_by_role("link", name="To the cart")).to_be_visible()


def test_guest_fills_a_cart_and_takes_a_book_out_again(page_as):
    page = page_as()
    add(page, "emma")
    expect(page.get_by_role("link", name="1 book in the cart")).to_be_visible()
    add(page, "dracula")
    page.get_by_role("link", name="2 books in the cart").click()
    page.get_by_role("button", name="Remove: Emma").click()
    expect(page.get_by_role("button", name="Remove: Emma")).to_have_count(0)
    page.get_by_role("button", name="Undo").last.click()
    expect(page.get_by_role("button", name="Remove: Emma")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in and check out")).to_be_visible()


def test_a_cart_read_before_a_change_does_not_undo_its_count(page_as):
    page = page_as()
    held, late = [], []

    def read(route):
        if late:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route("**/api/v1/cart", read)
    add(page, "emma")
    late.append(True)
    for route, old in held:
        route.fulfill(response=old)
    expect(page.get_by_role("link", name="1 book in the cart")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert held
    expect(page.get_by_role("link", name="1 book in the cart")).to_be_visible()


def test_what_a_guest_chose_comes_along_into_the_cart(page_as, shop):
    page = page_as()
    add(page, "emma")
    address = shop.addresses["shop"]
    page.context.add_cookies([
        {"name": "__session", "value": shop.sign_in(somebody()), "url": address, "httpOnly": True, "sameSite": "Lax"},
        {"name": "earshelf-signed-in", "value": "1", "url": address}])
    page.goto("/cart")
    expect(page.get_by_text("“Emma” came along into your cart.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove: Emma")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Remove: Emma")).to_be_visible()
    expect(page.get_by_text("came along")).to_have_count(0)


def test_buying_by_keyboard_alone(page_as):
    page, keys = page_as(somebody()), Keyboard()
    page.goto("/")
    keys.reach(page.get_by_role("combobox", name="Search for books"))
    page.keyboard.type("dracula")
    expect(page.get_by_role("option", name="Dracula")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    heading(page, "Dracula").to_be_focused()
    keys.reach(page.get_by_role("button", name="Add to cart"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="To the cart")).to_be_focused()
    page.keyboard.press("Enter")
    heading(page, "Cart").to_be_focused()
    keys.reach(page.get_by_role("link", name="Check out"))
    page.keyboard.press("Enter")
    heading(page, "Check out").to_be_focused()
    keys.reach(page.get_by_role("checkbox"))
    page.keyboard.press("Space")
    keys.reach(page.get_by_role("button", name=re.compile("Order and pay")))
    page.keyboard.press("Enter")
    expect(page.get_by_label("Card number")).to_be_visible()


def test_gift_is_wished_and_kept_when_it_is_refused(page_as):
    page = page_as(somebody())
    page.goto("/books/persuasion")
    page.get_by_role("button", name="Give it to somebody").click()
    page.get_by_label("Their e-mail address").fill("anne@example.org")
    page.get_by_label("Their name").fill("Anne")
    page.get_by_label("A few words").fill("Half agony, half hope.")
    page.route("**/api/v1/cart/items", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Put into the cart as a gift").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("offline")
    expect(page.get_by_label("A few words")).to_have_value("Half agony, half hope.")
    page.get_by_role("button", name="Put into the cart as a gift").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("link", name="To the cart").click()
    expect(page.get_by_text("For Anne")).to_be_visible()


def test_gift_is_given_and_opened(page_as):
    giver = page_as(somebody())
    giver.goto("/books/a-christmas-carol")
    giver.get_by_role("button", name="Give it to somebody").click()
    giver.get_by_label("Their e-mail address").fill("tim@example.org")
    giver.get_by_role("button", name="Put into the cart as a gift").click()
    giver.get_by_role("link", name="To the cart").click()
    giver.get_by_role("link", name="Check out").click()
    giver.get_by_role("checkbox").check()
    giver.get_by_role("button", name="Order now").click()
    heading(giver, "Thank you").to_be_visible()
    giver.goto("/gifts")
    expect(giver.get_by_text("Not opened yet")).to_be_visible()
    code = giver.locator("code").inner_text()
    receiver = page_as(somebody())
    receiver.goto(f"/gifts/redeem#{code}")
    receiver.get_by_role("button", name="Open the gift").click()
    heading(receiver, "It is yours").to_be_focused()
    giver.reload()
    expect(giver.get_by_text("Opened", exact=False).first).to_be_visible()
    expect(giver.locator("code")).to_have_count(0)


def test_what_changed_since_is_said_beside_the_book(page_as):
    page = page_as()
    add(page, "emma")
    add(page, "dracula")

    def changed(route):
        answer = route.fetch()
        cart = answer.json()
        dearer, gone = cart["items"]
        dearer.update(hasPriceChanged=True, seenPrice={"minorUnits": 100, "currency": "EUR"})
        gone.update(isSold=False)
        del gone["price"]
        route.fulfill(response=answer, json=cart)

    page.route("**/api/v1/cart", changed)
    page.goto("/cart")
    expect(page.get_by_text("Dearer than before (€1.00)")).to_be_visible()
    expect(page.get_by_text("No longer on sale", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Check out")).to_be_disabled()
    page.unroute_all(behavior="ignoreErrors")


def test_signing_in_brings_back_to_where_one_was(page_as):
    page = page_as()
    add(page, "emma")
    page.goto("/cart")
    page.get_by_role("link", name="Sign in and check out").click()
    page.get_by_label("Or with any e-mail address").fill(somebody())
    page.get_by_role("button", name="Sign in with this address").click()
    heading(page, "Check out").to_be_visible()
    expect(page.get_by_role("main").get_by_text("Emma")).to_be_visible()
    assert page.evaluate("document.cookie").count("__session") == 0
    renewable = [cookie for cookie in page.context.cookies() if cookie["name"].endswith("refresh")]
    assert len(renewable) == 1
    page.get_by_role("banner").locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    page.context.add_cookies(renewable)
    stolen = page.evaluate("fetch('/auth/refresh', { method: 'POST' }).then((answer) => answer.status)")
    assert stolen == 401, "what somebody kept of it is good for nothing"


def test_a_sign_in_that_failed_is_told_of(page_as):
    page = page_as()
    page.goto("/auth/callback?state=of-another-browser&code=x")
    expect(page.get_by_text("was begun somewhere else")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    expect(page.get_by_label("Or with any e-mail address")).to_be_visible()


def test_promotion_that_is_unknown_is_told_and_stays_typed(page_as):
    page = page_as(somebody())
    add(page, "emma")
    page.goto("/cart")
    page.get_by_text("I have a code").click()
    page.get_by_label("Code", exact=True).fill("NOSUCHCODE")
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("alert")).to_contain_text("There is no such code")
    expect(page.get_by_label("Code", exact=True)).to_have_value("NOSUCHCODE")


def test_promotion_takes_off_what_it_says_and_goes_out_again(page_as, shop):
    code = f"SPRING-{uuid.uuid4().hex[:8].upper()}"
    made = shop.api("POST", "/admin/promotions", {"code": code, "percent": 50}, token=shop.sign_in("admin"))
    assert made.status == 201, made
    page = page_as(somebody())
    add(page, "candide")
    page.goto("/cart")
    total = page.locator(".sum-total dd")
    before = total.inner_text()
    page.get_by_text("I have a code").click()
    page.get_by_label("Code", exact=True).fill(code.lower())
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text(code)).to_be_visible()
    expect(page.get_by_text("Discount")).to_be_visible()
    expect(total).not_to_have_text(before)
    page.get_by_role("button", name="Take the code out").click()
    expect(total).to_have_text(before)


def test_filter_stays_open_on_a_small_screen(page_as):
    page = page_as(width=320)
    page.goto("/search")
    page.locator("summary", has_text="Filter").click()
    page.get_by_role("navigation", name="Filter").get_by_role("link", name="Jane Austen").click()
    expect(page.locator("h1")).to_be_focused()
    expect(page.get_by_role("navigation", name="Filter").get_by_role("link", name="Jane Austen")).to_be_visible()


def to_the_payment_page(page):
    page.goto("/checkout")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("Order and pay")).click()
    expect(page.get_by_label("Card number")).to_be_visible()


def pay(page, *, card=None, iban=None):
    """On the hosted page of the payment provider's stand-in."""
    page.get_by_label("Name of the payer").fill("Ada Lovelace")
    page.get_by_label("Country").select_option("GB")
    if card:
        page.get_by_label("Card number").fill(card)
        page.get_by_label("Expiry").fill("12 / 34")
        page.get_by_label("Security code").fill("123")
    else:
        page.get_by_label("SEPA Direct Debit").check()
        page.get_by_label("IBAN").fill(iban)
    page.get_by_role("button", name="Pay").click()


def test_buying_from_the_shelf_to_the_receipt(page_as):
    page = page_as(somebody())
    add(page, "candide")
    to_the_payment_page(page)
    pay(page, card="4242 4242 4242 4242")
    heading(page, "Thank you").to_be_visible()
    receipt = page.request.get(page.get_by_role("link", name="Receipt").get_attribute("href"))
    assert receipt.ok and "Candide" in receipt.text()
    page.goto("/orders")
    expect(page.get_by_role("listitem").filter(has_text="Paid")).to_have_count(1)
    page.goto("/books/candide")
    expect(page.get_by_role("link", name="Listen now")).to_be_visible()


def test_payment_that_takes_days_is_told(page_as):
    page = page_as(somebody())
    add(page, "candide")
    to_the_payment_page(page)
    pay(page, iban="DE89 3704 0044 0532 0130 00")
    heading(page, "Your payment is on its way").to_be_visible()


def test_card_that_is_declined_leaves_the_books_in_the_cart(page_as):
    page = page_as(somebody())
    add(page, "candide")
    to_the_payment_page(page)
    pay(page, card="4000 0000 0000 0002")
    page.get_by_role("link", name="Cancel and go back").click()
    heading(page, "Cart").to_be_visible()
    expect(page.get_by_role("button", name="Remove: Candide")).to_be_visible()


def test_unpaid_order_is_told_plainly_and_cancelled(page_as, shop):
    page = page_as(somebody())
    add(page, "emma")
    to_the_payment_page(page)
    page.goto("/orders")
    page.get_by_role("listitem").filter(has_text="Waiting for payment").get_by_role("link").click()
    heading(page, "Not paid yet").to_be_visible()
    expect(page.get_by_role("link", name="Pay now")).to_be_visible()
    page.get_by_role("button", name="Cancel the order").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel the order").click()
    heading(page, "This order is cancelled").to_be_visible()


def test_payment_that_is_looked_for_is_told(page_as):
    page = page_as("ada")
    page.goto("/orders")
    page.get_by_role("listitem").first.get_by_role("link").click()
    heading(page, "Thank you").to_be_visible()

    def pending(route):
        answer = route.fetch()
        order = {**answer.json(), "state": "pending"}
        order["payment"] = {**order["payment"], "attempt": "open", "status": "unpaid"}
        route.fulfill(response=answer, json=order)

    page.route(re.compile(r"/api/v1/orders/[0-9a-f-]{36}(/refresh)?$"), pending)
    page.reload()
    heading(page, "Looking for your payment").to_be_visible()
    page.unroute_all(behavior="ignoreErrors")


def test_free_book_is_bought_at_once(page_as):
    page = page_as(somebody())
    add(page, "a-christmas-carol")
    page.goto("/checkout")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Order now").click()
    heading(page, "Thank you").to_be_visible()


def test_owned_book_offers_to_listen(page_as):
    page = page_as("ada")
    page.goto("/books/walden")
    expect(page.get_by_role("link", name="Listen now")).to_be_visible()
    expect(page.get_by_role("button", name="Give it to somebody")).to_be_visible()


def test_home_continues_where_one_was(page_as):
    page = page_as("ada")
    page.goto("/")
    expect(page.get_by_role("region", name="Continue listening").get_by_role("link").first).to_have_attribute(
        "href", re.compile("/library/"))


def test_private_page_asks_a_guest_to_sign_in(page_as):
    page = page_as()
    page.goto("/orders")
    heading(page, "Please sign in").to_be_visible()
    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_have_attribute(
        "href", "/auth/sign-in?returnTo=%2Forders")


def test_gift_code_leaves_the_address_and_a_wrong_one_is_told(page_as):
    page = page_as(somebody())
    page.goto("/gifts/redeem#7F3K-9QZM-2A4V-XB6T")
    expect(page.get_by_label("The code of the gift")).to_have_value("7F3K-9QZM-2A4V-XB6T")
    assert "#" not in page.url
    page.get_by_role("button", name="Open the gift").click()
    expect(page.get_by_role("alert")).to_contain_text("No gift is opened by this code")


def test_preferences_are_kept_and_change_the_page(page_as):
    page = page_as(somebody())
    page.goto("/account")
    page.get_by_label("Looks").select_option("dark")
    page.get_by_label("Speed").select_option("1.5")
    page.get_by_role("button", name="Save").nth(1).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.get_by_label("Speed")).to_have_value("1.5")
    page.get_by_label("Language").select_option("ar")
    page.get_by_role("button", name="Save").nth(1).click()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


def test_account_is_deleted_only_by_what_is_typed(page_as):
    page = page_as(somebody())
    page.goto("/account")
    page.get_by_role("button", name="Delete for ever").click()
    sure = page.get_by_role("dialog").get_by_role("button", name="Delete for ever")
    expect(sure).to_be_disabled()
    page.get_by_label("To be sure, type").fill("forget me")
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        sure.click()
    assert deleted.value.status == 204


def test_a_page_without_the_network_says_so_and_comes_back(page_as):
    page = page_as()
    page.goto("/")
    expect(page.get_by_role("combobox", name="Search for books")).to_be_visible()
    page.route("**/search", lambda route: route.abort())
    page.get_by_role("navigation", name="Shop", exact=True).get_by_role("link", name="Browse").click()
    heading(page, "You are offline").to_be_focused()
    page.unroute("**/search")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".book-grid > li").first).to_be_visible()


def test_skip_link_is_first_and_leads_to_the_content(page_as):
    page = page_as()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_search_engines_are_told_of_books_at_their_addresses(page_as, shop):
    page = page_as()
    for path, kind in (("/books/emma", "Audiobook"), ("/people/jane-austen", "Person"), ("/search", "ItemList")):
        page.goto(path)
        data = [json.loads(text) for text in page.locator("script[type='application/ld+json']").all_text_contents()]
        found = [thing for one in data for thing in one.get("@graph", [one])]
        assert kind in [thing["@type"] for thing in found], path
        for address in addresses(found):
            assert page.request.get(address).ok, address


def addresses(things):
    """All that is named as an address of the shop's, of the first few."""
    text = json.dumps(things)
    return sorted(set(re.findall(r'"(?:url|item|contentUrl)": "(http[^"]*)"', text)))[:8]
