"""How large, how quick and how smooth the pages are, in a real browser: `./build.sh bench pages`. What it finds is written to
Benchmarks/results/pages.md.

The shop is this machine's own, with the books of the seeds. The browser has one core for itself, and runs four times slower
than it could. The library of ten thousand books is made up from an answer of the shop: what is measured is the page."""

import os
import pathlib
import statistics
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Benchmarks/common"), str(ROOT / "Tests/BrowserTests")]

from playwright.sync_api import expect, sync_playwright  # noqa: E402

from measuring import EMULATOR, percentile, publish, spread, table, target  # noqa: E402
from shops import products  # noqa: E402
from conftest import CHROMIUM, answer_library, filled_shop  # noqa: E402
from test_looks import BUDGET_BYTES, WATCH_SHIFTS, size_as_delivered  # noqa: E402

ROUNDS = 7
SLOWER = 4
OWNED = 10_000
PATIENCE_SECONDS = 180
SCROLLED_SECONDS = 15
# Seven screens a second.
SCROLLED_PIXELS_A_SECOND = 5600
INTERACTIVE_BUDGET_MILLISECONDS = 1000
FRAMES_BUDGET = 50

WATCH = WATCH_SHIFTS + """
    window.busyUntil = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.busyUntil = entry.startTime + entry.duration; }))
        .observe({ type: "longtask", buffered: true });
"""

# Interactive: the program of the page has run, and no task of 50 milliseconds came after.
INTERACTIVE = """() => Math.max(
    performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd, window.busyUntil)"""

# Notes when each frame was drawn, until it is asked for.
FRAMES = """() => {
    window.frames = [];
    const frame = (time) => { window.frames.push(time); requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
}"""


def one_core(folder):
    """Chromium with all its processes on the last core."""
    script = pathlib.Path(folder) / "chromium"
    script.write_text(f"#!/bin/sh\nexec taskset -c {os.cpu_count() - 1} {CHROMIUM} \"$@\"\n")
    script.chmod(0o755)
    return script


def opened(browser, shop, name=None):
    address = shop.addresses["shop"]
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 800}, service_workers="block")
    if name:
        context.add_cookies([
            {"name": "__session", "value": shop.sign_in(name), "url": address, "httpOnly": True, "sameSite": "Lax"},
            {"name": "earshelf-signed-in", "value": "1", "url": address}])
    page = context.new_page()
    page.add_init_script(WATCH)
    return page


def first_view(browser, shop, path):
    """Bytes, milliseconds until it is interactive, and how far things moved; each time by a browser that saw nothing before."""
    sizes, moments, shifts = [], [], []
    for _ in range(ROUNDS):
        page = opened(browser, shop)
        answers = []
        page.on("response", lambda answer: answers.append(answer))
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(path, wait_until="networkidle")
        moments.append(page.evaluate(INTERACTIVE))
        shifts.append(page.evaluate("window.shifts"))
        sizes.append(sum(
            size_as_delivered(answer) for answer in answers if answer.request.resource_type not in ("image", "media")))
        page.context.close()
    return sizes, moments, shifts


def scrolling(browser, shop):
    """Frames of every second, and the milliseconds between any two of them."""
    page = opened(browser, shop, "ada")
    answer_library(page, shop, OWNED)
    page.goto("/library")
    books = page.locator(".book-grid > li")
    expect(books.first).to_be_visible()
    page.evaluate("window.reading = setInterval(() => scrollTo(0, document.documentElement.scrollHeight), 20)")
    expect(books).to_have_count(OWNED, timeout=PATIENCE_SECONDS * 1000)
    page.evaluate("clearInterval(window.reading); scrollTo(0, 0)")
    page.wait_for_timeout(1000)
    page.evaluate(FRAMES)
    page.context.new_cdp_session(page).send("Input.synthesizeScrollGesture", {
        "x": 640, "y": 400, "yDistance": -SCROLLED_PIXELS_A_SECOND * SCROLLED_SECONDS, "speed": SCROLLED_PIXELS_A_SECOND,
        "gestureSourceType": "mouse"})
    times = page.evaluate("window.frames")
    scrolled = page.evaluate("scrollY")
    page.context.close()
    if scrolled < SCROLLED_PIXELS_A_SECOND * SCROLLED_SECONDS * 0.9:
        raise SystemExit(f"it was scrolled by {scrolled} pixels only")
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    seconds = [sum(1 for time in times if start <= time < start + 1000) for start in times if start + 1000 <= times[-1]]
    return seconds, gaps


def main():
    rows, targets = [], []
    with tempfile.TemporaryDirectory(prefix="earshelf-bench-", dir="/var/tmp") as folder, sync_playwright() as playwright:
        with filled_shop(pathlib.Path(folder) / "state", EMULATOR, products=products(folder)) as shop:
            browser = playwright.chromium.launch(executable_path=one_core(folder), args=["--no-sandbox"])
            for name, path in (("home", "/"), ("a book", "/books/pride-and-prejudice")):
                sizes, moments, shifts = first_view(browser, shop, path)
                rows.append([name, f"{max(sizes):,}", spread(moments, "{:.0f}"), f"{max(shifts):g}"])
                targets += [
                    target(f"{name}: at most {BUDGET_BYTES:,} bytes", max(sizes) <= BUDGET_BYTES, f"{max(sizes):,}"),
                    target(
                        f"{name}: interactive within {INTERACTIVE_BUDGET_MILLISECONDS} ms",
                        statistics.median(moments) <= INTERACTIVE_BUDGET_MILLISECONDS, f"{statistics.median(moments):.0f} ms"),
                    target(f"{name}: nothing moves", max(shifts) == 0, f"{max(shifts):g}")]
            seconds, gaps = scrolling(browser, shop)
            targets.append(target(
                f"{OWNED:,} books: {FRAMES_BUDGET} frames in every second", min(seconds) >= FRAMES_BUDGET, min(seconds)))
            version = browser.version
            browser.close()
    publish("pages", "Pages", [
        f"Chromium {version} on one core, {SLOWER} times slower than it could; {ROUNDS} rounds, each with nothing kept. Bytes are all but"
        " covers, compressed as the CDN does it. The other core has the shop, as it is bundled.", "",
        *table(["first view", "bytes", "interactive after, ms", "moved"], rows),
        f"A library of {OWNED:,} books, scrolled by the wheel for {SCROLLED_SECONDS} seconds, {SCROLLED_PIXELS_A_SECOND:,} pixels in each,"
        f" at full speed of the core: {statistics.median(seconds):.0f} frames a second, {min(seconds)} in the worst; of 20 frames one took"
        f" {percentile(gaps, 0.95):.1f} ms or more.", ""], targets)


if __name__ == "__main__":
    main()
