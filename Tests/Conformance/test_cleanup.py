"""The storage is cleaned up: thousands of objects of a real one, by a function that is killed in the middle."""

import concurrent.futures
import json
import uuid

import processes
from conftest import client
from killing import SCHEDULED

MANY = 2500


def turn(shop):
    """A turn of the function; whether it came to its end."""
    answer = client(shop, "lambda").invoke(FunctionName="Cleanup", Payload=json.dumps(SCHEDULED))
    return "FunctionError" not in answer


def keys(s3, bucket):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="u/")
    return {line["Key"] for page in pages for line in page.get("Contents", [])}


def totals(shop):
    return {(line["verdict"], line["reason"]): line["objects"] for line in shop.rows(
        "SELECT verdict, reason, objects FROM production.cleanup_totals"
        " WHERE cleanup_id = (SELECT max(id) FROM production.cleanups)")}


def another_day(shop):
    shop.sql("UPDATE production.cleanups SET began_at = began_at - interval '1 day', ended_at = COALESCE(ended_at, now())")


def test_what_nobody_knows_goes_whatever_is_killed(own_shop, own_state):
    shop, s3, bucket = own_shop, client(own_shop, "s3"), "earshelf-media"
    orphans = {f"u/{uuid.uuid4()}/original" for _ in range(MANY)}
    with concurrent.futures.ThreadPoolExecutor(16) as senders:
        list(senders.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=b"x"), orphans))
    before = keys(s3, bucket)
    assert orphans <= before
    parts = s3.create_multipart_upload(Bucket=bucket, Key=sorted(orphans)[7])["UploadId"]

    another_day(shop)
    assert turn(shop)
    told = totals(shop)
    # The very first day nothing goes.
    assert told["kept", "young"] == MANY + 1 and keys(s3, bucket) == before, told

    # As if it had all been there for days. No clock of a storage is set back, so it is written down as judged.
    shop.sql("UPDATE production.cleanup_objects SET verdict = 'leaving', reason = 'orphan', at = at - interval '1 day'"
             " WHERE reason = 'young'")
    with concurrent.futures.ThreadPoolExecutor(1) as another:
        first = another.submit(turn, shop)
        shop.eventually("half of it to be gone", lambda: len(keys(s3, bucket)) < len(before) - MANY // 2)
        processes.kill(processes.environments(own_state, "Cleanup"))
        assert not first.result()
    left = keys(s3, bucket) & orphans
    assert 0 < len(left) < MANY
    assert turn(shop)
    assert keys(s3, bucket) == before - orphans
    assert totals(shop)["removed", "orphan"] == MANY + 1, "each counts once, removed twice or not"
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket), parts
