"""Five endpoints beside a peer that does the same on the same database, and beside pgbench with the same statements:
`./build.sh bench endpoints`.

The peer (`peer/app.py`) is FastAPI, SQLAlchemy and asyncpg under uvicorn with two workers. Before anything is measured, both
must answer the same JSON. The shop is asked through the emulator's gateway, so what is measured holds its part too."""

import argparse
import json
import os
import pathlib
import re
import statistics
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "common")]

import plots  # noqa: E402
from measuring import free_port, memory_megabytes, need, publish, running, spread, table, target, wrk  # noqa: E402
from shops import environments, give, measured_shop  # noqa: E402

from shop import call  # noqa: E402
from statements import Recording, pgbench  # noqa: E402
from webhooks import signature, webhook_event  # noqa: E402

HERE = pathlib.Path(__file__).parent
FUNCTIONS = {"list": "Catalogue", "book": "Catalogue", "library": "Library", "presign": "Library", "webhook": "StripeWebhook"}
EVENTS = 20_000


class Question:
    def __init__(self, method, path, headers=None, body="", script=""):
        self.method, self.path, self.headers, self.body, self.script = method, path, headers or {}, body, script

    def ask(self, origin):
        answer = call(self.method, origin + self.path, headers=self.headers, body=self.body.encode() or None)
        if answer.status != 200:
            raise SystemExit(f"{self.method} {origin}{self.path}: {answer}")
        return answer.json

    def load(self, origin, clients, seconds):
        return wrk(
            origin + self.path, clients=clients, seconds=seconds, method=self.method, headers=self.headers, body=self.body,
            script=self.script)


def webhook(secret, folder, first):
    """Each event is another one; as many as one round can send lie in a file, which wrk reads before it begins."""
    file = pathlib.Path(folder) / f"events-{first}"
    with open(file, "w") as lines:
        for number in range(first + 1, first + EVENTS):
            body = webhook_event(number)
            lines.write(f"{signature(body, secret)}\n{body}\n")
    script = f"""
        local asked, place = {{}}, 0
        local lines = io.lines("{file}")
        for signature in lines do asked[#asked + 1] = {{signature, lines()}} end
        request = function()
            place = place % #asked + 1
            wrk.headers["stripe-signature"] = asked[place][1]
            return wrk.format("POST", nil, nil, asked[place][2])
        end
        """
    body = webhook_event(first)
    return Question("POST", "/api/v1/webhooks/stripe", {
        "content-type": "application/json", "stripe-signature": signature(body, secret)}, body, script)


def questions(shop, secret, folder):
    signed = {"authorization": f"Bearer {shop.token}"}
    slug = shop.api("GET", "/audiobooks?limit=1").json["items"][0]["slug"]
    owned = shop.api("GET", "/library?limit=1", token=shop.token).json["items"][0]["audiobookId"]
    return {
        "list": Question("GET", "/api/v1/audiobooks"),
        "book": Question("GET", f"/api/v1/audiobooks/{slug}"),
        "library": Question("GET", "/api/v1/library", signed),
        "presign": Question("POST", f"/api/v1/library/{owned}/stream", signed),
        "webhook": webhook(secret, folder, 0),
    }


def comparable(answer):
    """Without moments, and what is signed of them."""
    text = json.dumps(answer, sort_keys=True)
    text = re.sub(r'\?(X-Amz-[^"]+)', lambda match: "?" + "&".join(sorted(match[1].split("&"))), text)
    text = re.sub(r"X-Amz-(Date|Signature)=[0-9A-Za-z]+", r"X-Amz-\1=…", text)
    return re.sub(r'"(expiresAt|renewAt)": "[^"]+"', r'"\1": "…"', text)


def peer(shop, port, secret):
    credentials = shop.credentials
    environment = os.environ | {
        "PEER_DATABASE_URL": f"postgresql+asyncpg://earshelf@/earshelf?host={shop.database_socket}",
        "OIDC_ISSUER": shop.addresses["identity"], "OIDC_AUTHORIZED_PARTIES": shop.addresses["shop"],
        "MEDIA_BUCKET": "earshelf-media", "S3_ENDPOINT": shop.addresses["s3"], "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": credentials["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": credentials["aws_secret_access_key"], "STRIPE_WEBHOOK_SECRET": secret}
    return running(
        [sys.executable, "-m", "uvicorn", "app:app", "--workers", "2", "--host", "127.0.0.1", "--port", str(port),
         "--no-access-log"], until=f"http://127.0.0.1:{port}/openapi.json", cwd=HERE / "peer", env=environment)


def recorded(shop, asked, folder):
    """A script for pgbench for each endpoint."""
    scripts = {}
    for name, question in asked.items():
        with Recording(shop) as recording:
            # The first makes an environment, whose connection reads keys too; the second is what all others are.
            question.ask(shop.addresses["shop"])
            time.sleep(0.3)
            recording.start = recording.said.stat().st_size
            if name == "webhook":
                question = webhook(shop.secret, folder, EVENTS * 100)
            question.ask(shop.addresses["shop"])
        event = f"'evt_bench_{EVENTS * 100}'"
        scripts[name] = pathlib.Path(folder) / f"{name}.sql"
        scripts[name].write_text(
            "\\set unique random(1, 1000000000000)\n" + recording.script([(event, "('evt_pgbench_' || :unique)")]))
    return scripts


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=int, default=4)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--clients", type=int, default=10)
    arguments.add_argument("--books", type=int, default=2000)
    options = arguments.parse_args()
    need("wrk", "wrk")
    need("pgbench", "postgresql")
    with tempfile.TemporaryDirectory(prefix="earshelf-bench-") as folder, measured_shop(options.books) as shop:
        give(shop, 50)
        shop.secret = (shop.state / "webhook-secret").read_text().strip()
        port = free_port()
        origins = {"Earshelf": shop.addresses["shop"], "FastAPI": f"http://127.0.0.1:{port}"}
        asked = questions(shop, shop.secret, folder)
        scripts = recorded(shop, asked, folder)
        found = {(name, who): [] for name in asked for who in (*origins, "pgbench")}
        with peer(shop, port, shop.secret) as process:
            for name, question in asked.items():
                ours, theirs = (comparable(question.ask(origin)) for origin in origins.values())
                if ours != theirs:
                    raise SystemExit(f"{name}: the two answer otherwise.\nEarshelf: {ours}\nFastAPI:  {theirs}")
            for number in range(options.rounds):
                for name, question in asked.items():
                    for place, (who, origin) in enumerate(origins.items()):
                        if name == "webhook":
                            question = webhook(shop.secret, folder, EVENTS * (1 + number * 2 + place))
                        load = question.load(origin, options.clients, options.seconds)
                        processes = environments(shop, FUNCTIONS[name]) if who == "Earshelf" else [process.pid]
                        load.memory = memory_megabytes(*processes)
                        load.besides = memory_megabytes(shop.process.pid) - load.memory if who == "Earshelf" else 0
                        found[name, who].append(load)
                    found[name, "pgbench"].append(pgbench(shop, scripts[name], options.clients, options.seconds))
        publish("endpoints", "Five endpoints", *report(found, list(asked), options))


def report(found, names, options):
    rows, shares, factors, memories, failures = [], [], [], [], 0
    drawn = {
        name: {who: [getattr(load, "per_second", load) for load in found[name, who]] for who in ("Earshelf", "FastAPI", "pgbench")}
        for name in names}
    for name in names:
        ours, theirs, ceiling = (found[name, who] for who in ("Earshelf", "FastAPI", "pgbench"))
        for who, loads in (("Earshelf", ours), ("FastAPI", theirs)):
            failures += sum(load.failures for load in loads)
            rows.append([
                name, who, spread([load.per_second for load in loads], "{:,.0f}"),
                spread([load.p50 for load in loads], "{:.1f}"), spread([load.p99 for load in loads], "{:.1f}"),
                f"{max(load.memory for load in loads):.0f}"])
        rows.append([name, "pgbench", spread(ceiling, "{:,.0f}"), "", "", ""])
        rate = statistics.median(load.per_second for load in ours)
        factors.append(rate / statistics.median(load.per_second for load in theirs))
        shares.append(rate / statistics.median(ceiling))
        memories.append(max(load.memory for load in ours) / max(load.memory for load in theirs))
    besides = max(load.besides for name in names for load in found[name, "Earshelf"])

    def each(numbers):
        return ", ".join(f"{name} {number:.2f}" for name, number in zip(names, numbers))
    lines = [
        f"{options.books:,} books, of which the customer owns 50; {options.clients} clients that each ask again when they are"
        f" answered; {options.rounds} rounds of {options.seconds} seconds, in turns; the median of the rounds, with the least and"
        " the most. Both answered the same JSON before. Earshelf is asked through the emulator's gateway, with ten environments of"
        " the function's bundle; the peer is uvicorn with two workers. pgbench says, over as many connections, what the function"
        " says to the database for one request, each statement prepared or not, whichever is quicker. Presign is"
        " `POST /library/{id}/stream`: a signed address for each file of a book.",
        "",
        *table(["endpoint", "", "requests per second", "p50 ms", "p99 ms", "memory MB"], rows),
        *plots.bars("endpoints", f"{options.clients} clients over and over", "requests per second", drawn),
        f"Memory is that of the ten environments, and of uvicorn with its workers. The emulator, which stands for a platform that"
        f" is nobody's own, has {besides:.0f} MB besides with all its parts. Answers that were no 2xx: {failures}.", ""]
    return lines, [
        target("5 times the peer's requests per second, times", min(factors) >= 5, each(factors)),
        target("with a quarter of its memory, share", max(memories) <= 0.25, each(memories)),
        target("0.3 of pgbench's, share", min(shares) >= 0.3, each(shares))]


if __name__ == "__main__":
    main()
