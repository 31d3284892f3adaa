"""Every route of the template, as each kind of caller: what may be done is done, all else is refused."""

import hashlib
import pathlib

import callers
import pytest
from callers import KINDS, anything
from test_openapi import deployed_routes

USUAL = {401: "unauthenticated", 403: "forbidden", 404: "not-found"}


def table():
    """By route, what each kind of caller is answered: the status, and the type of a refusal."""
    lines = [line.split() for line in (pathlib.Path(__file__).parent / "access.txt").read_text().splitlines()
             if line and not line.startswith("#")]
    assert tuple(lines[0]) == KINDS
    rows = {}
    for method, path, *answers in lines[1:]:
        assert (method, path) not in rows and len(answers) == len(KINDS), f"{method} {path}: {answers}"
        for kind, answer in zip(KINDS, answers):
            status, _, named = answer.partition(":")
            rows.setdefault((method, path), {})[kind] = (int(status), named or USUAL.get(int(status)))
    return rows


TABLE = table()


def test_no_route_is_without_a_line_and_no_line_without_a_route():
    assert sorted(TABLE) == sorted(deployed_routes())


@pytest.fixture(scope="module")
def world(shop):
    return callers.World(shop)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method, path", TABLE, ids=" ".join)
def test_a_caller_is_answered_as_the_table_says(world, method, path, kind):
    status, refusal = TABLE[method, path][kind]
    asked = REQUESTS.get(f"{method} {path}", lambda world, kind: {})(world, kind)
    place = path.removeprefix("/api/v1")
    for name, value in asked.pop("at", {}).items():
        place = place.replace("{" + name + "}", str(value))
    for name in ("id", "audiobookId"):
        place = place.replace("{" + name + "}", world.free)
    answer = world.ask(kind, method, place, **asked)
    assert answer.status == status, answer
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json", answer
        assert answer.json["type"] == refusal, answer


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
    page = world.must(200, "editor", "GET", f"/audiobooks/{world.draft}")
    return {"at": {"id": world.draft}, "body": {"subtitle": anything()}, "version": page.headers["etag"]}


@request("POST /api/v1/uploads")
def _(world, kind):
    return {"body": {
        "audiobookId": world.draft, "fileName": "x.mp3", "contentType": "audio/mpeg", "bytes": 1,
        "sha256": hashlib.sha256(b"x").hexdigest()}}


@request("GET /api/v1/uploads/{id}")
@request("POST /api/v1/uploads/{id}/complete")
def _(world, kind):
    return {"at": {"id": world.upload}}


@request("POST /api/v1/transcription/start")
def _(world, kind):
    return {"body": {"audiobookId": world.free}}


@request("GET /api/v1/transcription/{jobId}/status")
def _(world, kind):
    job = world.must(200, "editor", "GET", f"/transcription/{world.free}").json["job"]
    return {"at": {"jobId": job["jobId"]}}


@request("POST /api/v1/ai/summary")
def _(world, kind):
    return {"body": {"audiobookId": world.draft}}


@request("POST /api/v1/ai/summary/{audiobookId}/approve")
def _(world, kind):
    return {"body": {"summaryId": anything()}}


@request("POST /api/v1/cart/items")
def _(world, kind):
    return {"body": {"audiobookId": world.sold}}


@request("POST /api/v1/checkout")
def _(world, kind):
    if kind in world.tokens:
        world.must(200, kind, "POST", "/cart/clear")
    return {}


@request("POST /api/v1/payments/intent")
def _(world, kind):
    return {"body": {"orderId": world.pending}}


@request("POST /api/v1/payments/confirm")
def _(world, kind):
    begun = world.must(200, "owner", "POST", "/payments/intent", {"orderId": world.pending}).json
    return {"body": {"paymentIntent": begun["paymentIntent"]}}


@request("POST /api/v1/payments/refund")
def _(world, kind):
    return {"body": {"orderId": world.pending, "reason": "customer_request"}}


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


@request("PUT /api/v1/library/{id}/position")
def _(world, kind):
    assert world.order
    return {"body": {"move": "restart", "device": DEVICE}}


@request("POST /api/v1/library/{id}/position/undo")
def _(world, kind):
    return {"body": {"device": DEVICE}, "version": '"9999"'}


@request("PUT /api/v1/library/{id}/settings")
def _(world, kind):
    return {"body": {"speed": 1.5}}


@request("POST /api/v1/library/{id}/bookmarks")
@request("PUT /api/v1/library/{id}/bookmarks/{bookmarkId}")
def _(world, kind):
    return {"at": {"bookmarkId": anything()}, "body": {"positionMilliseconds": 1}}


@request("PATCH /api/v1/library/{id}/bookmarks/{bookmarkId}")
@request("DELETE /api/v1/library/{id}/bookmarks/{bookmarkId}")
def _(world, kind):
    return {"at": {"bookmarkId": anything()}, "body": {"note": "x"}, "version": '"1"'}


@request("POST /api/v1/admin/events/{provider}/{id}/replay")
def _(world, kind):
    return {"at": {"provider": "stripe", "id": "evt_none"}}
