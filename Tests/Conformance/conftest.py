"""What all of these tests stand on: one shop for most of them, and shops of their own for those that break theirs."""

import contextlib
import pathlib
import shutil
import sys
import tempfile

import boto3
import botocore.config
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "Journey"), str(ROOT / "Packaging")]

import processes  # noqa: E402
import shop as journey  # noqa: E402


# These take minutes each: begun last, one of two workers would do them while the other has nothing left to do.
LONGEST = ["test_schemathesis", "test_seeds", "test_kills", "test_readme"]


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@contextlib.contextmanager
def state_folder():
    """Short, for a socket of PostgreSQL goes below it; nothing of it is kept, and nobody may still hold it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="earshelf-"))
    try:
        yield folder
        processes.none_of(folder)
    finally:
        processes.end_all_of(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def shop():
    """Nobody is counted at its edge: all of these tests are one caller to it."""
    with state_folder() as state, journey.Shop(journey.EMULATOR, state, arguments=["--edge", "none", "--console", "none"]) as running:
        ready(running)
        yield running


@pytest.fixture
def own_state():
    with state_folder() as state:
        yield state


@pytest.fixture
def own_shop(own_state):
    """For a test that kills what the others need."""
    with journey.Shop(journey.EMULATOR, own_state) as running:
        ready(running)
        yield running


def ready(shop):
    """Tokens are taken from the moment the relay has fetched the keys to verify them by."""
    token = shop.sign_in("ada")
    shop.eventually("the signing keys", lambda: shop.api("GET", "/library", token=token).status == 200)


@pytest.fixture(scope="session")
def editor(shop):
    return shop.sign_in("editor")


@pytest.fixture(scope="session")
def customer(shop):
    return shop.sign_in("ada")


@pytest.fixture(scope="session")
def book(shop, editor):
    """A draft that uploads may be meant for."""
    answer = shop.api("POST", "/audiobooks", {
        "title": "Down the Rabbit-Hole", "language": "en", "people": [{"name": "Lewis Carroll", "role": "author"}],
    }, token=editor)
    assert answer.status == 201, answer
    return answer.json["id"]


def client(shop, service):
    """A client of AWS as anybody would make it, but that it asks once: a test must see what went wrong."""
    part = {"s3": "s3", "sqs": "sqs", "lambda": "lambda", "events": "eventbridge"}[service]
    config = botocore.config.Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return boto3.client(service, endpoint_url=shop.addresses[part], config=config, **shop.credentials)


@pytest.fixture(scope="session")
def s3(shop):
    return client(shop, "s3")


@pytest.fixture(scope="session")
def sqs(shop):
    return client(shop, "sqs")


@pytest.fixture(scope="session")
def functions(shop):
    return client(shop, "lambda")


@pytest.fixture(scope="session")
def events(shop):
    return client(shop, "events")
