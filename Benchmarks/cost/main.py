"""What a million requests cost, and a book: `./build.sh bench cost`.

The milliseconds are those that the functions' bundles report here for a warm environment, one event at a time, billed by whole
ones as the platform does it. The prices, with their date and source, are in `prices.json`. A machine of the platform is another one
than this, so it is an order of magnitude and no offer."""

import argparse
import base64
import json
import pathlib
import re
import statistics
import sys
import time
import uuid

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("common", "endpoints")]

from measuring import publish, table  # noqa: E402
from shops import give, measured_shop  # noqa: E402

from shop import call  # noqa: E402
from webhooks import signature, webhook_event  # noqa: E402

LIST = json.loads((pathlib.Path(__file__).parent / "prices.json").read_text())
PRICES = {name: price["usd"] / price["per"] for name, price in LIST["prices"].items()}
REPORT = re.compile(r"Duration: ([\d.]+) ms\tBilled Duration: (\d+) ms\tMemory Size: (\d+) MB")


def event(method, route, *, path=None, headers=None, body="", parameters=None):
    """What an HTTP API sends for a request (payload format 2.0)."""
    return {
        "version": "2.0", "routeKey": f"{method} {route}", "rawPath": path or route, "rawQueryString": "",
        "headers": headers or {}, "pathParameters": parameters or {},
        "requestContext": {
            "requestId": str(uuid.uuid4()), "stage": "$default", "timeEpoch": int(time.time() * 1000),
            "http": {"method": method, "path": path or route, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "bench"}},
        "body": body, "isBase64Encoded": False}


def invoked(shop, function, payload):
    """Milliseconds, billed milliseconds and megabytes of memory, as the platform's report says them."""
    answer = call(
        "POST", f"{shop.addresses['lambda']}/2015-03-31/functions/{function}/invocations", body=payload,
        headers={"x-amz-log-type": "Tail"})
    if answer.json.get("statusCode") != 200:
        raise SystemExit(f"{function}: {answer}")
    milliseconds, billed, memory = REPORT.search(base64.b64decode(answer.headers["x-amz-log-result"]).decode()).groups()
    return float(milliseconds), int(billed), int(memory)


def questions(shop):
    signed = {"authorization": f"Bearer {shop.token}"}
    slug = shop.api("GET", "/audiobooks?limit=1").json["items"][0]["slug"]
    owned = shop.api("GET", "/library?limit=1", token=shop.token).json["items"][0]["audiobookId"]
    secret = (shop.state / "webhook-secret").read_text().strip()
    base = "/api/v1"

    def webhook(number):
        body = webhook_event(number)
        return event("POST", f"{base}/webhooks/stripe", headers={"stripe-signature": signature(body, secret)}, body=body)
    return {
        "list": ("Catalogue", lambda _: event("GET", f"{base}/audiobooks")),
        "book": ("Catalogue", lambda _: event(
            "GET", f"{base}/audiobooks/{{id}}", path=f"{base}/audiobooks/{slug}", parameters={"id": slug})),
        "library": ("Library", lambda _: event("GET", f"{base}/library", headers=signed)),
        "presign": ("Library", lambda _: event(
            "POST", f"{base}/library/{{id}}/stream", path=f"{base}/library/{owned}/stream", headers=signed,
            parameters={"id": owned})),
        "webhook": ("StripeWebhook", webhook),
    }


def requests(shop, times):
    rows = []
    for name, (function, ask) in questions(shop).items():
        reports = [invoked(shop, function, ask(number)) for number in range(times + 5)][5:]
        billed, memory = statistics.mean(report[1] for report in reports), reports[0][2]
        seconds = billed / 1000 * memory / 1024
        cost = {kind: 1e6 * (PRICES["gatewayRequest"] + PRICES["functionRequest"] + seconds * PRICES[kind])
                for kind in ("functionGigabyteSecond", "functionGigabyteSecondArm")}
        milliseconds = sorted(report[0] for report in reports)
        rows.append([
            name, f"{statistics.median(milliseconds):.2f} ({milliseconds[0]:.2f} to {milliseconds[-1]:.2f})", f"{billed:.1f}", memory,
            *(f"{usd:.2f}" for usd in cost.values())])
    return rows


def book():
    """What becomes of one book in money, from its recording to a listener."""
    of = LIST["book"]
    minutes, gigabytes = of["hours"] * 60, of["hours"] * 3600 * of["kilobitsPerSecond"] / 8 / 1e6
    read = minutes * of["wordsPerMinute"] * of["tokensPerWord"] + of["chapters"] * of["tokensPerSummary"]
    written = (of["chapters"] + 1) * of["tokensPerSummary"]
    waited = minutes * 60 / of["heardTimesAsQuicklyAsSpoken"] * of["transcribeGigabytes"]
    return [
        [f"heard, {minutes:,} minutes", minutes * PRICES["heardMinute"]],
        [f"`transcribe` while it is heard, {waited:,.0f} GB s", waited * PRICES["functionGigabyteSecond"]],
        [f"summaries, {read:,.0f} tokens read and {written:,} written", read * PRICES["tokenRead"] + written * PRICES["tokenWritten"]],
        [f"stored for a year, {gigabytes:.2f} GB", 12 * gigabytes * PRICES["storedGigabyteMonth"]],
        ["listened to once, to its end", gigabytes * PRICES["sentGigabyte"]]]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--times", type=int, default=200)
    options = arguments.parse_args()
    with measured_shop(2000, log_level="debug") as shop:
        give(shop, 50)
        rows = requests(shop, options.times)
    of = LIST["book"]
    publish("cost", "What it costs", [
        f"Prices of {LIST['region']} as read on {LIST['read']}, in US dollars ([prices.json](../cost/prices.json)). {LIST['note']}", "",
        f"A million requests: gateway, function, and what was billed of {options.times} events each, in a shop of 2,000 books:", "",
        *table(["request", "ms, median (least to most)", "billed ms, mean", "memory MB", "$ on x86_64", "$ on arm64"], rows),
        f"A book of {of['hours']} hours at {of['kilobitsPerSecond']} kbit/s in {of['chapters']} chapters, read at"
        f" {of['wordsPerMinute']} words a minute; that the model hears {of['heardTimesAsQuicklyAsSpoken']} times as quickly as one"
        " speaks is assumed, and the function waits for it:", "",
        *table(["", "$"], [[what, f"{usd:.4f}"] for what, usd in book()])])


if __name__ == "__main__":
    main()
