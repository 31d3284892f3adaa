"""Requests that cannot be understood, and those that may not be made."""

from callers import anything

from refusals import provokes

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
