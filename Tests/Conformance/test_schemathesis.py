"""schemathesis, by the description that the shop serves, as each kind of caller. A few examples here; as many as one has
time for by `./build.sh fuzz`."""

import callers
import fuzz
import openapi
import pytest
from conftest import state_folder
from shop import EMULATOR, Shop, call

# Every edge of every schema is tried by one who may do everything; the others meet what was drawn by chance.
THOROUGH = "admin"


@pytest.fixture(scope="module")
def world():
    with state_folder() as state, Shop(EMULATOR, state, arguments=["--edge", "none"]) as shop:
        yield callers.World(shop)


def test_the_shop_serves_the_description_that_is_written(world):
    served = call("GET", world.shop.addresses["shop"] + "/openapi.json")
    assert served.json == openapi.plain(), "./build.sh build puts it together anew"
    again = call("GET", world.shop.addresses["shop"] + "/api/v1/openapi.json", headers={"if-none-match": served.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize("kind", callers.KINDS)
def test_nothing_is_answered_but_what_the_description_says(world, kind):
    phases = ["examples", "coverage"] if kind == THOROUGH else ["fuzzing"]
    code, output = fuzz.fuzz(world, world.caller(kind), examples=1, phases=phases, seed=1)
    assert code == 0, output[-20_000:]
