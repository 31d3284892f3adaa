"""A recording from an editor's disk to a listener's ear, and the money back, once by mouse and once by keyboard alone."""

import re
import uuid

import pytest
from playwright.sync_api import expect

from hands import Keyboard, Mouse


def heading(page, text):
    return expect(page.get_by_role("heading", level=1, name=text))


class Journey:
    def __init__(self, hands, page_as):
        self.hands, self.page_as = hands, page_as
        self.title = f"Heard {uuid.uuid4().hex[:8]}"
        self.customer = f"{uuid.uuid4().hex[:12]}@example.org"

    def make(self, recording):
        page, hands = self.page_as("editor"), self.hands
        page.goto("/office/books")
        hands.write(page.get_by_label("Title"), self.title)
        hands.write(page.get_by_label("Author"), "Jane Austen")
        hands.press(page.get_by_role("button", name="Make the draft"))
        heading(page, self.title).to_be_visible()
        hands.send(page.get_by_label("Drop recordings"), recording)
        expect(page.get_by_text("The recording is accepted")).to_be_visible(timeout=30_000)
        text = page.locator("section").filter(has=page.get_by_role("heading", name="Text", exact=True))
        expect(text.get_by_role("status")).to_contain_text("ready", timeout=60_000)
        expect(page.locator(".waveform-sound")).to_have_attribute("d", re.compile("^M"))
        whole = page.get_by_role("listitem").filter(has_text=re.compile("^Whole book"))
        expect(whole).to_contain_text("waits for approval", timeout=60_000)
        hands.press(whole.get_by_role("button", name="Let it be read"))
        expect(whole).to_contain_text("approved")
        hands.write(page.get_by_label("Price", exact=True), "12.50")
        hands.press(page.get_by_role("button", name="Set the price"))
        expect(page.get_by_text("€12.50")).to_be_visible()
        hands.press(page.get_by_role("button", name="Publish"))
        expect(page.get_by_role("button", name="Take off the lists")).to_be_visible()

    def buy(self):
        page, hands = self.page_as(), self.hands
        self.listener = page
        page.goto("/")
        for title in (self.title, "Dracula"):
            search = page.get_by_role("combobox", name="Search for books")
            hands.write(search, title)
            page.keyboard.press("Enter")
            hands.press(page.get_by_role("main").get_by_role("link", name=title).first)
            heading(page, title).to_be_visible()
            hands.press(page.get_by_role("button", name="Add to cart"))
            expect(page.get_by_role("link", name="To the cart")).to_be_visible()
        hands.press(page.get_by_role("link", name="2 books in the cart"))
        hands.press(page.get_by_role("link", name="Sign in and check out"))
        hands.write(page.get_by_label("Or with any e-mail address"), self.customer)
        hands.press(page.get_by_role("button", name="Sign in with this address"))
        heading(page, "Check out").to_be_visible()
        for title in (self.title, "Dracula"):
            expect(page.get_by_role("main").get_by_text(title).first).to_be_visible()
        hands.tick(page.get_by_role("checkbox"))
        hands.press(page.get_by_role("button", name=re.compile("Order and pay")))
        hands.write(page.get_by_label("Name of the payer"), "Ada Lovelace")
        hands.select(page.get_by_label("Country"), "United Kingdom")
        hands.write(page.get_by_label("Card number"), "4242 4242 4242 4242")
        hands.write(page.get_by_label("Expiry"), "12 / 34")
        hands.write(page.get_by_label("Security code"), "123")
        hands.press(page.get_by_role("button", name="Pay"))
        heading(page, "Thank you").to_be_visible()
        self.order = page.url.split("/")[-1].split("?")[0]

    def listen(self):
        page, hands = self.listener, self.hands
        hands.press(page.get_by_role("banner").get_by_role("link", name="Library"))
        hands.press(page.get_by_role("link", name=self.title))
        hands.press(page.locator("summary", has_text="Read along"))
        hands.press(page.get_by_role("button", name="Play", exact=True))
        lit = page.locator(".read-along .lit")
        first = lit.inner_text()
        expect(lit).not_to_have_text(first)
        expect(page.locator(".listen-time span").first).to_have_text("0:02")
        hands.press(page.get_by_role("button", name="Pause", exact=True))
        hands.write(page.get_by_label("Search in what is said"), "vanity")
        hands.press(page.locator(".passages").get_by_role("button", name="Search"))
        found = page.locator(".passage").filter(has_text="vanity").first
        hands.press(found.get_by_role("button"))
        place = page.locator(".listen-time span").first
        expect(place).to_have_text(re.compile(r"0:[12]\d"))
        hands.write(page.get_by_label("A note"), "Of person and of situation")
        hands.press(page.get_by_role("button", name="Bookmark this place"))
        expect(page.get_by_text("Of person and of situation")).to_be_visible()
        self.place = place.inner_text()

    def find_the_place_elsewhere(self):
        """On another device, where somebody signs in anew."""
        other = self.page_as(self.customer)
        other.goto(self.listener.url)
        expect(other.locator(".listen-time span").first).to_have_text(self.place)
        expect(other.get_by_text("Of person and of situation")).to_be_visible()

    def ask_back(self):
        page, hands = self.listener, self.hands
        page.goto(f"/orders/{self.order}")
        hands.press(page.get_by_text("Ask for a refund"))
        hands.tick(page.get_by_role("checkbox", name="Dracula"))
        hands.press(page.get_by_role("button", name="Ask for the money back"))
        expect(page.get_by_text("You asked for money back on")).to_be_visible()

    def give_back(self):
        page, hands = self.page_as("finance"), self.hands
        page.goto("/office")
        hands.press(page.get_by_role("row").filter(has_text="refund-asked").first.get_by_role("link"))
        expect(page.get_by_text("The customer asked for money back")).to_be_visible()
        page.goto(f"/office/orders/{self.order}")
        expect(page.get_by_role("checkbox", name=re.compile("Dracula"))).to_be_checked()
        hands.press(page.get_by_role("button", name="Give back the money"))
        hands.press(page.get_by_role("dialog").get_by_role("button", name="Give back the money"))
        expect(page.get_by_text("The refund is on its way.")).to_be_visible()


@pytest.mark.parametrize("hands", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_from_a_recording_to_a_listener_and_back(hands, page_as, shop, recording):
    journey = Journey(hands, page_as)
    journey.make(recording)
    journey.buy()
    journey.listen()
    journey.find_the_place_elsewhere()
    journey.ask_back()
    journey.give_back()
    token = shop.sign_in(journey.customer)

    def titles():
        return [book["title"] for book in shop.api("GET", "/library", token=token).json["items"]]

    shop.eventually("Dracula to be gone", lambda: titles() == [journey.title])
    journey.listener.goto("/library")
    expect(journey.listener.get_by_role("link", name=journey.title)).to_be_visible()
    expect(journey.listener.get_by_role("link", name="Dracula")).to_have_count(0)
