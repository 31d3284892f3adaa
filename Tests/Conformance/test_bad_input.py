"""What is wrong with a request is told in its place, under a type that never changes; nothing is half done."""

import hashlib
import hmac
import json
import time
import uuid

import callers
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from refusals.people import signing_key

BOOK = {"title": "Bad input", "language": "en", "people": [{"name": "Lewis Carroll", "role": "author"}]}
SHA256 = hashlib.sha256(b"").hexdigest()


def refused(answer, status, kind, place=None):
    """A problem of RFC 9457, and where it is: a pointer into the body, or a parameter's name."""
    assert answer.status == status, answer
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.headers
    problem = answer.json
    assert (problem["type"], problem["status"]) == (kind, status), answer
    assert problem["title"] and problem["detail"] and problem["instance"] and problem["requestId"], answer
    if place is not None:
        places = [error.get("pointer", error.get("parameter")) for error in problem["errors"]]
        assert place in places, answer


# --- Bodies -------------------------------------------------------------------------------------------------------

BODIES = {
    "no JSON": (b"{", 400, "malformed-body", ""),
    "nothing": (b"", 400, "malformed-body", ""),
    "more after it": (json.dumps(BOOK).encode() + b"}", 400, "malformed-body", ""),
    "no UTF-8": (b'{"title": "\xff"}', 400, "malformed-body", ""),
    "a list": (b"[]", 400, "malformed-body", ""),
    "no title": (json.dumps(BOOK | {"title": None}).encode(), 400, "malformed-body", "/title"),
    "a number for a title": (json.dumps(BOOK | {"title": 1}).encode(), 400, "malformed-body", "/title"),
    "an empty title": (json.dumps(BOOK | {"title": ""}).encode(), 422, "invalid-value", "/title"),
    "a title too long": (json.dumps(BOOK | {"title": "x" * 301}).encode(), 422, "invalid-value", "/title"),
    "an unknown role": (
        json.dumps(BOOK | {"people": [{"name": "x", "role": "cook"}]}).encode(), 400, "malformed-body",
        "/people/0/role"),
    "no language": (json.dumps(BOOK | {"language": "Klingonese!"}).encode(), 400, "malformed-body", "/language"),
    "deep nesting": (b"[" * 100_000, 400, "malformed-body", ""),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_none_is_told_by_its_place(shop, editor, what):
    body, status, kind, place = BODIES[what]
    headers = {"content-type": "application/json"}
    refused(shop.api("POST", "/audiobooks", body, token=editor, headers=headers), status, kind, place)


def test_a_body_of_another_type_is_refused(shop, editor):
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = shop.api("POST", "/audiobooks", b"title=x", token=editor, headers=headers)
    refused(answer, 415, "unsupported-media-type")


def test_a_body_too_large_is_refused(shop, editor):
    over_one_mebibyte = BOOK | {"description": "x" * (1 << 20)}
    refused(shop.api("POST", "/audiobooks", over_one_mebibyte, token=editor), 413, "body-too-large")
    # Past 10 MB the gateway does not ask the function, as on the real platform.
    answer = shop.api("POST", "/audiobooks", BOOK | {"description": "x" * (10 << 20)}, token=editor)
    assert (answer.status, answer.json) == (413, {"message": "Request Entity Too Large"}), answer


UPLOADS = {
    "unknown type": ({"contentType": "text/plain"}, 422, "invalid-value", "/contentType"),
    "no bytes": ({"bytes": 0}, 422, "invalid-value", "/bytes"),
    "too many bytes": ({"bytes": 5 * (1 << 30) + 1}, 422, "invalid-value", "/bytes"),
    "half a byte": ({"bytes": 1.5}, 400, "malformed-body", "/bytes"),
    "no checksum": ({"sha256": "none"}, 422, "invalid-value", "/sha256"),
    "no name": ({"fileName": ""}, 422, "invalid-value", "/fileName"),
    "no id": ({"audiobookId": "x"}, 400, "malformed-body", "/audiobookId"),
    "no such book": ({"audiobookId": str(uuid.uuid4())}, 404, "not-found", None),
}


@pytest.mark.parametrize("what", UPLOADS)
def test_a_file_that_cannot_be_taken_is_not_asked_for(shop, editor, book, what):
    change, status, kind, place = UPLOADS[what]
    wish = {"audiobookId": book, "fileName": "x.mp3", "contentType": "audio/mpeg", "bytes": 1, "sha256": SHA256}
    refused(shop.api("POST", "/uploads", wish | change, token=editor), status, kind, place)


@pytest.mark.parametrize("change, status, kind, place", [
    ({"price": {"minorUnits": -1, "currency": "EUR"}}, 400, "malformed-body", "/price/minorUnits"),
    ({"price": {"minorUnits": 1, "currency": "EUR"}}, 422, "invalid-value", "/price/minorUnits"),
    ({"price": {"minorUnits": 1499, "currency": "XXX"}}, 400, "malformed-body", "/price/currency"),
    ({"state": "sold"}, 400, "malformed-body", "/state"),
    ({"state": "published"}, 409, "not-publishable", None),
])
def test_a_change_that_breaks_a_rule_changes_nothing(shop, editor, book, change, status, kind, place):
    before = shop.api("GET", f"/audiobooks/{book}", token=editor)
    version = before.headers["etag"]
    refused(shop.api("PATCH", f"/audiobooks/{book}", change, token=editor, version=version), status, kind, place)
    assert shop.api("GET", f"/audiobooks/{book}", token=editor).json == before.json


def test_a_change_names_the_version_it_was_made_on(shop, editor, book):
    path = f"/audiobooks/{book}"
    refused(shop.api("PATCH", path, {"subtitle": "x"}, token=editor), 428, "precondition-required")
    refused(shop.api("PATCH", path, {"subtitle": "x"}, token=editor, version='"9999"'), 412, "changed-meanwhile")
    refused(shop.api("PATCH", path, {"subtitle": "x"}, token=editor, version="rubbish"), 412, "changed-meanwhile")


# --- Queries, paths, keys -----------------------------------------------------------------------------------------

QUERIES = {
    "/audiobooks?sort=cheapest": "sort", "/audiobooks?limit=0": "limit", "/audiobooks?limit=101": "limit",
    "/audiobooks?limit=ten": "limit", "/audiobooks?limit=1&limit=2": "limit", "/audiobooks?cursor=forged": "cursor",
    "/audiobooks?currency=XXX": "currency", "/audiobooks?language=!": "language", "/audiobooks?colour=red": "colour",
    "/library?colour=red": "colour", "/cart?x=1": "x",
}


@pytest.mark.parametrize("path", QUERIES)
def test_a_parameter_that_is_none_is_named(shop, customer, path):
    token = None if path.startswith("/audiobooks") else customer
    refused(shop.api("GET", path, token=token), 400, "invalid-query", QUERIES[path])


def test_a_query_that_is_no_text_is_refused(shop):
    refused(shop.api("GET", "/audiobooks?q=%ff"), 400, "malformed-query")
    refused(shop.api("GET", "/audiobooks?q=%zz"), 400, "malformed-query")


def test_what_is_not_there_is_not_found(shop, editor, customer):
    for path in ("/audiobooks/no-such-book", f"/audiobooks/{uuid.uuid4()}", "/audiobooks/%00", "/audiobooks/%2e%2e"):
        refused(shop.api("GET", path), 404, "not-found")
    refused(shop.api("GET", "/uploads/x", token=editor), 404, "not-found")
    refused(shop.api("POST", "/cart/items", {"audiobookId": str(uuid.uuid4())}, token=customer), 404, "not-found")
    for path in ("/no-such-route", "/cart/", "/cart//items", "/audiobooks/a/b/c/d/e/f", "/"):
        refused(shop.api("GET", path), 404, "not-found")


def test_an_address_that_is_known_by_other_methods_names_them(shop, editor):
    for method, path, known in (
            ("DELETE", "/cart", "GET"), ("PUT", "/checkout", "POST"), ("HEAD", "/health", "GET"),
            ("TRACE", "/health", "GET"), ("OPTIONS", "/health", "GET"), ("GET", "/cart/clear", "POST")):
        answer = shop.api(method, path, token=editor)
        assert (answer.status, answer.headers["allow"]) == (405, known), (method, path, answer)
        if method != "HEAD":
            refused(answer, 405, "method-not-allowed")


def test_a_request_that_may_not_be_repeated_needs_a_key(shop, editor):
    refused(shop.api("POST", "/audiobooks", BOOK, token=editor, key=""), 400, "idempotency-key")
    refused(shop.api("POST", "/audiobooks", BOOK, token=editor, key="short"), 400, "idempotency-key")
    key = str(uuid.uuid4())
    assert shop.api("POST", "/audiobooks", BOOK, token=editor, key=key).status == 201
    other = shop.api("POST", "/audiobooks", BOOK | {"title": "Another"}, token=editor, key=key)
    refused(other, 422, "idempotency-key-reused")


# --- Sign-in ------------------------------------------------------------------------------------------------------

FOREIGN = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def forgeries(shop, token):
    """Tokens of someone who knows everything but the key."""
    claims = jwt.decode(token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(token)["kid"]
    public = jwt.PyJWKClient(shop.addresses["identity"] + "/.well-known/jwks.json").get_signing_key(kid).key
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head, body, signature = token.split(".")
    changed = jwt.encode(claims | {"sub": "user_editor"}, FOREIGN, "RS256", headers={"kid": kid}).split(".")[1]
    hmac_head = jwt.encode({}, "x" * 32, "HS256", headers={"kid": kid}).split(".")[0]
    # PyJWT refuses to sign with a public key as if it were a secret: so that is done by hand.
    mac = hmac.digest(pem, f"{hmac_head}.{body}".encode(), "sha256")
    yield "another key under the name of the true one", jwt.encode(claims, FOREIGN, "RS256", headers={"kid": kid})
    yield "none", jwt.encode(claims, None, "none", headers={"kid": kid})
    yield "none with the true signature", jwt.encode(claims, None, "none", headers={"kid": kid}) + signature
    yield "HS256 with the public key", f"{hmac_head}.{body}.{jwt.utils.base64url_encode(mac).decode()}"
    yield "claims changed", f"{head}.{changed}.{signature}"
    yield "signature cut", f"{head}.{body}.{signature[:-4]}"
    yield "no signature", f"{head}.{body}."
    yield "no key's name", jwt.encode(claims, FOREIGN, "RS256")
    yield "an unknown key", jwt.encode(claims, FOREIGN, "RS256", headers={"kid": "unknown"})
    yield "a key of its own", jwt.encode(
        claims, FOREIGN, "RS256", headers={"kid": kid, "jku": "https://elsewhere.example/jwks.json"})
    yield "no token", "rubbish"
    yield "too long", "x" * 9000


def test_forged_tokens_prove_nothing(shop, customer):
    for what, token in forgeries(shop, customer):
        answer = shop.api("GET", "/library", token=token)
        assert answer.status == 401, (what, answer)
        refused(answer, 401, "invalid-token")
        assert answer.headers["www-authenticate"].startswith("Bearer"), what
    # Where anybody may ask, a token that is no good is not taken for none.
    for what, token in forgeries(shop, customer):
        assert shop.api("GET", "/audiobooks/x", token=token).status == 401, what
    assert shop.api("GET", "/library", token=customer).status == 200


def test_a_true_signature_is_not_enough(shop, customer):
    claims = jwt.decode(customer, options={"verify_signature": False})
    kid, now = jwt.get_unverified_header(customer)["kid"], int(time.time())
    key = signing_key(shop, kid)

    def ask(change):
        changed = {name: value for name, value in (claims | change).items() if value is not None}
        return shop.api("GET", "/library", token=jwt.encode(changed, key, "RS256", headers={"kid": kid}))

    assert ask({}).status == 200
    for change in ({"exp": now - 60}, {"exp": None}, {"exp": "soon"}, {"nbf": now + 60}, {"iat": now + 600},
                   {"iss": "https://elsewhere.example"}, {"iss": claims["iss"] + "/"}, {"iss": None},
                   {"azp": "https://elsewhere.example"}, {"sts": "pending"}, {"sub": None}, {"sub": ""}):
        answer = ask(change)
        assert answer.status == 401, (change, answer)
        refused(answer, 401, "invalid-token")


def test_who_is_not_signed_in_is_asked_to(shop):
    for method, path in (("GET", "/library"), ("POST", "/cart/merge"), ("GET", "/gifts"), ("POST", "/checkout"), ("POST", "/uploads")):
        refused(shop.api(method, path), 401, "unauthenticated")
    refused(shop.api("GET", "/library", headers={"authorization": "Basic eDp5"}), 401, "invalid-token")


def test_customers_are_no_editors(shop, customer, book):
    for method, path in (("POST", "/audiobooks"), ("PATCH", f"/audiobooks/{book}"), ("POST", "/uploads"),
                         ("POST", "/transcription/start"), ("POST", "/ai/summary")):
        refused(shop.api(method, path, BOOK, token=customer), 403, "forbidden")


# --- Money --------------------------------------------------------------------------------------------------------


def test_nobody_says_what_they_pay_or_are_paid_back(shop):
    world = callers.World(shop)
    price, wished = {"minorUnits": 1499, "currency": "EUR"}, {"minorUnits": 1, "currency": "EUR"}
    named = {name: wished for name in ("price", "seenPrice", "amount", "subtotal", "discount", "tax", "total")} | {
        "minorUnits": 1, "state": "confirmed", "taxRule": None, "promotion": {"percent": 100}}
    buyer = world.somebody()
    cart = world.must(200, buyer, "POST", "/cart/items", named | {"audiobookId": world.sold}).json
    order = world.must(201, buyer, "POST", "/checkout", named | world.agreed).json
    begun = world.must(200, buyer, "POST", "/payments/intent", named | {"orderId": order["orderId"]}).json
    assert [cart["total"], order["total"], begun["amount"]] == [price] * 3 and order["state"] == "pending"
    intent = world.stripe.v1.payment_intents.confirm(begun["paymentIntent"], {"payment_method": "pm_card_visa"})
    assert (intent.amount_received, intent.currency) == (1499, "eur")
    world.must(200, buyer, "POST", "/payments/confirm", named | {"paymentIntent": intent.id})
    wish = {"orderId": order["orderId"], "reason": "customer_request"}
    assert world.must(201, "finance", "POST", "/payments/refund", named | wish).json["amount"] == price


# --- Webhooks -----------------------------------------------------------------------------------------------------


def test_forged_and_stale_webhooks_are_refused(shop):
    secret = (shop.state / "webhook-secret").read_text().strip()
    body = json.dumps({"id": f"evt_{uuid.uuid4().hex}", "object": "event", "type": "x.y", "data": {"object": {}}})

    def tell(when, secret, body=body, sent=body, version="v1"):
        mark = hmac.digest(secret.encode(), f"{int(when)}.{body}".encode(), "sha256").hex()
        headers = {"stripe-signature": f"t={int(when)},{version}={mark}", "content-type": "application/json"}
        return shop.api("POST", "/webhooks/stripe", sent.encode(), headers=headers)

    now = time.time()
    refused(tell(now, "whsec_forged"), 400, "webhook-signature")
    refused(tell(now, ""), 400, "webhook-signature")
    refused(tell(now - 600, secret), 400, "webhook-signature")
    refused(tell(now, secret, sent=body.replace("x.y", "x.z")), 400, "webhook-signature")
    refused(tell(now, secret, version="v0"), 400, "webhook-signature")
    refused(shop.api("POST", "/webhooks/stripe", body.encode()), 400, "webhook-signature")
    for header in ("t=,v1=", "v1=\u00e9", "t=99999999999999999999,v1=00", "t=1,t=2,v1=00"):
        answer = shop.api("POST", "/webhooks/stripe", body.encode(), headers={"stripe-signature": header})
        refused(answer, 400, "webhook-signature")
    # Signed by Stripe, and yet no event.
    refused(tell(now, secret, body="[]", sent="[]"), 400, "malformed-body")
