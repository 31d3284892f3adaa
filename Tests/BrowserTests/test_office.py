"""The back office: a book from a file to its sale, money back line by line, and who may do what."""

import re
import subprocess
import uuid

import pytest
from playwright.sync_api import expect


def heading(page, text):
    return expect(page.get_by_role("heading", level=1, name=text))


def new_draft(page, title):
    page.goto("/office/books")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Author").fill("Nobody Known")
    page.get_by_role("button", name="Make the draft").click()
    heading(page, title).to_be_visible()


def set_price(page, amount):
    page.get_by_label("Price", exact=True).fill(amount)
    page.get_by_role("button", name="Set the price").click()
    expect(page.get_by_text("€" + amount)).to_be_visible()


def test_book_from_a_file_to_its_sale(page_as, recording):
    page = page_as("editor")
    title = f"Spoken {uuid.uuid4().hex[:8]}"
    new_draft(page, title)
    expect(page.get_by_role("button", name="Publish")).to_be_disabled()
    page.get_by_label("Drop recordings").set_input_files(recording)
    expect(page.get_by_text("The recording is accepted")).to_be_visible(timeout=30_000)
    text = page.locator("section").filter(has=page.get_by_role("heading", name="Text", exact=True))
    text.get_by_role("button", name="Look again").click()
    expect(text.get_by_role("status")).to_contain_text(re.compile("ready|needs a look"), timeout=60_000)
    text.get_by_text("Read and correct").click()
    line = text.get_by_label(re.compile("^Text at")).first
    line.fill("What never was said there")
    text.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    set_price(page, "9.99")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("button", name="Take off the lists")).to_be_visible()
    page.get_by_role("link", name="See it in the shop").click()
    heading(page, title).to_be_visible()
    expect(page.get_by_role("button", name="Add to cart")).to_be_visible()


def test_why_a_book_has_no_text_is_told_in_words(page_as, book_of):
    page = page_as("editor")
    page.goto(f"/office/books/{book_of('candide')['id']}")
    expect(page.get_by_text("failed (The service does not know the book’s language.)").first).to_be_visible(timeout=60_000)


def test_summary_is_seen_by_nobody_before_it_is_approved(page_as, book_of):
    page = page_as("editor")
    book = book_of("persuasion")
    page.goto(f"/office/books/{book['id']}")
    draft = page.get_by_role("listitem").filter(has_text=re.compile("Whole book · waits for approval"))
    expect(draft).to_be_visible()
    words = draft.locator("p").nth(1).inner_text()
    page.goto("/books/persuasion")
    expect(page.get_by_text(words)).to_have_count(0)
    page.goto(f"/office/books/{book['id']}")
    draft.get_by_role("button", name="Let it be read").click()
    expect(page.get_by_role("listitem").filter(has_text=re.compile("Whole book · approved"))).to_be_visible()
    page.goto("/books/persuasion")
    expect(page.get_by_text(words)).to_be_visible()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Noise, so large that it is sent in three parts."""
    file = tmp_path_factory.mktemp("large") / "noise.wav"
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "anoisesrc=d=120:r=48000", "-ac", "2", str(file)], check=True)
    assert file.stat().st_size > 2 * 8 * 1024 * 1024
    return file


def test_upload_that_was_cut_goes_on_where_it_was(page_as, large):
    page = page_as("editor")
    new_draft(page, f"Noise {uuid.uuid4().hex[:8]}")
    sent = []

    def storage(route):
        """The second part fails as often as it is tried, until the tab is closed."""
        sent.append(route.request.url)
        if "partNumber=2" in route.request.url:
            route.abort()
        else:
            route.continue_()

    page.route(re.compile(r"partNumber="), storage)
    page.get_by_label("Drop recordings").set_input_files(large)
    expect(page.get_by_text("part 1 of 3 is sent")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Paused.")).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    again = []
    page.on("request", lambda request: again.append(request.url) if "partNumber=" in request.url else None)
    page.get_by_label("Drop recordings").set_input_files(large)
    expect(page.get_by_text("The recording is accepted")).to_be_visible(timeout=30_000)
    assert [re.search(r"partNumber=(\d+)", url)[1] for url in again] == ["2", "3"]


def test_stale_change_shows_both_and_loses_nothing_typed(page_as, shop):
    page = page_as("editor")
    title = f"Stale {uuid.uuid4().hex[:8]}"
    new_draft(page, title)
    book = page.url.split("/")[-1]
    token = shop.sign_in("editor")
    version = shop.api("GET", f"/audiobooks/{book}", token=token).headers["etag"]
    assert shop.api("PATCH", f"/audiobooks/{book}", {"subtitle": "Theirs"}, token=token, version=version).status == 200
    form = page.locator("form").filter(has=page.get_by_role("heading", name="What is said of it"))
    form.get_by_label("Description").fill("Mine, and long in the making")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("Theirs")
    expect(form.get_by_label("Description")).to_have_value("Mine, and long in the making")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    kept = shop.api("GET", f"/audiobooks/{book}", token=token).json
    assert kept["description"] == "Mine, and long in the making"


@pytest.mark.parametrize("name, path, words", [
    ("ada", "/office", "This is not for your role"), ("support", "/office/books", "This is not for your role"),
    ("editor", "/office/orders", "This is not for your role"), ("editor", "/office/nonsense", "There is nothing here"),
    (None, "/office", "Please sign in"),
])
def test_who_may_not_is_told_so_with_a_way_out(page_as, name, path, words):
    page = page_as(name)
    page.goto(path)
    heading(page, words).to_be_visible()
    expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()


def test_chapters_are_corrected_and_tile_the_recording(page_as, book_of, shop):
    page = page_as("editor")
    book = book_of("pride-and-prejudice")
    page.goto(f"/office/books/{book['id']}")
    form = page.locator("form").filter(has=page.get_by_role("heading", name="Chapters"))
    expect(form.get_by_label("Title of chapter 1")).to_be_visible()
    before = form.get_by_role("listitem").count()
    form.get_by_label("Title of chapter 1").fill("The very beginning")
    form.get_by_role("button", name="Add a chapter").click()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    chapters = shop.api("GET", "/audiobooks/pride-and-prejudice").json["chapters"]
    assert len(chapters) == before + 1
    assert chapters[0]["title"] == "The very beginning"
    assert all(one["endMilliseconds"] == other["startMilliseconds"] for one, other in zip(chapters, chapters[1:]))
    form.get_by_label(f"Where chapter {before + 1} begins").fill("0:00.050")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("shorter than a tenth of a second")).to_be_visible()
    form.get_by_role("button", name="Delete: New chapter").last.click()
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.").last).to_be_visible()


def seconds(field):
    minutes, rest = field.input_value().split(":")
    return int(minutes) * 60 + float(rest)


def test_chapters_are_moved_and_heard_on_the_waveform(page_as, book_of):
    page = page_as("editor")
    page.goto(f"/office/books/{book_of('persuasion')['id']}")
    form = page.locator("form").filter(has=page.get_by_role("heading", name="Chapters"))
    expect(form.locator(".waveform-sound")).to_have_attribute("d", re.compile(r"^(M[\d.]+ [\d.]+v[\d.]+)+$"))
    expect(form.get_by_text("LUFS")).to_be_visible()
    mark, start = form.get_by_role("slider", name="Chapter 2 on the waveform"), form.locator("li input").nth(2)
    before = seconds(start)
    for key in ("ArrowRight", "ArrowUp"):
        mark.press(key)
    expect(mark).to_be_focused()
    assert seconds(start) == pytest.approx(before + 1.1)
    box = mark.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 30, box["y"] + 40, steps=3)
    page.mouse.up()
    assert seconds(start) > before + 1.2
    mark.press("ArrowLeft")
    lines = form.get_by_role("listitem").count()
    stage = form.locator(".waveform-stage").bounding_box()
    page.mouse.click(stage["x"] + stage["width"] / 2, stage["y"] + 100)
    form.get_by_role("button", name="Begin a chapter here").click()
    expect(form.get_by_role("listitem")).to_have_count(lines + 1)
    form.get_by_role("button", name="Closer").click()
    expect(form.locator(".waveform .number")).not_to_contain_text("0:00.000")
    listen = form.get_by_role("button", name="Listen from")
    at, head = listen.inner_text(), form.locator(".waveform-head")
    place = head.get_attribute("style")
    listen.click()
    expect(head).not_to_have_attribute("style", place)
    form.get_by_role("button", name="Pause").click()
    expect(listen).not_to_have_text(at)


def test_text_is_compared_with_its_sound_and_heard_again(page_as, book_of):
    page = page_as("editor")
    page.add_init_script("""
        const play = HTMLMediaElement.prototype.play;
        HTMLMediaElement.prototype.play = function () { window.heard = this; return play.call(this); };""")
    page.goto(f"/office/books/{book_of('dracula')['id']}")
    text = page.locator("section").filter(has=page.get_by_role("heading", name="Text", exact=True))
    text.get_by_text("Read and correct").click()
    text.get_by_role("button", name=re.compile("^Listen at")).nth(1).click()
    page.wait_for_function("() => window.heard && window.heard.paused && window.heard.currentTime > 0")
    text.get_by_text("Heard in 1 stretch").click()
    text.get_by_role("button", name=re.compile("^Hear it again")).click()
    expect(text.get_by_role("status")).to_contain_text(" 0 %")
    expect(text.get_by_role("status")).to_contain_text("100 %", timeout=60_000)
    expect(text.get_by_role("button", name=re.compile("^Hear it again"))).to_be_visible()


def test_draft_is_found_in_the_list_and_nowhere_in_the_shop(page_as):
    page = page_as("editor")
    title = f"Hidden {uuid.uuid4().hex[:8]}"
    new_draft(page, title)
    page.goto("/office/books?state=draft")
    expect(page.get_by_role("row").filter(has_text=title)).to_contain_text("not yet")
    page.get_by_role("main").get_by_role("searchbox").fill(title[:14].upper())
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name=title)).to_be_visible()
    page.goto(f"/search?q={title}")
    expect(page.get_by_role("link", name=title)).to_have_count(0)


def test_price_is_planned_and_withdrawn(page_as):
    page = page_as("editor")
    new_draft(page, f"Priced {uuid.uuid4().hex[:8]}")
    set_price(page, "9.99")
    page.get_by_text("For later, or for a while").click()
    page.get_by_label("From").fill("2031-05-01T10:00")
    page.get_by_label("Until").fill("2031-05-02T10:00")
    set_price(page, "4.99")
    sale = page.get_by_role("listitem").filter(has_text="€4.99")
    expect(sale).to_contain_text(re.compile("sale.*2031"))
    sale.get_by_role("button", name="Withdraw").click()
    expect(sale).to_have_count(0)
    expect(page.get_by_text("€9.99")).to_be_visible()


def test_clean_up_and_what_the_shop_tells_are_reported(page_as):
    page = page_as("admin")
    page.goto("/office/storage")
    expect(page.get_by_role("heading", name="Clean-up")).to_be_visible()
    page.get_by_role("link", name="gone", exact=True).click()
    expect(page.get_by_role("link", name="gone", exact=True)).to_have_attribute("aria-current", "true")
    page.goto("/office/events?told=published")
    told = page.get_by_role("region", name="What the shop tells others")
    expect(told.get_by_text("UploadReady").first).to_be_visible()


def test_role_is_given_and_taken(page_as, shop):
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    helper = page_as(email)
    helper.goto("/office")
    heading(helper, "This is not for your role").to_be_visible()
    admin = page_as("admin")
    admin.goto(f"/office/people?q={email}")
    row = admin.get_by_role("row").filter(has_text=email)
    row.get_by_label("Support").check()
    expect(admin.get_by_text("Saved.")).to_be_visible()
    helper.reload()
    heading(helper, "What needs attention").to_be_visible()
    row.get_by_label("Support").uncheck()
    expect(admin.get_by_text("Saved.").nth(1)).to_be_visible()


def test_sales_are_drawn_and_said(page_as):
    page = page_as("finance")
    page.goto("/office/sales")
    expect(page.get_by_role("img", name="What was earned in EUR")).to_be_visible()
    expect(page.get_by_role("rowheader", name="All together")).to_be_visible()
