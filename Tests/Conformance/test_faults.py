"""What happens under load, and when processes are killed in the middle of it."""

import collections
import concurrent.futures
import contextlib
import threading
import uuid

import processes
from conftest import client, ready
from shop import EMULATOR, Shop, free_ports

# How many environments a function may have on this machine when its template sets no limit.
LIMIT = 10


def load(shop, token, count, at_once=50):
    """Requests to the library, and how they were answered. A connection that breaks is no answer, and raises."""
    def ask(_):
        answer = shop.api("GET", "/library", token=token)
        if answer.status == 200:
            assert answer.json == {"items": []}, answer
        return answer
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(ask, range(count)))


@contextlib.contextmanager
def meanwhile(work):
    """Does the work over and over, beside what the block does; hands out what it returned each time."""
    ended, results = threading.Event(), []

    def run():
        while not ended.wait(0.02):
            results.append(work())

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        try:
            yield results
        finally:
            ended.set()
            running.result()


def is_clean(answer):
    """A refusal that tells a client to come again: the function's own, or the gateway's when a function died."""
    if answer.status == 502:
        return answer.json == {"message": "Internal Server Error"}
    return answer.status == 503 and answer.json["type"] == "database-unavailable" and "retry-after" in answer.headers


def serves_again(shop, token):
    answers = load(shop, token, 20, at_once=4)
    assert {answer.status for answer in answers} == {200}, answers


def test_a_thousand_requests_at_fifty_at_once(own_state):
    with Shop(EMULATOR, own_state, arguments=["--idle-seconds", "3"]) as shop:
        ready(shop)
        token = shop.sign_in("ada")
        with meanwhile(lambda: len(processes.environments(own_state, "Library"))) as counts:
            answers = load(shop, token, 1000)
        assert collections.Counter(answer.status for answer in answers) == {200: 1000}
        assert max(counts) == LIMIT, counts
        shop.eventually(
            "the end of the environments that nobody needs",
            lambda: not processes.environments(own_state, "Library"), patience_seconds=30)
        serves_again(shop, token)


def test_functions_killed_in_the_middle(own_shop, own_state):
    token = own_shop.sign_in("ada")

    def strike():
        victims = processes.environments(own_state, "Library")
        processes.kill(victims[:1])
        return victims[:1]

    with meanwhile(strike) as killed:
        answers = load(own_shop, token, 400)
        # Whoever looks for victims is at times slower than all of that.
        for _ in range(20):
            if sum(map(len, killed)) <= 3:
                answers += load(own_shop, token, 100)
    assert sum(map(len, killed)) > 3, killed
    assert [answer for answer in answers if answer.status != 200 and not is_clean(answer)] == []
    assert any(answer.status == 200 for answer in answers)
    own_shop.eventually("service", lambda: own_shop.api("GET", "/library", token=token).status == 200)
    serves_again(own_shop, token)


def test_postgresql_killed_in_the_middle(own_shop, own_state):
    token = own_shop.sign_in("ada")
    database = processes.named(own_state, "postgres")
    assert database
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load, own_shop, token, 600)
        own_shop.eventually("load", lambda: len(processes.environments(own_state, "Library")) == LIMIT)
        # Those of the load among them.
        processes.kill(processes.named(own_state, "postgres"))
        answers = loading.result()
    assert [answer for answer in answers if answer.status != 200 and not is_clean(answer)] == []
    own_shop.eventually("service", lambda: own_shop.api("GET", "/library", token=token).status == 200)
    serves_again(own_shop, token)
    assert not set(database) & set(processes.named(own_state, "postgres"))


def test_the_emulator_killed_in_the_middle(own_state):
    with Shop(EMULATOR, own_state, port=free_ports()) as shop:
        ready(shop)
        editor = shop.sign_in("editor")
        key = str(uuid.uuid4())
        wish = {"title": "Kept", "language": "en", "people": [{"name": "Lewis Carroll", "role": "author"}]}
        book = shop.api("POST", "/audiobooks", wish, token=editor, key=key).json["id"]
        client(shop, "s3").put_object(Bucket="earshelf-media", Key="kept", Body=b"kept" * 1000)
        accepted = messages_until_it_dies(shop)
        processes.none_of(own_state)

        shop.start()
        ready(shop)
        editor = shop.sign_in("editor")
        assert shop.api("POST", "/audiobooks", wish, token=editor, key=key).json["id"] == book
        stored = client(shop, "s3").get_object(Bucket="earshelf-media", Key="kept")["Body"].read()
        assert stored == b"kept" * 1000
        assert accepted and accepted <= everything_received(shop)


def dead_letters(sqs):
    url, = [url for url in sqs.list_queues()["QueueUrls"] if "TranscriptionsDead" in url]
    return url


def messages_until_it_dies(shop):
    """The ids of the messages that the emulator accepted before it was killed."""
    url = dead_letters(client(shop, "sqs"))

    def sender():
        sqs = client(shop, "sqs")
        return lambda: [sqs.send_message(QueueUrl=url, MessageBody=str(uuid.uuid4()))["MessageId"]]
    return processes.until_it_dies(shop, sender, lambda accepted: len(accepted) > 50)


def everything_received(shop):
    sqs = client(shop, "sqs")
    url = dead_letters(sqs)
    received = set()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages"):
        received |= {message["MessageId"] for message in messages}
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return received
