"""What a player may rely on: ranges as RFC 9110 has them, an address that ends, one that takes its place, and access that
is taken away."""

import datetime
import hashlib
import random
import re
import subprocess
import urllib.parse
import uuid
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
from shop import call
from test_bad_input import refused

SECONDS = 900
BUCKET = "earshelf-media"


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Twenty seconds of a rising tone, as a file that plays."""
    path = tmp_path_factory.mktemp("recording") / "tone.m4b"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "aevalsrc=sin(200*t*t):d=20", "-c:a", "aac", "-b:a", "64k", "-f",
         "mp4", str(path)], check=True, timeout=60)
    return path.read_bytes()


@pytest.fixture(scope="module")
def owned(shop, editor, recording):
    """A book that costs nothing, bought by somebody who owns nothing else: its id, and their token."""
    answer = shop.api("POST", "/audiobooks", {
        "title": "A Rising Tone", "language": "en", "people": [{"name": "A Generator", "role": "author"}]}, token=editor)
    book = answer.json["id"]
    upload = shop.api("POST", "/uploads", {
        "audiobookId": book, "fileName": "tone.m4b", "contentType": "audio/mp4", "bytes": len(recording),
        "sha256": hashlib.sha256(recording).hexdigest()}, token=editor).json
    headers = {name: value for name, value in upload["put"]["headers"].items() if name != "content-length"}
    assert call("PUT", upload["put"]["url"], body=recording, headers=headers).status == 200
    shop.eventually("the recording", lambda: shop.api(
        "GET", f"/uploads/{upload['id']}", token=editor).json["state"] == "ready")

    def publish():
        etag = shop.api("GET", f"/audiobooks/{book}", token=editor).headers["etag"]
        wish = {"price": {"minorUnits": 0, "currency": "EUR"}, "state": "published"}
        return shop.api("PATCH", f"/audiobooks/{book}", wish, token=editor, version=etag).status == 200
    shop.eventually("the book on sale", publish)
    token = shop.sign_in(f"listener-{uuid.uuid4().hex[:8]}@earshelf.example")
    assert shop.api("POST", "/cart/items", {"audiobookId": book}, token=token).status == 200
    order = shop.api("POST", "/checkout", shop.agreed(), token=token)
    assert order.status == 201, order
    shop.eventually("the book", lambda: shop.api("GET", f"/library/{book}", token=token).status == 200)
    return book, token


@pytest.fixture
def track(shop, owned):
    return opened(shop, owned)


def opened(shop, owned, action="stream"):
    answer = shop.api("POST", f"/library/{owned[0]}/{action}", token=owned[1])
    assert answer.status == 200, answer
    [track] = answer.json["tracks"]
    return track


def code(answer):
    return re.search(rb"<Code>(.*?)</Code>", answer.body)[1].decode()


def ask(track, **headers):
    return call("GET", track["url"], headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("text, first, last", [
    ("bytes=0-0", 0, 0), ("bytes=0-99", 0, 99), ("bytes=100-", 100, -1), ("bytes=-100", -100, -1),
    ("bytes=-999999999", 0, -1), ("bytes=50-999999999", 50, -1), ("bytes=0-", 0, -1)])
def test_one_range_is_answered_alone(track, recording, text, first, last):
    size = len(recording)
    first, last = first % size, last % size
    answer = ask(track, range=text)
    assert answer.status == 206, answer
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.body == recording[first:last + 1]


@pytest.mark.parametrize("text", ["bytes=5-2", "bytes=x-1", "bytes=", "lines=0-5", "bytes=0-1,5-6", "bytes=--1"])
def test_a_range_that_is_none_or_many_is_answered_whole(track, recording, text):
    """RFC 9110, section 14.2: a server may ignore what it does not understand, and S3 answers one range."""
    answer = ask(track, range=text)
    assert answer.status == 200 and answer.body == recording, (text, answer.status)


@pytest.mark.parametrize("beyond", [0, 1, 10**12])
def test_a_range_behind_the_end_is_told(track, recording, beyond):
    answer = ask(track, range=f"bytes={len(recording) + beyond}-")
    assert answer.status == 416 and code(answer) == "InvalidRange", answer
    assert ask(track, range="bytes=-0").status == 416


def test_the_whole_has_a_strong_tag_and_the_type_of_the_recording(track, recording):
    answer = ask(track)
    assert answer.status == 200 and answer.body == recording
    assert re.fullmatch(r'"[0-9a-f]{32}(-\d+)?"', answer.headers["etag"]), answer.headers
    assert answer.headers["content-type"] == "audio/mp4" == track["contentType"]
    assert hashlib.sha256(answer.body).hexdigest() == track["sha256"] and len(answer.body) == track["bytes"]


def test_what_is_known_is_not_sent_again(track):
    tag, modified = (ask(track, range="bytes=0-0").headers[name] for name in ("etag", "last-modified"))
    for headers in ({"if_none_match": tag}, {"if_none_match": "*"}, {"if_modified_since": modified}):
        answer = ask(track, **headers)
        assert answer.status == 304 and answer.body == b"" and answer.headers["etag"] == tag, (headers, answer)
    assert ask(track, if_none_match='"another"').status == 200
    assert ask(track, if_match='"another"').status == 412
    assert ask(track, if_match=tag, range="bytes=0-9").status == 206


def test_a_part_is_continued_only_of_the_same_file(track, recording):
    tag, modified = (ask(track, range="bytes=0-0").headers[name] for name in ("etag", "last-modified"))
    for known in (tag, modified):
        answer = ask(track, range="bytes=1000-", if_range=known)
        assert answer.status == 206 and answer.body == recording[1000:], known
    for other in ('"0123456789abcdef0123456789abcdef"', "Thu, 01 Jan 1970 00:00:00 GMT"):
        answer = ask(track, range="bytes=1000-", if_range=other)
        assert answer.status == 200 and answer.body == recording, other
    # What was sent whole instead is sent, though the range itself could not be.
    assert ask(track, range="bytes=999999999-", if_range='"another"').status == 200


def test_ranges_in_any_order_make_up_the_file(track, recording):
    seed = random.Random(8)
    cuts = sorted(seed.sample(range(1, len(recording)), 60))
    spans = list(zip([0, *cuts], [*cuts, len(recording)]))
    pieces = {}
    for start, end in seed.sample(spans, len(spans)):
        answer = ask(track, range=f"bytes={start}-{end - 1}")
        assert answer.status == 206, answer
        pieces[start] = answer.body
    assert b"".join(pieces[start] for start, _ in spans) == recording


def test_an_address_is_for_reading_it(shop, track, recording, s3):
    """The method is signed too: an address to read is none to ask by HEAD, which a signature of its own allows."""
    for method in ("HEAD", "PUT", "DELETE", "POST"):
        assert call(method, track["url"], body=b"x" if method in ("PUT", "POST") else None).status in (403, 405), method
    key = urllib.parse.urlsplit(track["url"]).path.removeprefix(f"/{BUCKET}/")
    url = s3.generate_presigned_url("head_object", Params={"Bucket": BUCKET, "Key": key}, ExpiresIn=60)
    whole = call("HEAD", url)
    assert whole.status == 200 and whole.body == b"" and whole.headers["content-length"] == str(len(recording))
    assert whole.headers["accept-ranges"] == "bytes"
    part = call("HEAD", url, headers={"range": "bytes=10-19"})
    assert part.status == 206 and part.headers["content-range"] == f"bytes 10-19/{len(recording)}"


def test_an_address_lives_a_quarter_of_an_hour_and_is_renewed_before(shop, owned, track):
    instants = {name: datetime.datetime.fromisoformat(track[name]) for name in ("renewAt", "expiresAt")}
    assert instants["expiresAt"] - instants["renewAt"] == datetime.timedelta(seconds=SECONDS / 5)
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(track["url"]).query))
    assert query["X-Amz-Expires"] == str(SECONDS)
    left = instants["expiresAt"] - datetime.datetime.now(datetime.timezone.utc)
    assert 0.9 * SECONDS < left.total_seconds() <= SECONDS


def aged(shop, track, seconds):
    """The address as the function would have signed it so long ago."""
    parts = urllib.parse.urlsplit(track["url"])
    keys = shop.credentials
    signer = botocore.auth.S3SigV4QueryAuth(
        botocore.credentials.Credentials(keys["aws_access_key_id"], keys["aws_secret_access_key"]), "s3",
        keys["region_name"], expires=SECONDS)
    request = botocore.awsrequest.AWSRequest("GET", f"{parts.scheme}://{parts.netloc}{parts.path}")
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    with mock.patch(
            "botocore.auth.get_current_datetime", return_value=now - datetime.timedelta(seconds=seconds)):
        signer.add_auth(request)
    return {**track, "url": request.url}


def test_a_player_that_was_paused_goes_on_by_one_renewal(shop, owned, track, recording):
    assert ask(aged(shop, track, SECONDS - 60), range="bytes=0-99").status == 206
    late = ask(aged(shop, track, SECONDS + 60), range="bytes=100-199")
    assert late.status == 403 and code(late) == "AccessDenied" and b"expired" in late.body, late
    again = ask(opened(shop, owned), range="bytes=100-199")
    assert again.status == 206 and again.body == recording[100:200]


def test_a_download_is_named_after_the_book(shop, owned, recording):
    answer = ask(opened(shop, owned, "download"))
    assert answer.body == recording
    assert answer.headers["content-disposition"].startswith('attachment; filename="A_Rising_Tone_1.m4b"')


def test_every_address_that_was_given_is_evidence(shop, owned):
    book, _ = owned
    count = f"""SELECT count(*) FROM listening.access_log JOIN listening.entitlements ON entitlements.id = entitlement_id
        WHERE audiobook_id = '{book}' AND host(ip) = '127.0.0.1' AND user_agent IS NOT NULL"""
    before = int(shop.sql(count))
    opened(shop, owned)
    opened(shop, owned, "download")
    assert int(shop.sql(count)) == before + 2


@pytest.mark.parametrize("state", ["suspended", "revoked"])
def test_who_loses_access_is_refused_and_what_they_had_ends_in_time(shop, owned, track, state):
    book, token = owned

    def move(to):
        shop.sql(f"""UPDATE listening.entitlements SET state = '{to}',
            state_reason = CASE WHEN '{to}' <> 'active' THEN 'test' END,
            revoked_at = CASE WHEN '{to}' = 'revoked' THEN now() END WHERE audiobook_id = '{book}'""")
    told = {"move": "seek", "positionMilliseconds": 7000, "device": {"id": "test"}}
    assert shop.api("PUT", f"/library/{book}/position", told, token=token).status == 200
    move(state)
    try:
        for action in ("stream", "download"):
            refused(shop.api("POST", f"/library/{book}/{action}", token=token), 403, state)
        for path in ("", "/position", "/bookmarks", "/history", "/settings"):
            refused(shop.api("GET", f"/library/{book}{path}", token=token), 403, state)
        # What was signed before lives on, and no longer than it was to live: there is no way to a longer one.
        assert ask(track, range="bytes=0-0").status == 206
        assert ask(aged(shop, track, SECONDS + 1), range="bytes=0-0").status == 403
        longer = track["url"].replace(f"X-Amz-Expires={SECONDS}", f"X-Amz-Expires={SECONDS * 100}")
        assert longer != track["url"] and call("GET", longer).status == 403
    finally:
        move("active")
    # The place was kept meanwhile.
    assert shop.api("GET", f"/library/{book}/position", token=token).json["positionMilliseconds"] == 7000
