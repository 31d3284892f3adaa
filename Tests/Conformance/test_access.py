"""Every route of the template, as each kind of caller: what may be done is done, all else is refused.

A new route gets a line in access.txt: what each kind of caller is answered, in the order of the columns. What is sent
along, if anything is, stands below under `@request("METHOD /path")`: a function of the world and the kind of caller that
answers the parts of the request by name: `body`, `version` (If-Match), `headers`, `query`, `at` (what stands at the
variables of the path, which is the free book else) and `by` (somebody else of this kind, for what cannot be done twice).
What it asks for is there, so that whoever may do it is not answered 404.

Where what is answered depends on what is asked for, a route has a line for each: `GET /path#name`. A refusal that is for
people to look at is a `page`.
"""

import hashlib
import itertools
import pathlib

import callers
import openapi
import pytest
from callers import KINDS, anything, soon
from test_openapi import deployed_routes, operations

USUAL = {401: "unauthenticated", 403: "forbidden", 404: "not-found"}


def table():
    """By line, what each kind of caller is answered: the status, and the type of a refusal."""
    lines = [line.split() for line in (pathlib.Path(__file__).parent / "access.txt").read_text().splitlines()
             if line and not line.startswith("#")]
    assert tuple(lines[0]) == KINDS
    rows = {}
    for method, path, *answers in lines[1:]:
        name = f"{method} {path}"
        assert name not in rows and len(answers) == len(KINDS), f"{name}: {answers}"
        for kind, answer in zip(KINDS, answers):
            status, _, named = answer.partition(":")
            rows.setdefault(name, {})[kind] = (int(status), named or USUAL.get(int(status)))
    return rows


TABLE = table()


def test_no_route_is_without_a_line_and_no_line_without_a_route():
    assert {name.partition("#")[0] for name in TABLE} == {" ".join(route) for route in deployed_routes()}
    assert set(REQUESTS) <= set(TABLE)


@pytest.fixture(scope="module")
def world(shop):
    world = callers.World(shop)
    with world.unlimited():
        yield world


def prepared(world, line, kind):
    """Who asks, what, where, and what is sent along."""
    method, path = line.partition("#")[0].split(" ")
    asked = REQUESTS.get(line, lambda world, kind: {})(world, kind)
    place = path.removeprefix("/api/v1")
    if place == path:
        asked["base"] = ""
    for name, value in asked.pop("at", {}).items():
        place = place.replace("{" + name + "}", str(value))
    for name in ("id", "audiobookId"):
        place = place.replace("{" + name + "}", world.free)
    return asked.pop("by", kind), method, place + asked.pop("query", ""), asked


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line", TABLE)
def test_a_caller_is_answered_as_the_table_says(world, line, kind):
    status, refusal = TABLE[line][kind]
    who, method, place, asked = prepared(world, line, kind)
    answer = world.ask(who, method, place, **asked)
    assert answer.status == status, answer
    if refusal == "page":
        assert answer.headers["content-type"] == "text/html; charset=utf-8", answer
    elif status >= 400:
        assert answer.headers["content-type"] == "application/problem+json", answer
        assert answer.json["type"] == refusal, answer


def needing(header):
    """The lines of those routes that cannot be asked without it, each with somebody who may ask."""
    document, found = openapi.document(), {}
    for method, path, operation in operations(document):
        for place in operation.get("parameters", []):
            if "$ref" in place:
                place = document["components"]["parameters"][place["$ref"].rpartition("/")[2]]
            if (place["name"], place.get("required")) == (header, True):
                line = f"{method} {path}"
                found[line] = next((kind for kind, (status, _) in TABLE.get(line, {}).items() if status < 300), None)
    return found


VERSIONED = needing("If-Match")
REPEATABLE = needing("Idempotency-Key")


@pytest.mark.parametrize("line", VERSIONED)
def test_a_change_is_made_on_the_version_it_names_or_not_at_all(world, line):
    who, method, place, asked = prepared(world, line, VERSIONED[line])
    stale = world.ask(who, method, place, **asked | {"version": '"999999"'})
    assert (stale.status, stale.json["type"]) == (412, "changed-meanwhile"), stale
    unnamed = world.ask(who, method, place, **asked | {"version": None})
    assert (unnamed.status, unnamed.json["type"]) == (428, "precondition-required"), unnamed
    done = world.ask(who, method, place, **asked)
    assert done.status < 300, done


@pytest.mark.parametrize("line", REPEATABLE)
def test_one_key_is_one_request(world, line):
    who, method, place, asked = prepared(world, line, REPEATABLE[line])
    key = anything()
    first = world.ask(who, method, place, **asked, key=key)
    assert first.status < 300, first
    again = world.ask(who, method, place, **asked, key=key)
    assert again.status == first.status and again.json.get("id") == first.json.get("id"), again
    # Uploads are held to what they say, all else to every byte.
    changed = {"bytes": 2} if "/uploads" in line else {"another": 1}
    other = world.ask(who, method, place, **asked | {"body": asked["body"] | changed}, key=key)
    assert (other.status, other.json["type"]) == (422, "idempotency-key-reused"), other
    for missing in ("", "short"):
        keyless = world.ask(who, method, place, **asked, key=missing)
        assert (keyless.status, keyless.json["type"]) == (400, "idempotency-key"), keyless


# --- What is sent along -------------------------------------------------------------------------------------------


def request(route):
    def register(make):
        REQUESTS[route] = make
        return make
    return register


REQUESTS = {}


@request("GET /api/v1/audiobooks/{id}")
def _(world, kind):
    return {"at": {"id": world.draft}}


@request("POST /api/v1/audiobooks")
def _(world, kind):
    return {"body": {"title": "Made", "language": "en", "people": []}}


@request("PATCH /api/v1/audiobooks/{id}")
def _(world, kind):
    return {"at": {"id": world.draft}, "body": {"subtitle": anything()}, "version": version(world, "audiobooks", world.draft)}


@request("DELETE /api/v1/audiobooks/{id}")
def _(world, kind):
    book = world.made("Soon erased")["id"]
    return {"at": {"id": book}, "version": version(world, "audiobooks", book)}


@request("PUT /api/v1/audiobooks/{id}")
def _(world, kind):
    book = world.must(200, "editor", "GET", f"/audiobooks/{world.draft}")
    return {"at": {"id": world.draft}, "body": book.json, "version": book.headers["etag"]}


def version(world, shelf, name):
    return world.must(200, "editor", "GET", f"/{shelf}/{name}").headers["etag"]


@request("GET /api/v1/audiobooks/{id}/chapters")
@request("GET /api/v1/audiobooks/{id}/cover")
@request("GET /api/v1/audiobooks/{id}/sample")
@request("GET /api/v1/audiobooks/{id}/prices")
def _(world, kind):
    return {"at": {"id": world.hidden}}


@request("PUT /api/v1/audiobooks/{id}/chapters")
def _(world, kind):
    known = world.must(200, "editor", "GET", f"/audiobooks/{world.hidden}/chapters")
    chapter = {"title": anything(), "startMilliseconds": 0, "endMilliseconds": known.json["durationMilliseconds"]}
    return {"at": {"id": world.hidden}, "body": {"chapters": [chapter]}, "version": known.headers["etag"]}


@request("POST /api/v1/audiobooks/{id}/prices")
def _(world, kind):
    return {"at": {"id": world.hidden}, "body": {"price": {"minorUnits": 999, "currency": "EUR"}}}


DAYS = itertools.count(1)


@request("DELETE /api/v1/audiobooks/{id}/prices/{priceId}")
def _(world, kind):
    day = next(DAYS)
    planned = {"price": {"minorUnits": 999, "currency": "USD"}, "from": soon(days=day), "until": soon(days=day + 1)}
    price = world.must(201, "editor", "POST", f"/audiobooks/{world.hidden}/prices", planned).json
    return {"at": {"id": world.hidden, "priceId": price["id"]}}


@request("PUT /api/v1/audiobooks/{id}/sample")
def _(world, kind):
    return {"at": {"id": world.hidden}, "body": {"startMilliseconds": 100}}


@request("POST /api/v1/categories")
@request("POST /api/v1/contributors")
@request("POST /api/v1/series")
def _(world, kind):
    return {"body": {"name": f"Named {anything()}"}}


@request("GET /api/v1/categories/{id}")
def _(world, kind):
    return {"at": {"id": world.shelved("categories").json["id"]}}


@request("GET /api/v1/contributors/{id}")
def _(world, kind):
    return {"at": {"id": "lewis-carroll"}}


@request("GET /api/v1/contributors/{id}#of-drafts-alone")
def _(world, kind):
    return {"at": {"id": world.shelved("contributors").json["id"]}}


@request("GET /api/v1/series/{id}#of-drafts-alone")
def _(world, kind):
    return {"at": {"id": world.shelved("series").json["id"]}}


@request("GET /api/v1/series/{id}")
def _(world, kind):
    return {"at": {"id": world.series}}


def changed_shelf(shelf):
    def make(world, kind):
        made = world.shelved(shelf)
        return {"at": {"id": made.json["id"]}, "body": {"name": f"Named {anything()}"}, "version": made.headers["etag"]}
    return make


for shelf in ("categories", "contributors", "series"):
    request(f"PUT /api/v1/{shelf}/{{id}}")(changed_shelf(shelf))


@request("DELETE /api/v1/categories/{id}")
def _(world, kind):
    return {"at": {"id": world.shelved("categories").json["id"]}}


@request("GET /api/v1/search")
@request("GET /api/v1/search/suggestions")
def _(world, kind):
    return {"query": "?q=free"}


@request("PUT /api/v1/library/{id}/exports/{format}")
def _(world, kind):
    return {"at": {"format": "m4b"}}


@request("POST /api/v1/uploads")
def _(world, kind):
    return {"body": {
        "audiobookId": world.draft, "fileName": "x.mp3", "contentType": "audio/mpeg", "bytes": 1,
        "sha256": hashlib.sha256(b"x").hexdigest()}}


@request("GET /api/v1/uploads/{id}")
@request("POST /api/v1/uploads/{id}/complete")
def _(world, kind):
    return {"at": {"id": world.upload}}


@request("POST /api/v1/uploads/{id}/parts")
def _(world, kind):
    return {"at": {"id": world.in_parts()}, "body": {"numbers": [1]}}


@request("DELETE /api/v1/uploads/{id}")
def _(world, kind):
    return {"at": {"id": world.in_parts()}}


@request("POST /api/v1/audiobooks/{id}/editions")
def _(world, kind):
    book, track = world.tracks()
    return {"at": {"id": book}, "body": {"uploadIds": [track]}}


@request("POST /api/v1/transcription/start")
def _(world, kind):
    return {"body": {"audiobookId": world.free}}


@request("GET /api/v1/transcription/{jobId}/status")
def _(world, kind):
    job = world.must(200, "editor", "GET", f"/transcription/{world.free}").json["job"]
    return {"at": {"jobId": job["jobId"]}}


@request("PATCH /api/v1/transcription/{audiobookId}/segments/{position}")
def _(world, kind):
    segment = world.must(200, "editor", "GET", f"/transcription/{world.told}").json["segments"][0]
    return {"at": {"position": 1}, "version": f'"{segment["version"]}"', "body": {"text": f"Down, down, {anything()}."}}


@request("POST /api/v1/transcription/{jobId}/approve")
def _(world, kind):
    return {"at": {"jobId": job(world)}}


@request("GET /api/v1/transcription/{jobId}/chunks")
def _(world, kind):
    return {"at": {"jobId": job(world)}}


@request("POST /api/v1/transcription/{jobId}/chunks/{number}/redo")
def _(world, kind):
    return {"at": {"jobId": job(world), "number": 1}}


def job(world):
    return world.must(200, "editor", "GET", f"/transcription/{world.told}").json["job"]["jobId"]


@request("POST /api/v1/ai/summary")
def _(world, kind):
    return {"body": {"audiobookId": world.draft}}


@request("POST /api/v1/ai/summary/{audiobookId}/approve")
@request("POST /api/v1/ai/summary/{audiobookId}/regenerate")
def _(world, kind):
    return {"body": {"summaryId": anything()}}


@request("POST /api/v1/cart/items")
def _(world, kind):
    return {"body": {"audiobookId": world.sold}}


def chosen(world, kind):
    """The book is in the cart of whoever has one."""
    if kind != "anonymous":
        world.chosen([world.sold], kind)


@request("GET /api/v1/cart")
@request("DELETE /api/v1/cart/items/{id}")
@request("POST /api/v1/cart/clear")
def _(world, kind):
    chosen(world, kind)
    return {"at": {"id": world.sold}}


@request("PUT /api/v1/cart/items/{id}")
def _(world, kind):
    chosen(world, kind)
    return {"at": {"id": world.sold}, "body": {"gift": {"recipientEmail": "grace@earshelf.example"}}}


@request("POST /api/v1/cart/merge")
def _(world, kind):
    return {"headers": {"cookie": world.guest(world.sold)}}


@request("POST /api/v1/cart/promotion")
@request("DELETE /api/v1/cart/promotion")
def _(world, kind):
    chosen(world, kind)
    return {"body": {"code": world.promoted().json["code"]}}


@request("POST /api/v1/checkout")
@request("POST /api/v1/orders")
def _(world, kind):
    buyer = world.double(kind)
    if buyer in world.tokens:
        world.chosen([world.sold], buyer)
    return {"by": buyer, "body": world.agreed}


@request("GET /api/v1/orders/{id}")
@request("GET /api/v1/orders/{id}/receipt")
def _(world, kind):
    return {"at": {"id": world.order}}


@request("PUT /api/v1/orders/{id}/refund-request")
def _(world, kind):
    return {"at": {"id": world.paid}, "body": {"lines": [1], "reason": "changed_mind"}}


@request("POST /api/v1/orders/{id}/refresh")
def _(world, kind):
    return {"at": {"id": world.pending}}


@request("POST /api/v1/orders/{id}/cancel")
def _(world, kind):
    buyer = world.somebody()
    order = world.ordered([world.sold], buyer)["orderId"]
    return {"at": {"id": order}, "by": buyer if kind == "owner" else kind}


@request("PUT /api/v1/orders/{id}/status")
def _(world, kind):
    buyer = world.somebody()
    order = world.ordered([world.sold], buyer)["orderId"]
    placed = world.must(200, buyer, "GET", f"/orders/{order}")
    return {"at": {"id": order}, "body": {"state": "cancelled", "reason": "on the phone"}, "version": placed.headers["etag"]}


@request("POST /api/v1/gifts/redeem")
def _(world, kind):
    return {"by": world.double(kind), "body": {"code": world.given(world.free, "other")["code"]}}


@request("POST /api/v1/payments/intent")
def _(world, kind):
    return {"body": {"orderId": world.pending}}


@request("POST /api/v1/payments/confirm")
def _(world, kind):
    begun = world.must(200, "owner", "POST", "/payments/intent", {"orderId": world.pending}).json
    return {"body": {"paymentIntent": begun["paymentIntent"]}}


@request("POST /api/v1/payments/refund")
def _(world, kind):
    order = world.bought([world.sold], world.somebody()) if kind in ("finance", "admin") else world.pending
    return {"body": {"orderId": order, "reason": "customer_request"}}


@request("DELETE /api/v1/payments/methods/{id}")
def _(world, kind):
    return {"at": {"id": world.kept_method("owner")}}


@request("PATCH /api/v1/me")
def _(world, kind):
    return own(world, kind, "/me") | {"body": {"displayName": anything()}}


@request("PUT /api/v1/me/preferences")
def _(world, kind):
    known = own(world, kind, "/me/preferences")
    return known | {"body": {
        "language": "en", "theme": "dark", "speed": 1.25, "skipBackSeconds": 15, "skipForwardSeconds": 30,
        "mail": {"receipts": True, "news": False}}}


def own(world, kind, path):
    return {"version": world.must(200, kind, "GET", path).headers["etag"]} if kind in world.tokens else {}


@request("DELETE /api/v1/me")
def _(world, kind):
    return {"by": world.double(kind)}


@request("GET /api/v1/users/{id}")
def _(world, kind):
    return {"at": {"id": world.id_of("owner")}}


@request("PUT /api/v1/users/{id}/roles")
def _(world, kind):
    person = world.id_of(world.somebody())
    known = world.must(200, "admin", "GET", f"/users/{person}")
    return {"at": {"id": person}, "body": {"roles": ["support"]}, "version": known.headers["etag"]}


DEVICE = {"id": "phone-1", "name": "a phone"}


@request("GET /api/v1/library/{id}")
@request("POST /api/v1/library/{id}/stream")
@request("POST /api/v1/library/{id}/download")
@request("GET /api/v1/library/{id}/position")
@request("GET /api/v1/library/{id}/history")
@request("GET /api/v1/library/{id}/settings")
@request("GET /api/v1/library/{id}/bookmarks")
def _(world, kind):
    assert world.order
    return {}


@request("GET /api/v1/library/{id}/transcript")
def _(world, kind):
    assert world.order and world.told
    return {}


@request("GET /api/v1/search/passages")
@request("GET /api/v1/library/{id}/search")
def _(world, kind):
    assert world.order and world.told
    return {"query": "?q=fall"}


@request("PUT /api/v1/library/{id}/position")
def _(world, kind):
    assert world.order
    return {"body": {"move": "restart", "device": DEVICE}}


@request("POST /api/v1/library/{id}/position/undo")
def _(world, kind):
    assert world.order
    place = f"/library/{world.free}/position"
    moved = world.must(200, "owner", "PUT", place, {"move": "seek", "positionMilliseconds": 1000, "device": DEVICE})
    world.must(200, "owner", "PUT", place, {"move": "restart", "device": DEVICE})
    known = world.must(200, "owner", "GET", place)
    assert moved.json["version"] < known.json["version"]
    return {"body": {"device": DEVICE}, "version": known.headers["etag"]}


@request("PUT /api/v1/library/{id}/settings")
def _(world, kind):
    return {"body": {"speed": 1.5}}


@request("POST /api/v1/library/{id}/bookmarks")
@request("PUT /api/v1/library/{id}/bookmarks/{bookmarkId}")
def _(world, kind):
    return {"at": {"bookmarkId": anything()}, "body": {"positionMilliseconds": 1}}


@request("PATCH /api/v1/library/{id}/bookmarks/{bookmarkId}")
def _(world, kind):
    return bookmark(world) | {"body": {"note": "x"}}


@request("DELETE /api/v1/library/{id}/bookmarks/{bookmarkId}")
def _(world, kind):
    return bookmark(world)


def bookmark(world):
    """One of the owner's."""
    assert world.order
    made = world.must(201, "owner", "POST", f"/library/{world.free}/bookmarks", {"positionMilliseconds": 1})
    return {"at": {"bookmarkId": made.json["id"]}, "version": made.headers["etag"]}


@request("GET /api/v1/admin/orders/{id}")
def _(world, kind):
    return {"at": {"id": world.order}}


@request("GET /api/v1/admin/sales")
def _(world, kind):
    return {"query": "?from=2026-01-01&until=2027-01-01&interval=month"}


@request("POST /api/v1/admin/alerts/{id}/acknowledge")
def _(world, kind):
    """Of what was parked, which is the finances' matter."""
    event = world.parked()
    return {"at": {"id": world.sql(f"SELECT id FROM plumbing.alerts WHERE subject = 'stripe/{event}'")}}


@request("POST /api/v1/admin/events/{provider}/{id}/replay")
def _(world, kind):
    return {"at": {"provider": "stripe", "id": world.parked()}}


@request("POST /api/v1/admin/outbox/{id}/replay")
def _(world, kind):
    return {"at": {"id": world.put_aside()}}


@request("POST /api/v1/admin/promotions")
def _(world, kind):
    return {"body": {"code": "CODE-" + anything()[:8], "percent": 10}}


@request("PATCH /api/v1/admin/promotions/{id}")
def _(world, kind):
    promotion = world.promoted()
    return {"at": {"id": promotion.json["id"]}, "body": {"isEnded": True}, "version": promotion.headers["etag"]}
