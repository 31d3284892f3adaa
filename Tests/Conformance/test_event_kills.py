"""Events, whatever is killed. The relay is killed after each statement and call from where it takes an event on to where it
has noted that it was told, and whoever acts on one before and after each of its own; then what comes again on the platform
comes again. In the end each event was told, and acted on once. An emulator that is killed in the middle of it forgets
nothing that it took."""

import contextlib
import itertools
import json
import re
import uuid

import processes
import pytest
from conftest import client, state_folder
from killing import AFTER, BEFORE, SCHEDULED, Killer, settings_of
from shop import EMULATOR, PRODUCTS, ROOT, Shop

TRANSCRIBED = "TranscriptionCompleted"


class Stage:
    """A shop whose relay is this test's alone, and texts that have just become ready in it."""

    def __init__(self, shop, state):
        self.shop, self.state = shop, state
        settings = {"relay": self.settings("Relay", SCHEDULED), "summarise": self.settings("Summarise", self.told(0, 0) | {
            "detail-type": "Nothing"})}
        # What is asked of the queue is nobody's here: the dead letters of summaries are read by no function.
        self.killer = Killer(PRODUCTS, settings, f"{shop.database_socket}/.s.PGSQL.5432", {
            "AWS_ENDPOINT_URL_EVENTBRIDGE": shop.addresses["eventbridge"],
            "SUMMARY_QUEUE_URL": settings["summarise"]["SUMMARY_QUEUE_URL"].replace("Summaries", "SummariesDead")})

    def close(self):
        self.killer.close()

    def settings(self, resource, event):
        """Those of a process of the function, which an event starts; one at a time may be under way."""
        platform = client(self.shop, "lambda")

        def answered():
            with contextlib.suppress(platform.exceptions.TooManyRequestsException):
                return platform.invoke(FunctionName=resource, Payload=json.dumps(event))

        answer = self.shop.eventually(f"a turn of {resource}", answered)
        assert "FunctionError" not in answer, answer["Payload"].read()
        return settings_of(processes.environments(self.state, resource)[0])

    def sql(self, statement):
        return self.shop.sql(statement)

    def ready(self):
        """A text of a book, and the event that tells of it, as they are once its last chunk was heard."""
        book, edition, text = (str(uuid.uuid4()) for _ in range(3))
        event = self.sql(f"""
            SET session_replication_role = replica;
            INSERT INTO catalogue.audiobooks (id, slug, title, language, created_by)
            VALUES ('{book}', 'emma-{book}', 'Emma', 'en', '{uuid.uuid4()}');
            INSERT INTO catalogue.editions (id, audiobook_id, number, duration_ms) VALUES ('{edition}', '{book}', 1, 1000);
            INSERT INTO production.transcripts (id, edition_id, language, state, ready_at)
            VALUES ('{text}', '{edition}', 'en', 'ready', now());
            INSERT INTO production.transcript_segments (transcript_id, position, start_ms, end_ms, chapter, language, text)
            VALUES ('{text}', 1, 0, 1000, 1, 'en', 'Emma Woodhouse, handsome, clever, and rich.');
            WITH written AS (
                INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload)
                VALUES ('{TRANSCRIBED}', '{text}', '{text}', '{{"transcript": "{text}", "audiobook": "{book}"}}')
                RETURNING id)
            SELECT id FROM written""")
        return int(event), text

    def told(self, event, text):
        """What the function is given of it."""
        detail = {"id": event, "key": text, "payload": {"transcript": text}}
        return SCHEDULED | {"detail-type": TRANSCRIBED, "source": "earshelf", "detail": detail}

    def times_told(self, event):
        """How often the bus took it of a process of this test's."""
        bodies = [json.loads(body) for body in self.killer.outside["AWS_ENDPOINT_URL_EVENTBRIDGE"].done]
        details = [json.loads(entry["Detail"]) for body in bodies for entry in body["Entries"]]
        return sum(detail["id"] == event for detail in details)

    def acted(self, event):
        """How often the function began what was to be done, and how often it was told."""
        lines = [line for line in self.shop.log().splitlines() if re.search(rf'"event":"?{event}"?[,}}]', line)]
        begun = sum("summaries begun" in line for line in lines)
        return begun, begun + sum("nothing to write of it" in line for line in lines)

    def settled(self, event, text):
        """Once all that the bus took was acted on, and what followed from it was told too."""
        self.shop.eventually("the function", lambda: self.acted(event)[1] >= self.times_told(event))
        self.shop.eventually("the summaries, of the chapter and of the whole", lambda: self.sql(
            f"SELECT string_agg(state, ' ') FROM production.summaries WHERE transcript_id = '{text}'") == "draft draft")
        self.shop.eventually("its event", lambda: self.sql(
            f"SELECT count(*) FROM plumbing.outbox WHERE published_at IS NULL AND id <> {event}") == "0")

    def a_minute_later(self):
        """What a killed relay had taken may be taken again."""
        self.sql("DELETE FROM plumbing.leases; UPDATE plumbing.outbox SET next_try_at = '-infinity'")


def stopped(state, *changes):
    """The template with what is deployed beside it, and a relay that comes once a day."""
    text = (ROOT / "template.yaml").read_text()
    of_the_relay = "      Events:\n        EveryMinute:\n          Type: Schedule\n          Properties:\n            Schedule: "
    for old, new in [(of_the_relay + "rate(1 minute)", of_the_relay + "rate(1 day)"), *changes]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (state / "template.yaml").write_text(text)
    (state / "Migrations").symlink_to(ROOT / "Migrations")
    return state / "template.yaml"


@pytest.fixture(scope="module")
def stage():
    with state_folder() as state, Shop(EMULATOR, state, template=stopped(state)) as shop:
        with contextlib.closing(Stage(shop, state)) as stage:
            yield stage


def test_the_relay_killed_at_each_step(stage):
    event, text = stage.ready()
    stage.a_minute_later()
    _, steps = stage.killer.run("relay", SCHEDULED)
    names = steps.names
    first = next(place for place, name in enumerate(names) if "UPDATE plumbing.outbox SET attempts" in name)
    last = next(place for place, name in enumerate(names) if "UPDATE plumbing.outbox SET published_at" in name)
    stage.settled(event, text)
    tellings = {}
    # From the statement that begins the transaction of the first, to the one that commits that of the last.
    for at in range(first, last + 3):
        event, text = stage.ready()
        stage.a_minute_later()
        _, steps = stage.killer.run("relay", SCHEDULED, at, AFTER)
        place = f"killed after step {at}: {steps.names[-1]}"
        assert steps.struck, place
        if stage.times_told(event):
            stage.settled(event, text)
        stage.a_minute_later()
        stage.killer.run("relay", SCHEDULED)
        stage.settled(event, text)
        told = tellings[steps.names[-1]] = stage.times_told(event)
        assert stage.acted(event) == (1, told), place
        assert stage.sql(f"SELECT published_at IS NOT NULL FROM plumbing.outbox WHERE id = {event}") == "t", place
    assert tellings["AWSEvents.PutEvents"] == 2 and set(tellings.values()) == {1, 2}, tellings


def test_whoever_acts_on_an_event_killed_at_each_step(stage):
    sent = stage.killer.outside["SUMMARY_QUEUE_URL"].done
    struck = []
    for at, side in itertools.chain([(1, BEFORE)], ((number, AFTER) for number in itertools.count(1))):
        event, text = stage.ready()
        _, steps = stage.killer.run("summarise", stage.told(event, text), at, side)
        place = f"killed {side} step {at}: {steps.names[-1]}"
        # What was begun is done and approved before the event comes again, and then once more.
        for _ in range(2):
            stage.sql(f"""
                SET session_replication_role = replica;
                UPDATE production.summaries SET state = 'approved', text = 'x', model = 'm', prompt_version = '1',
                    approved_by = gen_random_uuid(), approved_at = now() WHERE transcript_id = '{text}'""")
            stage.killer.run("summarise", stage.told(event, text))
        summaries = stage.sql(f"SELECT id FROM production.summaries WHERE transcript_id = '{text}'").split()
        assert len(summaries) == 2, f"{place}: {summaries}"
        assert all(sum(summary.encode() in body for body in sent) <= 1 for summary in summaries), place
        if not steps.struck:
            break
        struck.append(steps.names[-1])
    assert any("INSERT INTO plumbing.consumed" in name for name in struck), struck
    assert "COMMIT" in struck and "AmazonSQS.SendMessage" in struck, struck


def test_what_a_function_fails_at_is_tried_again_and_then_kept(stage):
    mark = str(uuid.uuid4())
    told = client(stage.shop, "events").put_events(Entries=[{
        "Source": "earshelf", "DetailType": TRANSCRIBED, "Detail": json.dumps({"mark": mark}), "EventBusName": "earshelf"}])
    assert told["FailedEntryCount"] == 0, told
    sqs = client(stage.shop, "sqs")
    url, = [url for url in sqs.list_queues()["QueueUrls"] if "EventsDead" in url]

    def letter():
        received = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, MessageAttributeNames=["All"])
        return [message for message in received.get("Messages", []) if mark in message["Body"]]
    message, = stage.shop.eventually("the dead letter", letter)
    event = json.loads(message["Body"])
    assert (event["id"], event["detail"]) == (told["Entries"][0]["EventId"], {"mark": mark})
    request = message["MessageAttributes"]["RequestID"]["StringValue"]
    failures = [line for line in stage.shop.log().splitlines() if request in line and '"level":"ERROR"' in line]
    assert len(failures) == 3, failures


def test_the_emulator_killed_in_the_middle(own_state):
    mine = """
        Strange:
          Type: EventBridgeRule
          Properties: { EventBusName: !Ref Events, Pattern: { source: [elsewhere] } }"""
    beginning, first = "!GetAtt EventsDead.Arn }\n      Events:", "\n        Transcribed:"
    handler = "      Handler: summarise\n"
    # One after the other, so that they are told sooner than they are acted on.
    alone = handler + "      ReservedConcurrentExecutions: 1\n"
    template = stopped(own_state, (beginning + first, beginning + mine + first), (handler, alone))
    with Shop(EMULATOR, own_state, template=template) as shop:
        accepted = events_until_it_dies(shop)
        processes.none_of(own_state)
        before = strange(shop)
        shop.start()
        shop.eventually("all that was accepted", lambda: accepted <= strange(shop))
    assert accepted and not accepted <= before, "nothing was under way when it was killed"


def strange(shop):
    """What the function was told of and passed over, for it is of a kind that it does not know."""
    return set(re.findall(r'passed over[^\n]*"topic":"(Strange-[0-9a-f-]+)"', shop.log())) | set(
        re.findall(r'"topic":"(Strange-[0-9a-f-]+)"[^\n]*passed over', shop.log()))


def events_until_it_dies(shop):
    """The kinds of the events that the emulator accepted before it was killed."""
    def teller():
        events = client(shop, "events")

        def tell():
            kinds = [f"Strange-{uuid.uuid4()}" for _ in range(5)]
            told = events.put_events(Entries=[{
                "Source": "elsewhere", "DetailType": kind, "Detail": "{}", "EventBusName": "earshelf"} for kind in kinds])
            return [kind for kind, entry in zip(kinds, told["Entries"]) if "EventId" in entry]
        return tell
    return processes.until_it_dies(shop, teller, lambda accepted: len(accepted - strange(shop)) > 20)
