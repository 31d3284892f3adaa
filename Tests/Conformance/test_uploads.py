"""Uploads that are not what they were said to be, and addresses that somebody changed."""

import datetime
import hashlib
import os
import re
import struct
import urllib.parse
import uuid
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import jwt
import pytest
from shop import call
from test_bad_input import refused

BUCKET = "earshelf-media"


def ask(shop, editor, book, body, content_type="audio/mpeg"):
    answer = shop.api("POST", "/uploads", {
        "audiobookId": book, "fileName": "x.mp3", "contentType": content_type, "bytes": len(body),
        "sha256": hashlib.sha256(body).hexdigest()}, token=editor)
    assert answer.status == 201, answer
    return answer.json


def send(put, body, url=None, method="PUT", **changed):
    headers = {name: value for name, value in put["headers"].items() if name != "content-length"} | changed
    return call(method, url or put["url"], body=body, headers={k: v for k, v in headers.items() if v is not None})


def key_of(upload):
    return f"u/{upload['id']}/original"


def objection(answer, status, code):
    """The storage speaks S3's language."""
    assert answer.status == status, answer
    assert re.search(rb"<Error>.*<Code>(.*?)</Code>", answer.body, re.DOTALL)[1].decode() == code, answer


def rejected(shop, editor, upload, reason):
    state = shop.eventually(
        "the verdict",
        lambda: (a := shop.api("GET", f"/uploads/{upload['id']}", token=editor).json)["state"] == "rejected" and a)
    assert state["rejection"] == reason and "put" not in state, state
    refused(shop.api("POST", f"/uploads/{upload['id']}/complete", token=editor), 422, reason)


def test_what_was_never_sent_is_absent(shop, editor, book):
    upload = ask(shop, editor, book, b"never")
    refused(shop.api("POST", f"/uploads/{upload['id']}/complete", token=editor), 409, "upload-absent")
    assert shop.api("GET", f"/uploads/{upload['id']}", token=editor).json["state"] == "created"
    # It may still be sent.
    assert send(upload["put"], b"never").status == 200


# An MP4 whose second box claims 2 to the power of 63 bytes (ISO/IEC 14496-12, section 4.2).
ENDLESS = struct.pack(">I4s4sI4s", 20, b"ftyp", b"M4B ", 0, b"isom") + struct.pack(">I4sQ", 1, b"moov", 1 << 63) + b"\0" * 5000
PAGE = b"<!doctype html><title>Sign in</title><p>Your session has ended.</p>\n" * 100


@pytest.mark.parametrize(
    "body", [b"These are words.\n" * 1000, os.urandom(20_000), b"RIFF" + b"\0" * 5000, PAGE, ENDLESS],
    ids=["words", "noise", "half a header", "a page", "an endless box"])
def test_bytes_that_are_no_audio_are_rejected(shop, editor, book, body):
    before = shop.api("GET", f"/audiobooks/{book}", token=editor).json
    upload = ask(shop, editor, book, body)
    assert send(upload["put"], body).status == 200
    rejected(shop, editor, upload, "not-audio")
    assert shop.api("GET", f"/audiobooks/{book}", token=editor).json == before


def test_the_storage_takes_nothing_but_what_was_declared(shop, editor, book, s3):
    body = os.urandom(5000)
    upload = ask(shop, editor, book, body)
    objection(send(upload["put"], body + b"x"), 403, "SignatureDoesNotMatch")
    objection(send(upload["put"], body, **{"content-type": "audio/flac"}), 403, "SignatureDoesNotMatch")
    other = send(upload["put"], body[::-1])
    assert other.status == 400 and b"<Error>" in other.body, other
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=key_of(upload))


@pytest.mark.parametrize("change, reason", [
    (lambda body: body + b"x", "size-differs"), (lambda body: body[::-1], "checksum-differs")])
def test_what_came_by_another_way_is_held_to_what_was_declared(shop, editor, book, s3, change, reason):
    body = os.urandom(5000)
    upload = ask(shop, editor, book, body)
    s3.put_object(Bucket=BUCKET, Key=key_of(upload), Body=change(body))
    rejected(shop, editor, upload, reason)


def test_another_editors_upload_is_not_there(shop, editor, book, functions):
    other = shop.sign_in(f"editor-{uuid.uuid4().hex[:8]}@earshelf.example")
    # Known to the shop once they asked for something; an editor by the deployer's word.
    assert shop.api("GET", "/library", token=other).status == 200
    subject = jwt.decode(other, options={"verify_signature": False})["sub"]
    grant = functions.invoke(
        FunctionName="Migrate", Payload=f'{{"grants": [{{"subject": "{subject}", "role": "editor"}}]}}')
    assert "FunctionError" not in grant, grant["Payload"].read()
    upload = ask(shop, editor, book, b"mine")
    for method, path in (("GET", f"/uploads/{upload['id']}"), ("POST", f"/uploads/{upload['id']}/complete")):
        refused(shop.api(method, path, token=other), 404, "not-found")
    assert ask(shop, other, book, b"theirs")["id"] != upload["id"]


def variants(url):
    """The address with one part of it changed: another key, and each parameter changed or left out."""
    parts = urllib.parse.urlsplit(url)
    query = urllib.parse.parse_qsl(parts.query, keep_blank_values=True)
    yield "the key", parts._replace(path=parts.path.replace("original", "Original")).geturl()
    yield "the bucket", parts._replace(path="/earshelf-other" + parts.path.removeprefix("/" + BUCKET)).geturl()
    yield "one more parameter", url + "&x-id=PutObject"
    for number, (name, value) in enumerate(query):
        last = {"0": "1", "1": "2"}.get(value[-1:], "0")
        for what, instead in (("changed", [(name, value[:-1] + last)]), ("left out", [])):
            changed = query[:number] + instead + query[number + 1:]
            changed = urllib.parse.urlencode(changed, quote_via=urllib.parse.quote)
            yield f"{name} {what}", parts._replace(query=changed).geturl()


def test_an_address_changed_in_any_part_is_worth_nothing(shop, editor, book, s3):
    body = os.urandom(3000)
    upload = ask(shop, editor, book, body)
    put = upload["put"]
    for what, url in variants(put["url"]):
        answer = send(put, body, url)
        assert answer.status in (400, 403) and b"<Error>" in answer.body, (what, answer)
    for name in [name for name in put["headers"] if name != "content-length"]:
        answer = send(put, body, **{name: None})
        assert answer.status in (400, 403) and b"<Error>" in answer.body, (name, answer)
    for method in ("GET", "DELETE", "POST"):
        answer = send(put, None if method != "POST" else body, method=method)
        assert answer.status in (400, 403, 405) and b"<Error>" in answer.body, (method, answer)
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET, Prefix=key_of(upload))
    # Untouched it still serves.
    assert send(put, body).status == 200


def test_an_expired_address_is_worth_nothing(shop):
    keys = shop.credentials
    signer = botocore.auth.S3SigV4QueryAuth(
        botocore.credentials.Credentials(keys["aws_access_key_id"], keys["aws_secret_access_key"]), "s3",
        keys["region_name"], expires=300)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    for age, status in ((200, 200), (400, 403)):
        request = botocore.awsrequest.AWSRequest("PUT", f"{shop.addresses['s3']}/{BUCKET}/expired")
        signed = now - datetime.timedelta(seconds=age)
        with mock.patch("botocore.auth.get_current_datetime", return_value=signed):
            signer.add_auth(request)
        answer = call("PUT", request.url, body=b"in time or late")
        assert answer.status == status, (age, answer)
    objection(answer, 403, "AccessDenied")
    assert b"expired" in answer.body
