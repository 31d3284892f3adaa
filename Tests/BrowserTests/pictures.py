"""The pictures of the README: `./build.sh pictures` takes them anew, of a shop that begins with the books of the seeds."""

import json
import os
import pathlib
import tempfile

from playwright.sync_api import expect, sync_playwright

from conftest import CHROMIUM, ROOT, fill
from shop import EMULATOR, Client, Shop
from test_console import paid_checkout

PICTURES = ROOT / "docs/pictures"


def take(shop):
    PICTURES.mkdir(parents=True, exist_ok=True)
    address = shop.addresses["shop"]
    walden = shop.api("GET", "/audiobooks/walden").json["id"]
    ada = shop.sign_in("ada")
    shop.eventually("its words", lambda: shop.api("GET", f"/library/{walden}/transcript", token=ada).json.get("segments"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

        def picture(name, path, *, person=None, language="en", theme="light", width=1200, height=800, ready="main h1", act=None):
            context = browser.new_context(
                base_url=address, viewport={"width": width, "height": height}, color_scheme=theme, reduced_motion="reduce")
            cookies = [{"name": "earshelf-language", "value": language, "url": address}]
            if person:
                cookies.append({"name": "__session", "value": shop.sign_in(person), "url": address, "httpOnly": True})
                cookies.append({"name": "earshelf-signed-in", "value": "1", "url": address})
            context.add_cookies(cookies)
            page = context.new_page()
            page.goto(path, wait_until="networkidle")
            expect(page.locator(ready).first).to_be_visible()
            if act:
                act(page)
            page.screenshot(path=PICTURES / f"{name}.jpg", type="jpeg", quality=80)
            context.close()

        picture("home", "/", person="ada")
        picture("book", "/books/pride-and-prejudice", theme="dark")
        picture("listen", f"/library/{walden}", person="ada", ready=".controls", act=read_along)
        picture("office", f"/office/books/{walden}", person="editor", ready=".waveform-sound", act=beginnings)
        console = f"{shop.addresses['console']}/#/traces/{paid_checkout(shop)}"
        picture("console", console, height=1000, ready="h1")
        picture("arabic", "/search", language="ar", width=390, height=780)
        browser.close()


def read_along(page):
    page.locator("summary", has_text="Read along").click()
    page.locator(".controls").get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".read-along .lit")).to_be_visible()


def beginnings(page):
    page.get_by_role("heading", name="Chapters").evaluate("heading => heading.scrollIntoView({ block: 'center' })")


def main():
    running = os.environ.get("EARSHELF_READY_FILE")
    if running:
        take(Client(json.loads(pathlib.Path(running).read_text())))
        return
    with tempfile.TemporaryDirectory() as state:
        arguments = ("--storefront", str(ROOT / "Storefront"), "--settings", f"{state}/none.env")
        with Shop(EMULATOR, state, arguments=arguments) as shop:
            fill(shop, pathlib.Path(state) / "recordings")
            take(shop)


if __name__ == "__main__":
    main()
