"""Every type of refusal that the description lists is provoked over HTTP: by a request where that is enough, and else by
one after an outage, a fault of others or a passage of time that the test brings about. How, stands in refusals/."""

import callers
import openapi
import pytest
from refusals import PROVOKED

TYPES = openapi.document()["components"]["schemas"]["ProblemType"]["enum"]


@pytest.fixture(scope="module")
def world(shop):
    return callers.World(shop)


def test_every_type_of_the_description_is_provoked_and_no_other():
    assert sorted(PROVOKED) == TYPES


@pytest.mark.parametrize("kind", sorted(PROVOKED))
def test_a_refusal_is_provoked(world, kind):
    world.forget_limits()
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
