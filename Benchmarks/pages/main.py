"""How large, how quick and how smooth the pages are, in a real browser: `./build.sh bench pages`. What it finds is written to
Benchmarks/results/pages.md.

The shop is this machine's own, with the books of the seeds. The browser has one core for itself, and runs four times slower
than it could. The library of ten thousand books is made up from an answer of the shop: what is measured is the page."""

import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests/BrowserTests"), str(ROOT / "Tests/Journey")]

from playwright.sync_api import expect, sync_playwright  # noqa: E402

from conftest import CHROMIUM, filled_shop  # noqa: E402
from test_looks import BUDGET_BYTES, size_as_delivered  # noqa: E402

ROUNDS = 7
SLOWER = 4
OWNED = 10_000
PAGE = 48
INTERACTIVE_BUDGET_MILLISECONDS = 1000
FRAMES_BUDGET = 50

WATCH = """
    window.shifts = 0;
    window.busyUntil = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.shifts += entry.value; }))
        .observe({ type: "layout-shift", buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => { window.busyUntil = entry.startTime + entry.duration; }))
        .observe({ type: "longtask", buffered: true });
"""

# Interactive: the program of the page has run, and no task of 50 milliseconds came after.
INTERACTIVE = """() => Math.max(
    performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd, window.busyUntil)"""

# Scrolls a screen every six frames, as a fling does, and notes when each frame was drawn.
SCROLL = """(seconds) => new Promise((done) => {
    const times = [];
    const step = innerHeight / 6;
    let down = true;
    const frame = (time) => {
        times.push(time);
        const before = scrollY;
        scrollBy({ top: down ? step : -step, behavior: "instant" });
        if (scrollY === before) { down = !down; }
        if (time - times[0] < seconds * 1000) { requestAnimationFrame(frame); } else { done(times); }
    };
    requestAnimationFrame(frame);
})"""


def one_core():
    """Chromium with all its processes on the last core."""
    script = pathlib.Path(tempfile.mkdtemp(prefix="earshelf-bench-")) / "chromium"
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
    return max(sizes), statistics.median(moments), max(moments), max(shifts)


def library(shop):
    """Answers of the shop, with ten thousand books."""
    like = shop.api("GET", "/library?limit=1", token=shop.sign_in("ada")).json["items"][0]

    def page(route):
        start = int(dict(part.split("=") for part in route.request.url.split("?")[1].split("&")).get("cursor", 0))
        items = [like | {"title": f"{like['title']} {number}"} for number in range(start, min(OWNED, start + PAGE))]
        body = {"items": items} | ({"next": str(start + PAGE)} if start + PAGE < OWNED else {})
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    return page


def scrolling(browser, shop):
    """Frames a second in the worst second, and how long the slowest twentieth of the frames took at least."""
    page = opened(browser, shop, "ada")
    page.route("**/api/v1/library?*", library(shop))
    page.goto("/library")
    expect(page.locator(".book-grid > li").first).to_be_visible()
    page.evaluate("""(count) => new Promise((done) => {
        const look = () => {
            scrollTo(0, document.documentElement.scrollHeight);
            if (document.querySelectorAll(".book-grid > li").length >= count) { done(); } else { setTimeout(look, 20); }
        };
        look();
    })""", OWNED)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(1000)
    times = page.evaluate(SCROLL, 15)
    page.context.close()
    gaps = sorted(later - earlier for earlier, later in zip(times, times[1:]))
    seconds = [sum(1 for time in times if start <= time < start + 1000) for start in times if start + 1000 <= times[-1]]
    return min(seconds), statistics.median(seconds), gaps[int(len(gaps) * 0.95)]


def machine(browser):
    model = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, Chromium {browser.version}"


def main():
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory() as state, filled_shop(pathlib.Path(state)) as shop, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=one_core(), args=["--no-sandbox"])
        lines = [
            "# Pages", "", f"{machine(browser)}; commit {commit}.", "",
            f"The browser on one core, {SLOWER} times slower than it could; {ROUNDS} rounds, each with nothing kept. Bytes are all but covers,"
            " compressed as the CDN does it.", "",
            "| first view | bytes | interactive after, median | at most | moved |", "|---|---:|---:|---:|---:|"]
        met = True
        for name, path in (("home", "/"), ("a book", "/books/pride-and-prejudice")):
            size, median, most, shift = first_view(browser, shop, path)
            lines.append(f"| {name} | {size:,} | {median:.0f} ms | {most:.0f} ms | {shift:g} |")
            met = met and size <= BUDGET_BYTES and median <= INTERACTIVE_BUDGET_MILLISECONDS and shift == 0
        worst, usual, gap = scrolling(browser, shop)
        met = met and worst >= FRAMES_BUDGET
        lines += [
            "", f"A library of {OWNED:,} books, scrolled for 15 seconds by eight screens a second and more, at full speed of the core:"
            f" {usual:.0f} frames a second, {worst} in the worst; of 20 frames one took {gap:.1f} ms or more.", "",
            f"Budgets: {BUDGET_BYTES:,} bytes, {INTERACTIVE_BUDGET_MILLISECONDS} ms, nothing moves, {FRAMES_BUDGET} frames a second."
            f" {'All are met.' if met else 'Not all are met.'}", ""]
        browser.close()
    text = "\n".join(lines)
    (ROOT / "Benchmarks/results/pages.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
