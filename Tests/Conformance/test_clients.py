"""Clients nobody here wrote, unchanged, against the whole platform."""

import base64
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import uuid

import jwt
import pytest
import stripe
from botocore.exceptions import ClientError
from shop import call

BUCKET = "earshelf-media"
MEBIBYTE = 1 << 20


@pytest.fixture
def aws(shop, tmp_path):
    """The aws CLI, told of this machine as its manual says: in the environment, and by --endpoint-url."""
    keys = shop.credentials
    environment = {
        **os.environ, "AWS_ACCESS_KEY_ID": keys["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["aws_secret_access_key"], "AWS_DEFAULT_REGION": keys["region_name"],
        "AWS_CONFIG_FILE": str(tmp_path / "none"), "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}
    program = pathlib.Path(sys.executable).with_name("aws")

    def run(part, *arguments):
        command = [program, "--endpoint-url", shop.addresses[part], "--output", "json", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


# --- S3 -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(s3):
    """A name below a prefix of its own; what is there at the end is removed."""
    prefix = f"conformance/{uuid.uuid4()}"
    yield f"{prefix}/Ä recording + more.bin"
    for entry in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=entry["Key"])


def test_boto3_puts_gets_heads_ranges_and_copies(s3, key):
    body = os.urandom(300_000)
    put = s3.put_object(Bucket=BUCKET, Key=key, Body=body, ContentType="audio/mp4", Metadata={"made-by": "boto3"})
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    head = s3.head_object(Bucket=BUCKET, Key=key)
    assert (head["ContentLength"], head["ContentType"], head["Metadata"]) == (
        len(body), "audio/mp4", {"made-by": "boto3"})
    assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body
    part = s3.get_object(Bucket=BUCKET, Key=key, Range="bytes=1000-1999")
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert part["ContentRange"] == f"bytes 1000-1999/{len(body)}" and part["Body"].read() == body[1000:2000]
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket=BUCKET, Key=key, Range=f"bytes={len(body)}-")
    s3.copy_object(Bucket=BUCKET, Key=key + "-copy", CopySource={"Bucket": BUCKET, "Key": key})
    assert s3.get_object(Bucket=BUCKET, Key=key + "-copy")["Body"].read() == body
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=BUCKET, Key=key + "-none")


def test_boto3_lists_page_by_page(s3, key):
    prefix = key.rpartition("/")[0] + "/"
    names = [f"{prefix}{number:02}" for number in range(7)]
    for name in names:
        s3.put_object(Bucket=BUCKET, Key=name, Body=b"x")
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=BUCKET, Prefix=prefix, PaginationConfig={"PageSize": 3})
    sizes = [[entry["Key"] for entry in page["Contents"]] for page in pages]
    assert [len(page) for page in sizes] == [3, 3, 1] and sum(sizes, []) == names
    folders = s3.list_objects_v2(Bucket=BUCKET, Prefix="conformance/", Delimiter="/")["CommonPrefixes"]
    assert {"Prefix": prefix} in folders


def test_boto3_sends_a_file_in_parts(s3, key, tmp_path):
    file = tmp_path / "large.bin"
    file.write_bytes(os.urandom(12 * MEBIBYTE + 1))
    # Past 8 MiB boto3 sends parts, several at once.
    s3.upload_file(str(file), BUCKET, key)
    assert s3.head_object(Bucket=BUCKET, Key=key)["ETag"].endswith('-2"')
    s3.download_file(BUCKET, key, str(tmp_path / "back.bin"))
    assert (tmp_path / "back.bin").read_bytes() == file.read_bytes()
    begun = s3.create_multipart_upload(Bucket=BUCKET, Key=key + "-given-up")["UploadId"]
    s3.upload_part(Bucket=BUCKET, Key=key + "-given-up", UploadId=begun, PartNumber=1, Body=b"x")
    s3.abort_multipart_upload(Bucket=BUCKET, Key=key + "-given-up", UploadId=begun)
    with pytest.raises(ClientError, match="NoSuchUpload"):
        s3.list_parts(Bucket=BUCKET, Key=key + "-given-up", UploadId=begun)


def test_addresses_presigned_by_boto3_are_taken(s3, key):
    body = os.urandom(5000)
    where = {"Bucket": BUCKET, "Key": key}
    put = call("PUT", s3.generate_presigned_url("put_object", where, 300), body=body)
    assert put.status == 200, put
    url = s3.generate_presigned_url("get_object", where | {"ResponseContentType": "audio/mpeg"}, 300)
    answer = call("GET", url, headers={"range": "bytes=0-9"})
    assert (answer.status, answer.body, answer.headers["content-type"]) == (206, body[:10], "audio/mpeg")


def test_the_aws_cli_uses_s3(aws, key, tmp_path):
    file = tmp_path / "file.bin"
    file.write_bytes(os.urandom(9 * MEBIBYTE))
    aws("s3", "s3", "cp", "--quiet", file, f"s3://{BUCKET}/{key}")
    assert f"{file.stat().st_size} " in aws("s3", "s3", "ls", f"s3://{BUCKET}/{key}")
    head = json.loads(aws("s3", "s3api", "head-object", "--bucket", BUCKET, "--key", key))
    assert head["ContentLength"] == file.stat().st_size
    aws("s3", "s3", "cp", "--quiet", f"s3://{BUCKET}/{key}", f"s3://{BUCKET}/{key}-copy")
    aws("s3", "s3", "cp", "--quiet", f"s3://{BUCKET}/{key}-copy", tmp_path / "back.bin")
    assert (tmp_path / "back.bin").read_bytes() == file.read_bytes()
    aws("s3", "s3api", "get-object", "--bucket", BUCKET, "--key", key, "--range", "bytes=5-9", tmp_path / "part.bin")
    assert (tmp_path / "part.bin").read_bytes() == file.read_bytes()[5:10]
    url = aws("s3", "s3", "presign", f"s3://{BUCKET}/{key}").strip()
    assert hashlib.sha256(call("GET", url).body).digest() == hashlib.sha256(file.read_bytes()).digest()
    aws("s3", "s3", "rm", "--quiet", f"s3://{BUCKET}/{key}-copy")
    assert f"{key}-copy" not in aws("s3", "s3api", "list-objects-v2", "--bucket", BUCKET, "--prefix", "conformance/")


# --- Lambda -------------------------------------------------------------------------------------------------------


def event(route, path):
    """As API Gateway sends it: payload format 2.0."""
    method = route.split(" ")[0]
    return {
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "", "headers": {},
        "requestContext": {
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "x"},
            "requestId": "r", "routeKey": route, "stage": "$default", "timeEpoch": 0},
        "isBase64Encoded": False}


HEALTH = event("GET /api/v1/health", "/api/v1/health")


def test_boto3_invokes_and_reads_the_log(functions):
    answer = functions.invoke(FunctionName="Health", Payload=json.dumps(HEALTH), LogType="Tail")
    told = json.loads(answer["Payload"].read())
    assert answer["StatusCode"] == 200 and "FunctionError" not in answer and told["statusCode"] == 200, told
    request = answer["ResponseMetadata"]["RequestId"]
    log = base64.b64decode(answer["LogResult"]).decode()
    assert f"START RequestId: {request}" in log and f"REPORT RequestId: {request}" in log, log


def test_boto3_hears_that_a_function_failed(functions):
    answer = functions.invoke(FunctionName="Health", Payload=b'{"no": "event"}')
    error = json.loads(answer["Payload"].read())
    assert answer["StatusCode"] == 200 and answer["FunctionError"] == "Unhandled"
    assert error["errorType"] and error["errorMessage"], error
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.invoke(FunctionName="NoSuchFunction", Payload=b"{}")
    with pytest.raises(functions.exceptions.InvalidRequestContentException):
        functions.invoke(FunctionName="Health", Payload=b"{")


def test_boto3_invokes_and_does_not_wait(shop, functions):
    dry = functions.invoke(FunctionName="Health", InvocationType="DryRun", Payload=b"{}")
    assert dry["StatusCode"] == 204
    later = functions.invoke(FunctionName="Health", InvocationType="Event", Payload=json.dumps(HEALTH))
    request = later["ResponseMetadata"]["RequestId"]
    assert later["StatusCode"] == 202 and later["Payload"].read() == b""
    shop.eventually("the event's own log line", lambda: f'"requestId":"{request}"' in shop.log())
    assert dry["ResponseMetadata"]["RequestId"] not in shop.log()


def test_the_aws_cli_invokes(aws, tmp_path):
    file = tmp_path / "answer.json"
    told = json.loads(aws(
        "lambda", "lambda", "invoke", "--function-name", "Health", "--payload", json.dumps(HEALTH),
        "--log-type", "Tail", file))
    assert told["StatusCode"] == 200 and b"REPORT" in base64.b64decode(told["LogResult"])
    assert json.loads(file.read_text())["statusCode"] == 200


# --- SQS: the dead letters' queue, for nothing takes messages from it ---------------------------------------------


def test_boto3_sends_and_receives(sqs):
    url = queue_url(sqs)
    body, mark = "words & \u201ccharacters\u201d", str(uuid.uuid4())
    sent = sqs.send_message(
        QueueUrl=url, MessageBody=body, MessageAttributes={"mark": {"DataType": "String", "StringValue": mark}})
    assert sent["MD5OfMessageBody"] == hashlib.md5(body.encode()).hexdigest()
    batch = sqs.send_message_batch(
        QueueUrl=url, Entries=[{"Id": str(number), "MessageBody": f"{mark} {number}"} for number in range(3)])
    wanted = {sent["MessageId"], *(entry["MessageId"] for entry in batch["Successful"])}
    while wanted:
        received = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=10, MessageAttributeNames=["All"])
        assert received.get("Messages"), f"never received: {wanted}"
        for message in received["Messages"]:
            if message["MessageId"] == sent["MessageId"]:
                assert message["Body"] == body and message["MessageAttributes"]["mark"]["StringValue"] == mark
            wanted.discard(message["MessageId"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_the_aws_cli_sends_and_receives(aws, sqs):
    url = queue_url(sqs)
    sent = json.loads(aws("sqs", "sqs", "send-message", "--queue-url", url, "--message-body", "by hand"))
    received = json.loads(aws("sqs", "sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", 10))
    message, = received["Messages"]
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], "by hand")
    aws("sqs", "sqs", "delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])


def queue_url(sqs):
    url, = [url for url in sqs.list_queues()["QueueUrls"] if "TranscriptionsDead" in url]
    return url


# --- EventBridge: events that no rule of the template is for ---------------------------------------------------


def test_boto3_tells_the_bus(events):
    entry = {"Source": "boto3", "DetailType": "Test", "Detail": "{}", "EventBusName": "earshelf"}
    told = events.put_events(Entries=[entry, entry | {"Detail": "[]"}, entry])
    assert told["FailedEntryCount"] == 1 and told["Entries"][1]["ErrorCode"] == "MalformedDetail", told
    assert told["Entries"][0]["EventId"] != told["Entries"][2]["EventId"]
    with pytest.raises(ClientError, match="ValidationException"):
        events.put_events(Entries=[entry] * 11)


def test_the_aws_cli_tells_the_bus(aws):
    entries = [{"Source": "cli", "DetailType": "Test", "Detail": "{}", "EventBusName": "earshelf"}]
    told = json.loads(aws("eventbridge", "events", "put-events", "--entries", json.dumps(entries)))
    assert told["FailedEntryCount"] == 0 and told["Entries"][0]["EventId"], told
    event = {
        "id": "1", "detail-type": "Test", "source": "cli", "account": "0", "time": "2026-01-01T00:00:00Z",
        "region": "eu-central-1", "resources": [], "detail": {"state": "ready"}}
    tried = json.loads(aws(
        "eventbridge", "events", "test-event-pattern", "--event", json.dumps(event),
        "--event-pattern", json.dumps({"detail": {"state": [{"prefix": "rea"}]}})))
    assert tried["Result"] is True


# --- Stripe and sign-in -------------------------------------------------------------------------------------------


def test_stripe_python_creates_one_session_under_one_key(shop):
    client = stripe.StripeClient(
        "sk_test_earshelf_local", base_addresses={"api": shop.addresses["stripe"]}, max_network_retries=0)
    wish = {
        "mode": "payment", "success_url": shop.addresses["shop"], "client_reference_id": str(uuid.uuid4()),
        "line_items": [{"quantity": 1, "price_data": {
            "currency": "eur", "unit_amount": 1499, "product_data": {"name": "Down the Rabbit-Hole"}}}]}
    key = {"idempotency_key": str(uuid.uuid4())}
    first = client.v1.checkout.sessions.create(wish, key)
    again = client.v1.checkout.sessions.create(wish, key)
    assert (first.id, first.url) == (again.id, again.url) and first.amount_total == 1499
    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create(wish | {"client_reference_id": "another"}, key)


def test_pyjwt_verifies_a_sign_in(shop, customer):
    issuer = shop.addresses["identity"]
    discovery = call("GET", f"{issuer}/.well-known/openid-configuration").json
    assert discovery["issuer"] == issuer
    key = jwt.PyJWKClient(discovery["jwks_uri"]).get_signing_key_from_jwt(customer)
    claims = jwt.decode(
        customer, key.key, algorithms=["RS256"], issuer=issuer,
        options={"require": ["exp", "iat", "nbf", "sub", "iss", "azp", "sid"]})
    assert claims["azp"] == shop.addresses["shop"] and claims["sub"] == "user_ada"
    with pytest.raises(jwt.InvalidIssuerError):
        jwt.decode(customer, key.key, algorithms=["RS256"], issuer="https://elsewhere.example")
