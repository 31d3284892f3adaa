"""Whatever is killed, and whenever: recordings are sent one after the other while functions, PostgreSQL and the emulator
with its queue, its bus and its storage are killed at moments nobody chose. What was accepted is transcribed and summed up
in the end; no event is lost, and none acted on twice.

    ./build.sh kills [COUNT [SEED]]

runs it, and nothing else does, for nobody can say how long it takes. With one seed the same things are killed in the same order; what they were about then is
another matter."""

import contextlib
import hashlib
import json
import os
import random
import threading
import time
import uuid

import botocore.exceptions
import processes
import pytest
import recording
from conftest import client, ready
from killing import SCHEDULED
from shop import EMULATOR, Shop, call, free_ports

COUNT = int(os.environ.get("EARSHELF_KILLS", "0"))
SEED = int(os.environ.get("EARSHELF_SEED", "1"))
SENDERS = 2
FUNCTIONS = ["Relay", "Transcribe", "Summarise", "UploadComplete"]
TARGETS = [*FUNCTIONS, "postgres", "emulator"]
# What a client meets while something is dead.
GONE = (OSError, botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError, json.JSONDecodeError)


class Kills:
    def __init__(self, shop, state, sentences):
        self.shop, self.state, self.sentences = shop, state, sentences
        self.over = threading.Event()
        self.accepted, self.killed, self.given_up = [], [], []
        self.editor = shop.sign_in("editor")

    def sql(self, statement):
        """Answers None while the database is dead."""
        with contextlib.suppress(AssertionError):
            return self.shop.sql(statement)

    def insist(self, ask):
        """Until it is answered for good, as a client does; what is under way or not to be had now comes later."""
        end, answer = time.monotonic() + 300, None
        while time.monotonic() < end:
            with contextlib.suppress(*GONE):
                answer = ask()
                if answer.status < 500 and answer.json.get("type") not in ("in-progress", "too-many-requests"):
                    return answer
            time.sleep(0.2)
        raise AssertionError(f"nobody answers any more, and the last that did said: {answer}")

    def must(self, status, method, path, body):
        key = str(uuid.uuid4())
        answer = self.insist(lambda: self.shop.api(method, path, body, token=self.editor, key=key))
        assert answer.status == status, answer
        return answer.json

    def send(self, number):
        """One recording, by whoever sends again what was not taken."""
        said, sound = self.sentences[number % len(self.sentences)]
        # Another file each time, though the same is said in it: what is there already is not sent twice.
        sound += b"LIST" + (16).to_bytes(4, "little") + uuid.uuid4().bytes
        sound = sound[:4] + (len(sound) - 8).to_bytes(4, "little") + sound[8:]
        book = self.must(201, "POST", "/audiobooks", {
            "title": f"{said} {number}", "language": "en", "people": [{"name": "Lewis Carroll", "role": "author"}]})["id"]
        wish = {"audiobookId": book, "fileName": "book.wav", "contentType": "audio/wav", "bytes": len(sound),
                "sha256": hashlib.sha256(sound).hexdigest()}
        upload = self.must(201, "POST", "/uploads", wish)
        headers = {name: value for name, value in upload["put"]["headers"].items() if name != "content-length"}
        end = time.monotonic() + 300
        while time.monotonic() < end:
            with contextlib.suppress(*GONE):
                if call("PUT", upload["put"]["url"], body=sound, headers=headers).status == 200:
                    self.accepted.append(upload["id"])
                    return
            time.sleep(0.2)
        raise AssertionError("the storage takes nothing any more")

    def senders(self, index):
        number = index
        while not self.over.is_set():
            try:
                self.send(number)
            except AssertionError as error:
                self.given_up.append(error)
                return
            number += SENDERS

    def relay(self):
        """The schedule comes once a minute; here, whenever it was done with."""
        while not self.over.is_set():
            self.sweep()
            self.over.wait(0.5)

    def sweep(self):
        with contextlib.suppress(*GONE):
            client(self.shop, "lambda").invoke(FunctionName="Relay", Payload=json.dumps(SCHEDULED))

    def wanted(self):
        """Whatever there is; once that was killed often enough, what has not been there to be killed yet."""
        if len(self.killed) < COUNT:
            return TARGETS
        return [target for target in TARGETS if target not in self.killed] if COUNT >= 50 else []

    def strike(self, target, chance):
        """Kills one if it is there; the emulator is started again, for nobody else does it."""
        if target == "emulator":
            self.shop.process.kill()
            processes.none_of(self.state, patience_seconds=60)
            self.shop.start()
        else:
            victims = (
                processes.named(self.state, "postgres") if target == "postgres"
                else processes.environments(self.state, target))
            if not victims:
                return
            processes.kill([chance.choice(victims)])
        self.killed.append(target)

    def unfinished(self):
        """What there is still to do, in words; nothing once all is done."""
        ids = ", ".join(f"'{id}'" for id in self.accepted)
        return self.sql(f"""
            SELECT string_agg(concat_ws(' ', upload.id, upload.state, transcript.state, summary.state), '; ')
            FROM production.uploads AS upload
                LEFT JOIN catalogue.editions AS edition ON edition.audiobook_id = upload.audiobook_id
                LEFT JOIN production.transcripts AS transcript ON transcript.edition_id = edition.id
                LEFT JOIN production.summaries AS summary ON summary.transcript_id = transcript.id
            WHERE upload.id IN ({ids}) AND (upload.state, transcript.state, summary.state)
                IS DISTINCT FROM ('ready', 'ready', 'draft')""")

    def later(self):
        """The time passes after which what a killed function had taken may be taken again, and the relay comes."""
        self.sql("""
            DELETE FROM plumbing.leases;
            UPDATE production.uploads SET reminders = reminders + 1, reminded_at = '-infinity'
                WHERE state IN ('created', 'completing', 'verifying');
            UPDATE plumbing.outbox SET next_try_at = '-infinity' WHERE published_at IS NULL;
            UPDATE production.transcript_chunks SET leased_until = '-infinity' WHERE state = 'running';
            UPDATE production.transcript_chunks SET sent_at = '-infinity' WHERE state IN ('pending', 'running');
            UPDATE production.summaries SET leased_until = '-infinity' WHERE state = 'writing';
            UPDATE production.summaries SET sent_at = '-infinity' WHERE state IN ('wanted', 'writing');
            UPDATE plumbing.outside_services SET rests_until = now() WHERE rests_until IS NOT NULL""")


@pytest.mark.skipif(COUNT == 0, reason="asked for by ./build.sh kills")
def test_whatever_is_killed(own_state, tmp_path):
    chance = random.Random(SEED)
    with Shop(EMULATOR, own_state, port=free_ports()) as shop:
        ready(shop)
        kills = Kills(shop, own_state, sentences(tmp_path))
        threads = [threading.Thread(target=kills.senders, args=(index,)) for index in range(SENDERS)]
        threads.append(threading.Thread(target=kills.relay))
        for thread in threads:
            thread.start()
        try:
            end = time.monotonic() + 600 + 10 * COUNT
            while (wanted := kills.wanted()) and time.monotonic() < end:
                # At any moment of what goes on.
                time.sleep(chance.uniform(0, 1))
                kills.strike(chance.choice(wanted), chance)
        finally:
            kills.over.set()
            for thread in threads:
                thread.join(timeout=400)
        finished(shop, kills)


def finished(shop, kills):
    waited = 0.0

    def done():
        nonlocal waited
        if kills.unfinished() == "":
            return True
        # Whoever is at work meanwhile is let finish it.
        if time.monotonic() - waited > 20:
            kills.later()
            waited = time.monotonic()
        kills.sweep()
        return False

    try:
        shop.eventually("all that was accepted, transcribed and summed up", done, patience_seconds=240 + 3 * COUNT)
    except AssertionError as error:
        raise AssertionError(f"{kills.killed}\n{kills.unfinished()}") from error
    assert kills.given_up == []
    assert kills.wanted() == [], "it was never there to be killed"
    shop.eventually("every event told", lambda: kills.sql(
        "SELECT count(*) FROM plumbing.outbox WHERE published_at IS NULL") == "0")
    # One text of each recording, one account of each text, and of each fact one event.
    for twice in [
        "SELECT audiobook_id FROM catalogue.editions GROUP BY 1 HAVING count(*) > 1",
        "SELECT edition_id FROM production.transcripts GROUP BY 1 HAVING count(*) > 1",
        "SELECT transcript_id, chapter FROM production.summaries GROUP BY 1, 2 HAVING count(*) > 1",
        "SELECT topic, key, dedupe_key FROM plumbing.outbox GROUP BY 1, 2, 3 HAVING count(*) > 1",
    ]:
        assert kills.sql(twice) == "", twice
    # Another call is paid for only where the worker of the one before was killed.
    paid = kills.sql("""
        SELECT count(*) FROM production.transcript_chunks
        WHERE reserved_nanodollars > 0 OR cost_nanodollars = 0
            OR cost_nanodollars > attempts * 100000 * ((end_ms - start_ms + 999) / 1000)""")
    assert paid == "0", "each chunk is paid for, as often as it was tried at most"
    begun = kills.sql("SELECT count(*) FROM plumbing.consumed WHERE consumer = 'summarise'")
    assert int(begun) == len(kills.accepted), "an event for each text was acted on, once"
    print(f"{len(kills.killed)} kills, {len(kills.accepted)} recordings: {sorted(kills.killed)}")


def sentences(folder):
    """Some that are really spoken, in two seconds or so each."""
    told = []
    for number, text in enumerate(text.partition(".")[0] for _, text in recording.chapters()):
        words = " ".join(text.split()[:6])
        sound = folder / f"{number}.wav"
        recording.run("flite", "-voice", "rms", "-t", words, "-o", sound)
        told.append((words, sound.read_bytes()))
    return told
