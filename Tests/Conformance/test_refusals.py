"""Every type of refusal that the description lists is provoked here over HTTP: by a request where that is enough, and
else by one after an outage, a fault of others or a passage of time that the test brings about."""

import contextlib
import hashlib
import io
import subprocess
import wave

import callers
import openapi
import processes
import pytest
from callers import anything
from conftest import state_folder
from shop import EMULATOR, Shop, call

TYPES = openapi.document()["components"]["schemas"]["ProblemType"]["enum"]
PROVOKED = {}


def provokes(*types):
    def register(provoke):
        for name in types:
            assert name not in PROVOKED, name
            PROVOKED[name] = provoke
        return provoke
    return register


@pytest.fixture(scope="module")
def world(shop):
    return callers.World(shop)


def test_every_type_of_the_description_is_provoked_and_no_other():
    assert sorted(PROVOKED) == TYPES


@pytest.mark.parametrize("kind", sorted(PROVOKED))
def test_a_refusal_is_provoked(world, kind):
    answer = PROVOKED[kind](world)
    # What one request cannot show answers which refusals there were.
    found = answer if isinstance(answer, dict) else {answer.json.get("type"): answer}
    assert kind in found, answer
    refusal = found[kind]
    assert refusal.headers["content-type"] == "application/problem+json", refusal
    problem = refusal.json
    assert problem["status"] == refusal.status >= 400 and problem["title"] and problem["detail"], problem
    if refusal.status in (429, 503):
        assert int(refusal.headers["retry-after"]) > 0, refusal.headers


# --- Requests that cannot be understood ---------------------------------------------------------------------------

BOOK = {"title": "Refused", "language": "en", "people": [{"name": "Nobody", "role": "author"}]}


@provokes("unauthenticated")
def _(world):
    return world.ask(None, "GET", "/library")


@provokes("invalid-token")
def _(world):
    return world.shop.api("GET", "/library", token="rubbish")


@provokes("forbidden")
def _(world):
    return world.ask("owner", "POST", "/audiobooks", BOOK)


@provokes("not-found")
def _(world):
    return world.ask(None, "GET", "/no-such-address")


@provokes("method-not-allowed")
def _(world):
    return world.ask(None, "PUT", "/health")


@provokes("invalid-query")
def _(world):
    return world.ask(None, "GET", "/audiobooks?limit=0")


@provokes("malformed-query")
def _(world):
    return world.ask(None, "GET", "/audiobooks?q=%ff")


@provokes("malformed-body")
def _(world):
    return world.ask("editor", "POST", "/audiobooks", b"{", headers={"content-type": "application/json"})


@provokes("invalid-value")
def _(world):
    return world.ask("editor", "POST", "/audiobooks", BOOK | {"title": ""})


@provokes("unsupported-media-type")
def _(world):
    return world.ask("editor", "POST", "/audiobooks", b"a=b", headers={"content-type": "text/plain"})


@provokes("body-too-large")
def _(world):
    return world.ask("editor", "POST", "/audiobooks", BOOK | {"description": "x" * (1 << 20)})


@provokes("precondition-required")
def _(world):
    return world.ask("editor", "PATCH", f"/audiobooks/{world.draft}", {"subtitle": "x"})


@provokes("changed-meanwhile")
def _(world):
    return world.ask("editor", "PATCH", f"/audiobooks/{world.draft}", {"subtitle": "x"}, version='"9999"')


@provokes("idempotency-key")
def _(world):
    return world.ask("editor", "POST", "/audiobooks", BOOK, key="short")


@provokes("idempotency-key-reused")
def _(world):
    key = anything()
    world.must(201, "editor", "POST", "/audiobooks", BOOK, key=key)
    return world.ask("editor", "POST", "/audiobooks", BOOK | {"title": "Another"}, key=key)


@provokes("in-progress")
def _(world):
    """Whoever began under this key has not ended: its function was killed a moment ago."""
    key = anything()
    world.must(201, "editor", "POST", "/audiobooks", BOOK, key=key)
    world.sql(f"""UPDATE plumbing.idempotency_keys SET status = NULL, response = NULL,
        locked_until = now() + interval '1 minute' WHERE key = '{key}'""")
    return world.ask("editor", "POST", "/audiobooks", BOOK, key=key)


@provokes("foreign-origin")
def _(world):
    cookie = {"cookie": f"__session={world.tokens['owner']}", "sec-fetch-site": "cross-site"}
    return world.shop.api("POST", "/cart/clear", headers=cookie)


@provokes("too-many-requests")
def _(world):
    for _ in range(200):
        answer = world.ask("other", "POST", "/payments/confirm", {"paymentIntent": "pi_none"})
        if answer.status == 429:
            break
    world.sql("DELETE FROM plumbing.rate_limits")
    return answer


# --- Recordings ---------------------------------------------------------------------------------------------------


def sound(seconds, rate=8000):
    file = io.BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setparams((1, 2, rate, 0, "NONE", "none"))
        recording.writeframes(bytes(int(seconds * rate) * 2))
    return file.getvalue()


def wished(world, content):
    return world.must(201, "editor", "POST", "/uploads", {
        "audiobookId": world.made("To be rejected")["id"], "fileName": "x.wav", "contentType": "audio/wav",
        "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}).json


def stored(world, content, before=lambda upload: None):
    """What the editor is told of a file: the storage's own word on it may come first."""
    upload = wished(world, content)
    before(upload)
    sent = call("PUT", upload["put"]["url"], body=content, headers=upload["put"]["headers"])
    assert sent.status == 200, sent
    path = f"/uploads/{upload['id']}/complete"
    world.shop.eventually("a verdict", lambda: world.ask("editor", "POST", path).json.get("state") != "verifying")
    return world.ask("editor", "POST", path)


@provokes("upload-absent")
def _(world):
    return world.ask("editor", "POST", f"/uploads/{wished(world, sound(2))['id']}/complete")


@provokes("upload-ended")
def _(world):
    upload = wished(world, sound(2))
    world.sql(f"UPDATE production.uploads SET state = 'expired' WHERE id = '{upload['id']}'")
    return world.ask("editor", "POST", f"/uploads/{upload['id']}/complete")


@provokes("not-audio")
def _(world):
    return stored(world, b"This is no sound at all. " * 100)


@provokes("too-short")
def _(world):
    return stored(world, sound(0.5))


@provokes("too-long")
def _(world):
    """Its first frames, and a header that promises more than a hundred hours: as much as a reader can know of it."""
    return stored(world, claiming(101 * 3600))


@provokes("size-differs")
def _(world):
    return stored(world, sound(2), lambda upload: world.sql(
        f"UPDATE production.uploads SET declared_bytes = declared_bytes + 1 WHERE id = '{upload['id']}'"))


@provokes("checksum-differs")
def _(world):
    return stored(world, sound(2), lambda upload: world.sql(
        f"UPDATE production.uploads SET declared_sha256 = sha256('other') WHERE id = '{upload['id']}'"))


def claiming(seconds):
    """FLAC says in its first block of how many samples the whole consists; 36 bits hold that."""
    sample = subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "2", "-f", "flac", "pipe:1"],
        check=True, capture_output=True).stdout
    # https://www.rfc-editor.org/rfc/rfc9639#section-8.2: 4 + 4 bytes, then 18 bits short of the 36.
    count = seconds * 8000
    block = bytearray(sample)
    block[21] = block[21] & 0xF0 | count >> 32
    block[22:26] = (count & 0xFFFFFFFF).to_bytes(4, "big")
    return bytes(block)


# --- The catalogue and what is made of recordings -----------------------------------------------------------------


def patched(world, book, wish):
    page = world.must(200, "editor", "GET", f"/audiobooks/{book}")
    return world.ask("editor", "PATCH", f"/audiobooks/{book}", wish, version=page.headers["etag"])


@provokes("not-publishable")
def _(world):
    return patched(world, world.draft, {"state": "published"})


@provokes("illegal-transition")
def _(world):
    return patched(world, world.sold, {"state": "draft"})


@provokes("no-recording")
def _(world):
    return world.ask("editor", "POST", "/transcription/start", {"audiobookId": world.draft})


@provokes("no-transcript")
def _(world):
    return world.ask("editor", "POST", "/ai/summary", {"audiobookId": world.draft})


@provokes("not-a-draft")
def _(world):
    """A summary is asked for, and approved before it is written."""
    transcript = world.sql(f"SELECT id FROM production.transcripts WHERE audiobook_id = '{world.free}'")
    world.sql(f"""INSERT INTO production.summaries (id, transcript_id, state, created_at)
        VALUES ('{(summary := anything())}', '{transcript}', 'wanted', now() + interval '1 hour')""")
    return world.ask("editor", "POST", f"/ai/summary/{world.free}/approve", {"summaryId": summary})


# --- Carts, orders, payments --------------------------------------------------------------------------------------


@provokes("empty-cart")
def _(world):
    world.must(200, "other", "POST", "/cart/clear")
    return world.ask("other", "POST", "/checkout")


@provokes("already-owned")
def _(world):
    assert world.order
    return world.ask("owner", "POST", "/cart/items", {"audiobookId": world.free})


@provokes("not-on-sale")
def _(world):
    return world.ask("other", "POST", "/cart/items", {"audiobookId": world.sold, "currency": "JPY"})


@provokes("cart-full")
def _(world):
    others = [world.made(f"One of many {number}")["id"] for number in range(100)]
    world.must(200, "other", "POST", "/cart/clear")
    world.must(200, "other", "POST", "/cart/items", {"audiobookId": world.free})
    values = ", ".join(f"('{book}'::uuid)" for book in others)
    world.sql(f"""INSERT INTO sales.cart_items (cart_id, audiobook_id, seen_price)
        SELECT cart_id, book, 0 FROM sales.cart_items, (VALUES {values}) AS many (book)
        WHERE audiobook_id = '{world.free}' LIMIT 99""")
    answer = world.ask("other", "POST", "/cart/items", {"audiobookId": world.sold})
    world.must(200, "other", "POST", "/cart/clear")
    return answer


@contextlib.contextmanager
def priced(world, book, amount):
    """A price that no editor could set: for the rules that hold what editors set cannot be broken otherwise."""
    world.sql(f"UPDATE sales.prices SET amount = {amount} WHERE audiobook_id = '{book}'")
    yield
    world.sql(f"UPDATE sales.prices SET amount = 1499 WHERE audiobook_id = '{book}'")


@provokes("below-minimum")
def _(world):
    with priced(world, world.sold, 10):
        world.must(200, "other", "POST", "/cart/items", {"audiobookId": world.sold})
        return world.ask("other", "POST", "/checkout")


@provokes("too-much")
def _(world):
    with priced(world, world.sold, 100_000_000):
        world.must(200, "other", "POST", "/cart/items", {"audiobookId": world.sold})
        return world.ask("other", "POST", "/checkout")


@provokes("not-entitled")
def _(world):
    return world.ask("other", "POST", f"/library/{world.sold}/stream")


@provokes("suspended")
def _(world):
    return streamed(world, "state = 'suspended', state_reason = 'dispute'")


@provokes("revoked")
def _(world):
    return streamed(world, "state = 'revoked', state_reason = 'refund', revoked_at = now()")


def streamed(world, state):
    book = world.published(f"Lost by {state[9:16]}", 0)
    world.ordered([book], "other")
    world.sql(f"UPDATE listening.entitlements SET {state} WHERE audiobook_id = '{book}'")
    return world.ask("other", "POST", f"/library/{book}/stream")


@provokes("order-not-payable")
def _(world):
    return world.ask("owner", "POST", "/payments/intent", {"orderId": world.order})


@provokes("payment-processing", "order-pending")
def _(world):
    """A direct debit takes days."""
    order = world.ordered([world.published("Paid by debit", 999)], "other")
    pay(order, method="sepa_debit", iban="DE89 3704 0044 0532 0130 00")
    world.shop.eventually("the debit's event", lambda: world.sql(
        f"SELECT 1 FROM sales.payment_attempts WHERE order_id = '{order['orderId']}' AND state = 'processing'"))
    return {answer.json["type"]: answer for answer in (
        world.ask("other", "POST", "/payments/intent", {"orderId": order["orderId"]}),
        world.ask("other", "POST", "/checkout"))}


@provokes("not-paid")
def _(world):
    return refunded(world, world.pending)


def refunded(world, order, **more):
    return world.ask("finance", "POST", "/payments/refund", {"orderId": order, "reason": "customer_request"} | more)


@provokes("already-refunded", "refund-exceeds", "charge-disputed", "refund-refused")
def _(world):
    dear, cheap = world.published("Dear", 1999), world.published("Cheap", 499)
    order, seen = world.bought([dear, cheap], "other"), []
    line = world.sql(f"SELECT line_number FROM sales.order_lines WHERE order_id = '{order}' AND audiobook_id = '{dear}'")
    intent = "UPDATE sales.payment_attempts SET provider_object_id = {} WHERE order_id = '{}'"
    known = world.sql(f"SELECT provider_object_id FROM sales.payment_attempts WHERE order_id = '{order}'")
    world.sql(intent.format("'cs_test_of_nobody'", order))
    seen.append(refunded(world, order))
    world.sql(intent.format(f"'{known}'", order))
    assert refunded(world, order, lines=[int(line)]).status in (201, 202)
    seen.append(refunded(world, order, lines=[int(line)]))
    dispute = f"dp_{anything()}"
    world.sql(f"""INSERT INTO sales.disputes (provider_dispute_id, order_id, attempt_id, currency, amount, state,
            provider_status, reason, charge_refundable, told_at)
        SELECT '{dispute}', order_id, id, currency, 499, 'needs_response', 'needs_response', 'fraudulent', false, now()
        FROM sales.payment_attempts WHERE order_id = '{order}'""")
    seen.append(refunded(world, order))
    world.sql(f"DELETE FROM sales.disputes WHERE provider_dispute_id = '{dispute}'")
    assert refunded(world, order).status in (201, 202)
    seen.append(refunded(world, order))
    return {answer.json["type"]: answer for answer in seen}


@provokes("webhook-signature")
def _(world):
    return world.ask(None, "POST", "/webhooks/stripe", {})


@provokes("outside-refused")
def _(world):
    """Stripe knows nobody of this name."""
    customer = callers.subject(world.tokens["other"])
    known = f"SELECT stripe_customer_id FROM identity.users WHERE subject = '{customer}'"
    change = "UPDATE identity.users SET stripe_customer_id = {} WHERE subject = '{}'"
    world.must(200, "other", "POST", "/cart/clear")
    world.must(200, "other", "POST", "/cart/items", {"audiobookId": world.sold})
    before = world.sql(known)
    world.sql(change.format("'cus_of_nobody'", customer))
    answer = world.ask("other", "POST", "/checkout")
    world.sql(change.format(f"NULLIF('{before}', '')", customer))
    return answer


# --- Outages: in a shop of their own ------------------------------------------------------------------------------


@provokes("outside-unavailable", "webhook-unconfigured", "identity-unavailable", "internal", "database-unavailable")
def _(world):
    return outages()


@pytest.fixture(scope="module", autouse=True)
def forgotten_outages():
    yield
    OUTAGES.clear()


OUTAGES = {}


def outages():
    """One part after another fails; the answers by their types."""
    if OUTAGES:
        return OUTAGES
    cut_off = {
        "STRIPE_SECRET_KEY": "sk_test_nobody_answers", "STRIPE_API_BASE": "http://127.0.0.1:1",
        "STRIPE_WEBHOOK_SECRETS": ","}
    with state_folder() as state, Shop(EMULATOR, state, environment=cut_off) as shop:
        world = callers.World(shop)
        world.must(200, "owner", "POST", "/cart/items", {"audiobookId": world.sold})
        answers = [world.ask("owner", "POST", "/checkout"), world.ask(None, "POST", "/webhooks/stripe", {})]
        # A function that nobody has asked yet knows no keys by heart.
        world.sql("DELETE FROM identity.signing_keys")
        answers.append(world.ask("editor", "GET", f"/ai/summary/{world.sold}"))
        world.sql("ALTER TABLE catalogue.audiobooks RENAME TO mislaid")
        answers.append(world.ask(None, "GET", "/audiobooks"))
        processes.kill(processes.named(state, "postgres"))
        answers.append(world.ask(None, "GET", "/health"))
        OUTAGES.update({answer.json.get("type"): answer for answer in answers})
    return OUTAGES
