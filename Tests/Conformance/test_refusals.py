"""Every type of refusal that the description lists is provoked here over HTTP: by a request where that is enough, and
else by one after an outage, a fault of others or a passage of time that the test brings about."""

import contextlib
import hashlib
import io
import json
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


@provokes("unreadable")
def _(world):
    """Half a minute by its header, and the storage holds a part of it."""
    return stored(world, truncated())


@provokes("size-differs")
def _(world):
    return stored(world, sound(2), lambda upload: world.sql(
        f"UPDATE production.uploads SET declared_bytes = declared_bytes + 1 WHERE id = '{upload['id']}'"))


@provokes("checksum-differs")
def _(world):
    return stored(world, sound(2), lambda upload: world.sql(
        f"UPDATE production.uploads SET declared_sha256 = sha256('other') WHERE id = '{upload['id']}'"))
