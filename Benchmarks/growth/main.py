"""What becomes slower as the shop grows, and by how much: `./build.sh bench growth`.

A catalogue of 1,000 to 100,000 books, a library of 10 to 100,000 of them, and 1 to 256 clients. `--books 1000 1000000` goes to a
million, which takes long to be filled. All by the functions' bundles, through the emulator's gateway."""

import argparse
import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "common")]

import plots  # noqa: E402
from measuring import need, publish, table, wrk  # noqa: E402
from shops import give, measured_shop  # noqa: E402

HEAD = ["p50 ms", "p99 ms", "per second", "failures"]
# What is not known yet, the first answer finds out.
FIRST_HEAD = ["first ms", *HEAD]
LIBRARIES = (10, 1_000, 100_000)
CLIENTS = (1, 4, 16, 64, 256)


def rows(measured):
    """Of tables: what was measured of how many, and what it was."""
    return [
        [f"{count:,}", *name, f"{load.p50:.1f}", f"{load.p99:.1f}", f"{load.per_second:,.0f}", load.failures]
        for count, *name, load in measured]


def asked(shop, path, seconds, token=None):
    """The first answer's milliseconds, and what came of asking over and over."""
    start = time.perf_counter()
    answer = shop.api("GET", path, token=token)
    first = (time.perf_counter() - start) * 1000
    if answer.status != 200:
        raise SystemExit(f"{path}: {answer}")
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return f"{first:.0f}", wrk(f"{shop.addresses['shop']}/api/v1{path}", seconds=seconds, headers=headers)


def drawn(name, title, across, measured):
    series = {}
    for count, what, _, load in measured:
        series.setdefault(what, []).append((count, load.p50))
    return plots.lines(name, title, across, "p50 ms", series)


def catalogue(shop, books, seconds):
    """One client after another: what grows is the answer's own time."""
    following = shop.api("GET", "/audiobooks?limit=100").json["next"]
    word = shop.api("GET", "/audiobooks?limit=1").json["items"][0]["title"].split()[0].lower()
    slug = shop.api("GET", "/audiobooks?limit=1").json["items"][0]["slug"]
    questions = {
        "the newest": "/audiobooks", "behind the first hundred": f"/audiobooks?limit=100&cursor={following}",
        "one book": f"/audiobooks/{slug}", "by price, with counts of all facets": "/audiobooks?sort=price&facets=true&count=true",
        "a word of a title": f"/search?q={word}"}
    return [(books, name, *asked(shop, path, seconds)) for name, path in questions.items()]


def library(shop, owned, seconds):
    book = shop.api("GET", "/library?limit=1", token=shop.token).json["items"][0]["audiobookId"]
    return [
        (owned, name, *asked(shop, path, seconds, shop.token))
        for name, path in (("the newest", "/library"), ("by title", "/library?sort=title"), ("one book", f"/library/{book}"))]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=int, default=3)
    arguments.add_argument("--books", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    options = arguments.parse_args()
    need("wrk", "wrk")
    books, owned, clients = [], [], []
    for count in options.books:
        with measured_shop(count) as shop:
            books += catalogue(shop, count, options.seconds)
            if count == options.books[0]:
                clients = [
                    (number, wrk(f"{shop.addresses['shop']}/api/v1/audiobooks", clients=number, seconds=options.seconds))
                    for number in CLIENTS]
            if count == options.books[-1]:
                for number in (number for number in LIBRARIES if number <= count):
                    give(shop, number)
                    owned += library(shop, number, options.seconds)
    publish("growth", "As the shop grows", [
        f"Each question for {options.seconds} seconds, over and over.", "", "The catalogue, one client:", "",
        *table(["books", "question", *FIRST_HEAD], rows(books)),
        *drawn("growth-catalogue", "The catalogue, as it grows", "books", books),
        f"The library, one client, in a shop of {options.books[-1]:,} books:", "", *table(["owned", "question", *FIRST_HEAD], rows(owned)),
        *drawn("growth-library", "A library, as it grows", "books owned", owned),
        f"The newest of {options.books[0]:,} books, by ten environments; who finds none free waits for one:", "",
        *table(["clients", *HEAD], rows(clients)),
        *plots.lines("growth-clients", "More and more clients at once", "clients", "per second", {
            "the newest": [(number, load.per_second) for number, load in clients]})])


if __name__ == "__main__":
    main()
