"""People and their accounts."""

import json

import jwt

from refusals import provokes

FORGET = "/me?confirmation=forget%20me"


@provokes("confirmation-needed")
def _(world):
    """Who signed in an hour ago, as the issuer says it (`fva`, https://clerk.com/docs/backend-requests/resources/session-tokens)."""
    token = world.tokens[world.somebody()]
    claims = jwt.decode(token, options={"verify_signature": False}) | {"fva": [60, -1]}
    kid = jwt.get_unverified_header(token)["kid"]
    old = jwt.encode(claims, signing_key(world.shop, kid), "RS256", headers={"kid": kid})
    return world.shop.api("DELETE", "/me", token=old)


def signing_key(shop, kid):
    """The stand-in's own, from the file in which it keeps them: a list of what changed on each line."""
    lines = (shop.state / "identity" / "identity.jsonl").read_text().splitlines()
    pem, = [value["pem"] for line in lines for kind, name, value in json.loads(line) if (kind, name) == ("key", kid)]
    return pem


@provokes("account-unsettled")
def _(world):
    buyer = world.somebody()
    world.ordered([world.sold], buyer)
    return world.ask(buyer, "DELETE", FORGET)


def with_roles(world, person, roles):
    known = world.must(200, "admin", "GET", f"/users/{person}")
    return world.ask("admin", "PUT", f"/users/{person}/roles", {"roles": roles}, version=known.headers["etag"])


@provokes("own-admin-role")
def _(world):
    return with_roles(world, world.id_of("admin"), [])


@provokes("person-erased")
def _(world):
    """Who bought something is kept as a name of it, and as nothing else."""
    leaver = world.somebody()
    world.ordered([world.free], leaver)
    person = world.id_of(leaver)
    world.must(204, leaver, "DELETE", FORGET)
    return with_roles(world, person, ["support"])
