"""Without a network: a kept book plays, moves, and tells where one is once there is one again."""

import re

import pytest
from playwright.sync_api import expect

from test_player import from_its_beginning, listen, seconds


@pytest.fixture
def machine(shop, book_of):
    """Another one than that of the tests of the player, which may run beside these."""
    return from_its_beginning(shop, book_of("the-time-machine"))


@pytest.fixture
def kept(page_as, machine):
    page = page_as("ada", service_workers="allow")
    listen(page, machine)
    page.get_by_role("button", name="Keep it on this device").click()
    expect(page.get_by_text("Kept here")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Kept here")).to_be_visible()
    yield page
    page.context.set_offline(False)


def test_kept_book_plays_moves_and_syncs_later(kept, machine, shop):
    page = kept
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", level=1, name="The Time Machine")).to_be_visible()
    page.get_by_role("button", name="Next chapter").click()
    page.get_by_role("button", name="Play", exact=True).click()
    start = machine["chapters"][1]["startMilliseconds"] // 1000
    expect(page.locator(".listen-time span").first).to_have_text(f"0:{start + 2:02d}")
    page.get_by_role("button", name="Pause", exact=True).click()
    place = seconds(page)
    token = shop.sign_in("ada")
    path = f"/library/{machine['id']}/position"
    assert shop.api("GET", path, token=token).json["positionMilliseconds"] == 0
    page.reload()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    assert abs(seconds(page) - place) <= 1
    with page.expect_response(lambda answer: answer.request.method == "PUT" and "/position" in answer.url):
        page.context.set_offline(False)
    shop.eventually("the place", lambda: abs(shop.api("GET", path, token=token).json["positionMilliseconds"] // 1000 - place) <= 1, 20)


def test_kept_book_is_read_along_too(kept):
    page = kept
    page.context.set_offline(True)
    page.reload()
    page.locator("summary", has_text="Read along").click()
    page.get_by_role("button", name="Play", exact=True).click()
    lit = page.locator(".read-along .lit")
    first = lit.inner_text()
    expect(lit).not_to_have_text(first)


def test_kept_book_is_answered_by_ranges(kept, machine):
    answer = kept.evaluate("""async (id) => {
        const response = await fetch(`/offline/${id}/1`, { headers: { range: 'bytes=10-19' } });
        const beyond = await fetch(`/offline/${id}/1`, { headers: { range: 'bytes=999999999-' } });
        return [response.status, response.headers.get('content-range'), (await response.arrayBuffer()).byteLength, beyond.status];
    }""", machine["id"])
    assert answer[0] == 206 and re.fullmatch(r"bytes 10-19/\d+", answer[1]) and answer[2:] == [10, 416]


def test_other_pages_say_that_one_is_offline(kept):
    page = kept
    page.context.set_offline(True)
    page.get_by_role("link", name="Browse").first.click()
    expect(page.get_by_role("heading", level=1, name="You are offline")).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".book-grid > li").first).to_be_visible()


def test_kept_book_is_let_go(kept, machine):
    page = kept
    page.get_by_role("button", name="Remove it from here").click()
    expect(page.get_by_role("button", name="Keep it on this device")).to_be_visible()
    left = page.evaluate("async () => (await (await caches.open('earshelf-books')).keys()).length")
    assert left == 0


def test_signing_out_leaves_nothing_behind(kept):
    page = kept
    page.get_by_role("banner").locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    names = page.evaluate("caches.keys()")
    assert "earshelf-books" not in names
