"""Files that are sent in parts: by clients that stop and others that go on, to a storage that fails, one at a time or many
together; and books of several files."""

import base64
import concurrent.futures
import datetime
import hashlib
import json
import os
import subprocess
import uuid
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import callers
import processes
import pytest
import storage_faults
from killing import settings_of
from shop import call
from test_bad_input import refused
from test_uploads import BUCKET, key_of, objection, rejected

MIB = 1 << 20
PART = 5 * MIB


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Three parts, the last a short one, of noise that plays."""
    path = tmp_path_factory.mktemp("recording") / "noise.wav"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anoisesrc=d=130:r=44100:seed=7", "-ac", "1", "-c:a", "pcm_s16le",
         str(path)], check=True, timeout=60)
    return path.read_bytes()


@pytest.fixture(scope="module")
def world(shop):
    return callers.World(shop)


@pytest.fixture
def draft(world):
    """A book that nobody else sends files for."""
    return world.made("Sent in parts")["id"]


def cut(body, size=PART):
    return [body[start:start + size] for start in range(0, len(body), size)]


def sha256(body):
    return hashlib.sha256(body).hexdigest()


def composite(body, size=PART):
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in cut(body, size)))


class Sender:
    """A client: it knows the file, and nothing else that it does not ask for."""

    def __init__(self, shop, token, body, upload=None):
        self.shop, self.token, self.body, self.upload = shop, token, body, upload

    def ask(self, book, key=None, **more):
        wish = {
            "audiobookId": book, "fileName": "book.wav", "contentType": "audio/wav", "bytes": len(self.body),
            "parts": {"bytes": PART, "sha256": [sha256(part) for part in cut(self.body)]}} | more
        answer = self.shop.api("POST", "/uploads", wish, token=self.token, key=key)
        assert answer.status == 201, answer
        self.upload = answer.json["id"]
        return answer.json

    def state(self):
        answer = self.shop.api("GET", f"/uploads/{self.upload}", token=self.token)
        assert answer.status == 200, answer
        return answer.json

    def signed(self, numbers):
        answer = self.shop.api("POST", f"/uploads/{self.upload}/parts", {"numbers": numbers}, token=self.token)
        assert answer.status == 200, answer
        return answer.json["parts"]

    def send(self, part, body=None, **changed):
        body = body if body is not None else self.body[part["offset"]:part["offset"] + part["bytes"]]
        headers = {name: value for name, value in part["headers"].items() if name != "content-length"} | changed
        return call(part["method"], part["url"], body=body, headers={k: v for k, v in headers.items() if v is not None})

    def send_missing(self):
        """As any client goes on, on whatever machine."""
        parts = self.state()["parts"]
        missing = sorted(set(range(1, parts["count"] + 1)) - set(parts["stored"]))
        for part in self.signed(missing):
            assert self.send(part).status == 200
        return missing

    def complete(self):
        return self.shop.api("POST", f"/uploads/{self.upload}/complete", token=self.token)

    def ready(self):
        def state():
            answer = self.complete()
            assert answer.status == 200, answer
            return answer.json if answer.json["state"] == "ready" else None
        return self.shop.eventually("the recording", state)


def test_a_client_stops_after_a_part_and_another_one_goes_on(shop, editor, draft, recording, s3):
    first = Sender(shop, editor, recording)
    key = str(uuid.uuid4())
    asked = first.ask(draft, key)
    assert asked["state"] == "uploading" and asked["parts"] == {"bytes": PART, "count": 3} and "put" not in asked
    assert first.send(first.signed([2])[0]).status == 200
    # The first is killed here. What it knew is lost but the file, and perhaps the key.
    again = Sender(shop, editor, recording)
    assert again.ask(draft, key)["id"] == asked["id"]
    second = Sender(shop, editor, recording, asked["id"])
    assert second.state()["parts"]["stored"] == [2]
    unfinished = second.complete()
    refused(unfinished, 409, "parts-missing")
    assert unfinished.json["missing"] == [1, 3]
    assert second.send_missing() == [1, 3]
    assert second.state()["parts"]["stored"] == [1, 2, 3]
    done = second.ready()
    assert second.complete().json == done, "said again"
    # Nobody hashed it all; all of it is there.
    head = s3.head_object(Bucket=BUCKET, Key=f"u/{asked['id']}/original", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == base64.b64encode(composite(recording).digest()).decode() + "-3"
    assert s3.get_object(Bucket=BUCKET, Key=f"u/{asked['id']}/original")["Body"].read() == recording
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET, Prefix=f"u/{asked['id']}/")


def test_the_storage_takes_no_part_but_the_declared_one(shop, editor, draft, recording):
    sender = Sender(shop, editor, recording)
    sender.ask(draft)
    one, two = sender.signed([1, 2])
    body = recording[:PART]
    other = sender.send(one, body[::-1])
    assert other.status == 400 and b"<Error>" in other.body, other
    objection(sender.send(one, body[:-1]), 403, "SignatureDoesNotMatch")
    digest = base64.b64encode(hashlib.sha256(body[::-1]).digest()).decode()
    objection(sender.send(one, body[::-1], **{"x-amz-checksum-sha256": digest}), 403, "SignatureDoesNotMatch")
    assert sender.send(one, body, **{"x-amz-checksum-sha256": None}).status in (400, 403)
    # A link is for one number.
    objection(call("PUT", one["url"].replace("partNumber=1", "partNumber=2"), body=body, headers=one["headers"]), 403,
              "SignatureDoesNotMatch")
    assert sender.state()["parts"]["stored"] == []
    assert sender.send(two).status == 200 and sender.state()["parts"]["stored"] == [2]


def test_a_link_that_expired_is_signed_anew(shop, editor, draft, recording):
    """A link of yesterday, as a laptop wakes up with it: signed as the shop signs, by its own keys."""
    sender = Sender(shop, editor, recording)
    sender.ask(draft)
    [part] = sender.signed([3])
    keys = shop.credentials
    signer = botocore.auth.S3SigV4QueryAuth(
        botocore.credentials.Credentials(keys["aws_access_key_id"], keys["aws_secret_access_key"]), "s3",
        keys["region_name"], expires=3600)
    address, _, query = part["url"].partition("?")
    named = "&".join(piece for piece in query.split("&") if not piece.startswith("X-Amz-"))
    headers = {"x-amz-checksum-sha256": part["headers"]["x-amz-checksum-sha256"]}
    request = botocore.awsrequest.AWSRequest("PUT", f"{address}?{named}", headers=headers)
    yesterday = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.timedelta(days=1)
    with mock.patch("botocore.auth.get_current_datetime", return_value=yesterday):
        signer.add_auth(request)
    expired = sender.send(part | {"url": request.url})
    objection(expired, 403, "AccessDenied")
    assert b"expired" in expired.body
    assert sender.send(sender.signed([3])[0]).status == 200
    assert sender.state()["parts"]["stored"] == [3]


def test_the_same_bytes_are_sent_twice_and_completed_by_many_at_once(shop, editor, draft, recording, world):
    sender = Sender(shop, editor, recording)
    sender.ask(draft)
    parts = sender.signed([1, 2, 3]) + sender.signed([2])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert [answer.status for answer in pool.map(sender.send, parts)] == [200] * 4
        answers = list(pool.map(lambda _: sender.complete(), range(4)))
    # One that finds the storage in the middle of it may be told to come again.
    assert {answer.status for answer in answers} <= {200, 503}, answers
    edition = sender.ready()["editionId"]
    assert {answer.json.get("editionId", edition) for answer in answers} == {edition}
    [made] = world.sql(f"SELECT count(*) FROM catalogue.editions WHERE audiobook_id = '{draft}'").split()
    assert made == "1"


def test_two_files_completed_at_once_for_one_book_leave_one_recording(shop, editor, draft, recording, world):
    senders = [Sender(shop, editor, recording), Sender(shop, editor, recording[:-2000])]
    for sender in senders:
        sender.ask(draft, contentType="audio/wav")
        sender.send_missing()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        editions = [answer["editionId"] for answer in pool.map(Sender.ready, senders)]
    assert len(set(editions)) == 2
    page = shop.api("GET", f"/audiobooks/{draft}", token=editor).json
    live = world.sql(f"""SELECT count(*) FROM production.transcripts JOIN catalogue.editions AS edition
        ON edition.id = edition_id WHERE audiobook_id = '{draft}' AND state <> 'cancelled'""").split()
    assert live == ["1"], "words of the recording it has now alone"
    assert page["durationMilliseconds"] in (130_000, 129_977), page["durationMilliseconds"]


@pytest.fixture(scope="module")
def environment(shop, editor):
    """What the shop's own process of the function was started with."""
    shop.api("POST", f"/uploads/{uuid.uuid4()}/complete", token=editor)
    return settings_of(processes.environments(shop.state, "UploadComplete")[0])


def completion(sender):
    headers = {"authorization": f"Bearer {sender.token}"}
    return ("POST", "/api/v1/uploads/{id}/complete", f"/api/v1/uploads/{sender.upload}/complete", headers, None)


@pytest.mark.parametrize("fault, outcome", [
    (storage_faults.error_in_a_200, (503, "uploading")), (storage_faults.unavailable, (503, "uploading")),
    (storage_faults.lost, (200, "ready")), (storage_faults.broken_off, (200, "ready")),
], ids=lambda value: getattr(value, "__name__", None))
def test_a_storage_that_fails_while_it_joins_costs_nothing(
        shop, editor, draft, recording, environment, fault, outcome):
    sender = Sender(shop, editor, recording)
    sender.ask(draft)
    sender.send_missing()
    # As often as libcurl asks again.
    with storage_faults.behind(shop.addresses["s3"], fault, "POST", "uploadId=", 9) as storage:
        answer = storage_faults.asked("upload-complete", environment, completion(sender), storage=storage)
        assert storage.struck > 0
    status, state = outcome
    assert answer.status == status, answer
    if status == 503:
        assert int(answer.headers["retry-after"]) > 0 and answer.json["type"] == "outside-unavailable", answer
        assert sender.state()["state"] == state and sender.state()["parts"]["stored"] == [1, 2, 3]
    assert sender.ready()["state"] == "ready"


def test_a_beginning_nobody_heard_of_is_begun_again(shop, editor, draft, recording, s3):
    shop.api("GET", f"/uploads/{uuid.uuid4()}", token=editor)
    environment = settings_of(processes.environments(shop.state, "Presign")[0])
    key = str(uuid.uuid4())
    wish = {
        "audiobookId": draft, "fileName": "x.wav", "contentType": "audio/wav", "bytes": len(recording),
        "parts": {"bytes": PART, "sha256": [sha256(part) for part in cut(recording)]}}
    headers = {"authorization": f"Bearer {editor}", "idempotency-key": key}
    request = ("POST", "/api/v1/uploads", None, headers, wish)
    with storage_faults.behind(shop.addresses["s3"], storage_faults.lost, "POST", "uploads", 9) as storage:
        answer = storage_faults.asked("presign", environment, request, storage=storage)
        assert (answer.status, answer.json["type"]) == (503, "outside-unavailable") and storage.struck > 0, answer
    sender = Sender(shop, editor, recording)
    assert sender.ask(draft, key, fileName="x.wav")["state"] == "uploading"
    assert sender.send_missing() == [1, 2, 3]
    sender.ready()
    # What was begun and lost waits for the bucket's rule, and is nobody's.
    for lost in s3.list_multipart_uploads(Bucket=BUCKET, Prefix=f"u/{sender.upload}/")["Uploads"]:
        s3.abort_multipart_upload(Bucket=BUCKET, Key=lost["Key"], UploadId=lost["UploadId"])


def test_ten_thousand_parts_are_declared_and_told_of(shop, editor, draft):
    """They are not sent: what counts here is how little the shop says of so many."""
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(10_000)]
    wish = {
        "audiobookId": draft, "fileName": "x.wav", "contentType": "audio/wav", "bytes": 10_000 * PART - 1,
        "parts": {"bytes": PART, "sha256": digests}}
    key = str(uuid.uuid4())
    answer = shop.api("POST", "/uploads", wish, token=editor, key=key)
    assert answer.status == 201 and len(answer.body) < 500, answer
    upload = answer.json["id"]
    state = shop.api("GET", f"/uploads/{upload}", token=editor)
    assert state.json["parts"] == {"bytes": PART, "count": 10_000, "stored": []} and len(state.body) < 500
    signed = shop.api("POST", f"/uploads/{upload}/parts", {"numbers": list(range(9_901, 10_001))}, token=editor)
    assert len(signed.json["parts"]) == 100 and len(signed.body) < 100_000
    last = signed.json["parts"][-1]
    assert (last["number"], last["offset"], last["bytes"]) == (10_000, 9_999 * PART, PART - 1)
    missing = shop.api("POST", f"/uploads/{upload}/complete", token=editor)
    refused(missing, 409, "parts-missing")
    assert missing.json["missing"] == list(range(1, 10_001)) and len(missing.body) < 100_000
    assert shop.api("POST", "/uploads", wish, token=editor, key=key).json["id"] == upload
    wish["parts"]["sha256"][9_999] = digests[0]
    refused(shop.api("POST", "/uploads", wish, token=editor, key=key), 422, "idempotency-key-reused")
    assert shop.api("DELETE", f"/uploads/{upload}", token=editor).status == 204


def test_what_is_told_of_a_file_is_not_believed(shop, editor, draft):
    """Its type is a lie: the parts are as declared, and are no sound."""
    words = Sender(shop, editor, os.urandom(PART + 1))
    words.ask(draft)
    words.send_missing()
    answer = words.complete()
    refused(answer, 422, "not-audio")
    rejected(shop, editor, {"id": words.upload}, "not-audio")


@pytest.mark.parametrize("change, reason", [
    (lambda body: body + b"x", "size-differs"), (lambda body: body[::-1], "checksum-differs")])
def test_an_object_that_came_by_another_way_is_held_to_the_parts(shop, editor, draft, recording, s3, change, reason):
    sender = Sender(shop, editor, recording)
    asked = sender.ask(draft)
    s3.put_object(Bucket=BUCKET, Key=key_of(asked), Body=change(recording))
    rejected(shop, editor, asked, reason)


def test_the_very_bytes_are_taken_by_whatever_way_they_came(shop, editor, draft, recording, s3):
    sender = Sender(shop, editor, recording)
    asked = sender.ask(draft)
    s3.put_object(Bucket=BUCKET, Key=key_of(asked), Body=recording)
    shop.eventually("the storage's word alone", lambda: sender.state()["state"] == "ready")


def test_an_upload_is_given_up(shop, editor, draft, recording, s3):
    sender = Sender(shop, editor, recording)
    asked = sender.ask(draft)
    part = sender.signed([1])[0]
    assert sender.send(part).status == 200
    for _ in range(2):
        assert shop.api("DELETE", f"/uploads/{asked['id']}", token=editor).status == 204
    assert sender.state()["state"] == "aborted" and "stored" not in sender.state()["parts"]
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET, Prefix=f"u/{asked['id']}/")
    objection(sender.send(part), 404, "NoSuchUpload")
    refused(sender.complete(), 409, "upload-ended")
    refused(shop.api("POST", f"/uploads/{asked['id']}/parts", {"numbers": [1]}, token=editor), 409, "upload-ended")


def test_what_was_taken_is_not_given_up(shop, world, editor):
    recorded = world.recorded(world.made("Taken")["id"])
    refused(world.ask("editor", "DELETE", f"/uploads/{recorded}"), 409, "upload-ended")


def minute(functions):
    """The relay runs, as it does every minute; another that runs already does the same."""
    functions.invoke(FunctionName="Relay", Payload=json.dumps({
        "id": "1", "source": "aws.events", "detail-type": "Scheduled Event", "time": "2026-01-01T00:00:00Z",
        "resources": ["arn:aws:events:eu-central-1:000000000000:rule/relay"], "detail": {}}))
    return True


def test_an_abandoned_upload_is_swept_with_its_parts(shop, editor, draft, recording, world, s3, functions):
    sender = Sender(shop, editor, recording)
    asked = sender.ask(draft)
    assert sender.send(sender.signed([1])[0]).status == 200
    days = f"WHERE id = '{asked['id']}'"
    world.sql(f"""UPDATE production.uploads SET created_at = now() - interval '9 days',
        expires_at = now() - interval '2 hours' {days}""")
    shop.eventually("its end", lambda: minute(functions) and sender.state()["state"] == "expired")
    assert "Uploads" in s3.list_multipart_uploads(Bucket=BUCKET, Prefix=f"u/{asked['id']}/"), "a link may be good yet"
    world.sql(f"UPDATE production.uploads SET ended_at = ended_at - interval '1 hour' {days}")
    shop.eventually("the parts' end", lambda: minute(functions) and "Uploads" not in s3.list_multipart_uploads(
        Bucket=BUCKET, Prefix=f"u/{asked['id']}/"))
    shop.eventually("the note of it", lambda: world.sql(
        f"SELECT count(*) FROM production.uploads {days} AND cleared_at IS NOT NULL").split() == ["1"])
