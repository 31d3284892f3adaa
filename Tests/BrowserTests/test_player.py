"""Listening: the place, the chapters, what goes on over all pages, and two devices."""

import re

import pytest
from playwright.sync_api import expect

from conftest import answer_library


def from_its_beginning(shop, book):
    """Put back to it, and with its text: the tests of one shop share what ada owns."""
    token = shop.sign_in("ada")
    device = {"id": "test", "name": "Test"}
    for bookmark in shop.api("GET", f"/library/{book['id']}/bookmarks", token=token).json["items"]:
        shop.api("DELETE", f"/library/{book['id']}/bookmarks/{bookmark['id']}", token=token, version=f'"{bookmark["version"]}"')
    assert shop.api("PUT", f"/library/{book['id']}/position", {"move": "restart", "device": device}, token=token).status == 200
    shop.eventually("its text", lambda: shop.api("GET", f"/library/{book['id']}/transcript", token=token).json.get("segments"))
    return book


@pytest.fixture
def walden(shop, book_of):
    return from_its_beginning(shop, book_of("walden"))


def seconds(page):
    clock = page.locator(".listen-time span").first.inner_text()
    minutes, rest = clock.split(":")[-2:]
    return int(minutes) * 60 + int(rest)


def listen(page, book):
    page.goto(f"/library/{book['id']}")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_library_leads_to_a_book(page_as):
    page = page_as("ada")
    page.goto("/library")
    page.get_by_role("link", name="Walden").click()
    expect(page.get_by_role("heading", level=1, name="Walden")).to_be_focused()


def test_library_goes_on_for_whoever_scrolls_fast(page_as, shop):
    """The end comes and goes between two looks at it: nothing of it may be the last."""
    page = page_as("ada")
    answer_library(page, shop, 960)
    page.goto("/library")
    page.evaluate("""() => {
        const toEnd = () => { scrollTo(0, document.documentElement.scrollHeight); setTimeout(toEnd, 5); };
        toEnd();
    }""")
    expect(page.locator(".book-grid > li")).to_have_count(960)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def test_it_plays_and_the_place_is_kept(page_as, walden, shop):
    page = page_as("ada")
    listen(page, walden)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".listen-time span").first).to_have_text("0:02")
    with page.expect_response(re.compile("/position$")) as told:
        page.get_by_role("button", name="Pause", exact=True).click()
    assert told.value.status == 200
    place = shop.api("GET", f"/library/{walden['id']}/position", token=shop.sign_in("ada")).json
    assert place["positionMilliseconds"] >= 2000
    page.reload()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert seconds(page) >= 2


def test_it_goes_on_while_one_browses(page_as, walden):
    page = page_as("ada")
    listen(page, walden)
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("link", name="Browse").first.click()
    mini = page.get_by_role("region", name="Player")
    expect(mini).to_contain_text("Walden")
    expect(mini).to_contain_text(re.compile(r"0:0[2-9] /"))
    mini.get_by_role("button", name="Pause", exact=True).click()
    mini.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name="Walden")).to_be_visible()
    expect(mini).to_have_count(0)


def test_chapters_and_skips_move(page_as, walden):
    page = page_as("ada")
    listen(page, walden)
    second = walden["chapters"][1]
    page.get_by_role("button", name="Next chapter").click()
    expect(page.get_by_role("button", name=second["title"])).to_have_attribute("aria-current", "true")
    assert seconds(page) == second["startMilliseconds"] // 1000
    page.get_by_role("button", name="Previous chapter").click()
    expect(page.locator(".listen-time span").first).to_have_text("0:00")
    page.locator("h1").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".listen-time span").first).not_to_have_text("0:00")


def test_bookmark_is_kept_removed_and_brought_back(page_as, walden):
    page = page_as("ada")
    listen(page, walden)
    page.get_by_role("button", name="Next chapter").click()
    page.get_by_label("A note").fill("<b>Simplify</b>")
    page.get_by_role("button", name="Bookmark this place").click()
    expect(page.get_by_text("<b>Simplify</b>")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Delete:")).click()
    expect(page.get_by_text("<b>Simplify</b>")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("<b>Simplify</b>")).to_be_visible()
    page.reload()
    expect(page.get_by_text("<b>Simplify</b>")).to_be_visible()


def test_another_device_is_told_of_and_nobody_is_moved(page_as, walden, shop):
    page = page_as("ada")
    listen(page, walden)
    elsewhere = walden["durationMilliseconds"] - 4000
    moved = shop.api("PUT", f"/library/{walden['id']}/position", {
        "move": "seek", "positionMilliseconds": elsewhere, "device": {"id": "phone", "name": "Phone"}}, token=shop.sign_in("ada"))
    assert moved.status == 200
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".listen-time span").first).to_have_text("0:01")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_text("On another device you are at")).to_be_visible()
    assert seconds(page) < 4
    page.get_by_role("button", name="Go there").click()
    expect(page.locator(".listen-time span").first).to_have_text(f"0:{elsewhere // 1000:02d}")


def test_address_that_has_ended_is_renewed_once_and_unheard(page_as, walden):
    page = page_as("ada")
    refused = []

    def ended(route):
        refused.append(route.request.url)
        route.fulfill(status=403)

    page.route(re.compile(r":\d+/.*X-Amz-Signature"), ended, times=1)
    listen(page, walden)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".listen-time span").first).to_have_text("0:01")
    assert len(refused) == 1
    expect(page.get_by_text("cannot be played")).to_have_count(0)


def test_speed_stays_with_the_book(page_as, walden):
    page = page_as("ada")
    listen(page, walden)
    with page.expect_response(re.compile("/settings$")) as kept:
        page.get_by_label("Speed").select_option("1.5")
    assert kept.value.status == 200
    page.reload()
    expect(page.get_by_label("Speed")).to_have_value("1.5")
    with page.expect_response(re.compile("/settings$")):
        page.get_by_label("Speed").select_option("1")


def test_sleep_timer_ends_with_the_chapter(page_as, walden):
    page = page_as("ada")
    listen(page, walden)
    page.get_by_label("Sleep timer").select_option("chapter")
    end = walden["chapters"][0]["endMilliseconds"]
    page.get_by_role("slider", name="Place in the book").evaluate(
        "(slider, place) => { slider.value = place; slider.dispatchEvent(new Event('change')); }", end - 1500)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_label("Sleep timer")).to_have_value("off")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert abs(seconds(page) - end / 1000) <= 2


def test_word_that_is_said_is_lit_and_one_that_is_tapped_is_gone_to(page_as, walden):
    page = page_as("ada")
    listen(page, walden)
    page.locator("summary", has_text="Read along").click()
    page.get_by_role("button", name="Play", exact=True).click()
    lit = page.locator(".read-along .lit")
    first = lit.inner_text()
    expect(lit).not_to_have_text(first)
    page.get_by_role("button", name="Pause", exact=True).click()
    word = page.locator(".read-along [data-start]").nth(15)
    word.click()
    expect(word).to_have_class("lit")
    assert seconds(page) == int(word.get_attribute("data-start")) // 1000


def test_what_is_said_is_found_and_gone_to(page_as, walden):
    page = page_as("ada")
    listen(page, walden)
    page.get_by_label("Search in what is said").fill("woods")
    page.locator(".passages").get_by_role("button", name="Search").click()
    expect(page.locator(".passage mark").first).to_have_text("woods")
    page.locator(".passage").first.get_by_role("button").click()
    assert seconds(page) > 0
    page.goto("/library")
    page.get_by_label("Search in what is said in your books").fill("woods")
    page.locator(".passages").get_by_role("button", name="Search").click()
    page.locator(".passage").filter(has_text="Walden").first.get_by_role("button").click()
    expect(page.get_by_role("heading", level=1, name="Walden")).to_be_visible()
    assert seconds(page) > 0


def test_story_so_far_tells_of_nothing_that_was_not_heard(page_as, walden):
    page = page_as("ada")
    listen(page, walden)
    page.locator("summary", has_text="The story so far").click()
    expect(page.get_by_text("Nothing is told yet")).to_be_visible()


def test_book_is_had_as_files_to_keep(page_as, book_of):
    page = page_as("ada")
    listen(page, book_of("walden"))
    files = page.locator(".book-files")
    with page.expect_download() as recording:
        files.get_by_role("listitem").filter(has_text="as it is").get_by_role("button", name="Download").click()
    assert recording.value.suggested_filename == "Walden 1.m4b"
    book = files.get_by_role("listitem").filter(has_text="M4B with chapters")
    book.get_by_role("button", name="Have it made").click()
    expect(book.get_by_role("button", name="Download")).to_be_visible(timeout=60_000)
    with page.expect_download() as made:
        book.get_by_role("button", name="Download").click()
    assert made.value.suggested_filename.endswith(".m4b")
    assert made.value.path().read_bytes()[4:8] == b"ftyp"
    expect(page.get_by_role("heading", level=1, name="Walden")).to_be_visible()
