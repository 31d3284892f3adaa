"""What schemathesis is to look at besides its own checks: loaded by `fuzz.py` through SCHEMATHESIS_HOOKS.

Every operation has a `default` answer, for the platform may fail at any of them. To schemathesis that declares every
status. Here only faults of ours and of those the shop relies on pass as undeclared; a refusal has to be named."""

import json
import os
import re
import urllib.parse
import zlib

import schemathesis

# By path and variable: what is there to be asked for.
KNOWN = json.loads(os.environ["FUZZ_KNOWN"])

# Whoever asks, and whatever for, may be told that he asks too often; and no operation needs to say that its address is
# known by other methods.
EVERYWHERE = {"too-many-requests", "method-not-allowed"}


# What no schema tells: cursors nobody can make up, bounds of which one must not be beyond the other, an order that takes
# something to search for, a form that has no pages, and that there are words among what is looked for.
UNTOLD = {"cursor", "q", "maxPrice", "maxDuration", "from", "to", "until", "sort", "format"}


@schemathesis.hook
def map_case(context, case):
    """Half of the well-formed requests ask for something that is there: ids made up find nothing."""
    known = KNOWN.get(case.operation.path)
    if known and case.meta is not None and case.meta.generation.mode.is_positive:
        chance = zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode())
        for name, values in known.items():
            if chance % 2:
                case.path_parameters[name] = values[chance // 2 % len(values)]
    return case


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """An address may have the shape of another path too, whose methods it then knows: /transcription/start is a book's
    text as far as GET goes, of a book that nobody has."""
    if failure.code != "ST204":
        return True
    path = urllib.parse.urlsplit(response.request.url).path
    return not any(
        response.request.method.lower() in item and re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", other), path)
        for other, item in case.operation.schema.raw_schema["paths"].items() if other != case.operation.path)


@schemathesis.check
def declared_refusal(ctx, response, case):
    """A refusal is a problem whose type the description tells of, under that very status."""
    if response.status_code < 400:
        return
    # What is for people to look at is refused by a page, where the description says so.
    declared = case.operation.definition.raw["responses"].get(str(response.status_code), {})
    if "text/html" in resolved(declared, case).get("content", {}):
        assert response.headers["content-type"] == ["text/html; charset=utf-8"], response.headers["content-type"]
        return
    problem = read(response)
    assert problem["status"] == response.status_code, f"the problem says {problem['status']}"
    assert problem["title"] and problem["detail"] and problem["instance"] and problem["requestId"], problem
    if problem["type"] in EVERYWHERE:
        return
    responses = case.operation.definition.raw["responses"]
    declared = responses.get(str(response.status_code))
    if declared is None and response.status_code >= 500:
        declared = responses.get("default")
    assert declared is not None, f"{response.status_code} {problem['type']} is declared nowhere"
    told = re.findall(r"`([a-z-]+)`", resolved(declared, case)["description"])
    assert problem["type"] in told, f"{problem['type']} is not among what {response.status_code} tells of: {told}"


def read(response):
    """All but what the platform says itself, which is none of an operation's."""
    kind = response.headers["content-type"][0]
    assert kind.startswith("application/problem+json"), f"a refusal of type {kind}: {response.content[:200]}"
    return json.loads(response.content)


def resolved(response, case):
    if "$ref" not in response:
        return response
    found = case.operation.schema.raw_schema
    for part in response["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


@schemathesis.check
def well_formed_is_understood(ctx, response, case):
    """What the description calls well-formed is never refused as malformed, but for what it cannot tell: signatures
    nobody can make up, and `UNTOLD`."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code not in (400, 415):
        return
    problem = read(response)
    places = {error.get("parameter", error.get("pointer")) for error in problem.get("errors", [])}
    forged = problem["type"] == "webhook-signature" or problem["type"] == "invalid-query" and places <= UNTOLD
    assert forged, problem
