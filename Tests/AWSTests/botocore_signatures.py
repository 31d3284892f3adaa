"""Random inputs, and what botocore signs for them: one JSON object a line.

usage: botocore_signatures.py SEED PRESIGNED HEADERS
"""

import base64
import calendar
import datetime
import json
import os
import random
import sys

# Where awscrt is installed, botocore hands the work to it, and with it the clock and the order of the query.
os.environ["BOTO_DISABLE_CRT"] = "true"

import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from urllib.parse import quote

seed, presigned_count, header_count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
now = datetime.datetime(2000, 1, 1)
botocore.auth.get_current_datetime = lambda remove_tzinfo=True: now

PIECES = [
    "u", "orig.m4b", "Z", "0", " ", "  ", "+", "//", "/", "?", "#", "%", "%2F", "%zz", "&", "=", "~", "_", "-",
    ".a", "...", "'", '"', "(", ")", "*", "!", "$", ",", ";", ":", "@", "[", "]", "\\", "|", "<", ">", "^", "`", "{",
    "}", "é", "e\u0301", "ß", "書", "🎧", "\u00a0", "\u2028", "a\u200db", "Ω",
]
REGIONS = ["eu-central-1", "us-west-2", "ap-southeast-2", "eu-west-3", "cn-north-1"]
ENDPOINTS = [
    None, None, None, "http://127.0.0.1:8082", "https://storage.example.com", "http://localhost:80",
    "https://[::1]:9000",
]
BUCKETS = ["earshelf-media", "earshelf.media.example", "abc"]
TYPES = ["audio/mp4", "audio/mpeg", "text/plain; charset=utf-8", "application/octet-stream", "image/jpeg"]


def text(pieces=PIECES, least=1, most=12):
    return "".join(chance.choice(pieces) for _ in range(chance.randint(least, most)))


def key():
    while True:
        made = text()
        # A leading slash is legal in a key, but botocore's endpoint rules read it as the path's own.
        if not made.startswith("/") and not any(part in (".", "..") for part in made.split("/")):
            return made


def instant():
    global now
    now = chance.choice([
        datetime.datetime(2024, 12, 30, 0, 0, 0),
        datetime.datetime(2024, 2, 29, 23, 59, 59),
        datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=chance.randrange(4_000_000_000)),
        datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=chance.randrange(4_000_000_000)),
    ])
    return calendar.timegm(now.timetuple())


def credentials():
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
    token = "".join(chance.choice(alphabet) for _ in range(chance.choice([16, 300, 1100])))
    return {
        "accessKeyID": "AKIA" + "".join(chance.choice(alphabet[:26]) for _ in range(16)),
        "secretAccessKey": "".join(chance.choice(alphabet) for _ in range(40)),
        "sessionToken": token if chance.random() < 0.5 else None,
    }


def client(region, endpoint, who):
    session = botocore.session.Session()
    session.set_credentials(who["accessKeyID"], who["secretAccessKey"], who["sessionToken"])
    return session.create_client(
        "s3", region_name=region, endpoint_url=endpoint,
        config=Config(
            signature_version="s3v4", request_checksum_calculation="when_required",
            s3={"addressing_style": "path" if endpoint else "virtual"}))


def presigned(shared):
    where, made, bucket = chance.choice(shared), key(), chance.choice(BUCKETS)
    kind = chance.choice(["get", "put", "part"])
    case = {
        "kind": kind, "key": made, "bucket": bucket, "region": where["region"], "endpoint": where["endpoint"],
        "credentials": where["credentials"],
        "expires": chance.choice([1, 60, 604_800, chance.randint(1, 604_800)]),
        "instant": instant(),
    }
    parameters = {"Bucket": bucket, "Key": made}
    if kind == "get":
        if chance.random() < 0.6:
            case["disposition"] = 'attachment; filename="' + text() + '"'
            parameters["ResponseContentDisposition"] = case["disposition"]
        if chance.random() < 0.6:
            case["type"] = parameters["ResponseContentType"] = chance.choice(TYPES)
    else:
        case["byteCount"] = parameters["ContentLength"] = chance.choice([0, 1, chance.randrange(5 << 30)])
    if kind == "put":
        case["type"] = parameters["ContentType"] = chance.choice(TYPES)
        if chance.random() < 0.5:
            case["sha256"] = parameters["ChecksumSHA256"] = base64.b64encode(chance.randbytes(32)).decode()
        case["ifAbsent"] = chance.random() < 0.5
        if case["ifAbsent"]:
            parameters["IfNoneMatch"] = "*"
    if kind == "part":
        case["number"] = parameters["PartNumber"] = chance.randint(1, 10_000)
        case["upload"] = parameters["UploadId"] = text()
    operation = {"get": "get_object", "put": "put_object", "part": "upload_part"}[kind]
    case["url"] = where["client"].generate_presigned_url(
        operation, Params=parameters, ExpiresIn=case["expires"])
    return case


def pair():
    name, value = (quote(text(least=least, most=3), safe="-._~") for least in (1, 0))
    return name if chance.random() < 0.2 else name + "=" + value


def header():
    service = chance.choice(["s3", "sqs", "execute-api"])
    who = credentials()
    origin = chance.choice(
        ["https://Sqs.eu-central-1.amazonaws.com", "http://127.0.0.1:8083", "https://a.example:443"])
    case = {
        "kind": "header", "service": service, "region": chance.choice(REGIONS), "credentials": who,
        "instant": instant(), "method": chance.choice(["GET", "PUT", "POST", "HEAD", "DELETE"]),
    }
    path = "/" + quote(key(), safe="/~")
    if service == "sqs":
        path = "/"
    if service == "execute-api" and chance.random() < 0.5:
        path = chance.choice(["/a/../b", "/./", "/a/./b//c/", "/@connections/a%3D%3D", "/..", "//"])
    if service == "s3" and chance.random() < 0.2:
        path = chance.choice(["/a/../b", "//a//b/", "/./c"])
    query = "&".join(pair() for _ in range(chance.choice([0, 1, 2, 6])))
    case["url"] = origin + path + ("?" + query if query else "")
    case["headers"] = [
        ["content-type", "application/x-amz-json-1.0"], ["x-amz-target", "AmazonSQS.SendMessage"]]
    if service != "sqs":
        case["headers"] = [
            ["Range", "bytes=0-9"], ["X-Amz-Meta-Title", "  the   bride \t of  Abydos "],
            ["User-Agent", "curl"], ["x-amz-copy-source", "/b/k"], ["if-match", '"d41d8cd9"'], ["Content-Type", "audio/mp4"],
        ][: chance.randint(0, 6)]
    body = chance.randbytes(chance.choice([0, 1, 63, 64, 1000]))
    case["body"] = base64.b64encode(body).decode()
    request = AWSRequest(method=case["method"], url=case["url"], headers=dict(case["headers"]), data=body)
    signer = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    keys = Credentials(who["accessKeyID"], who["secretAccessKey"], who["sessionToken"])
    signer(keys, service, case["region"]).add_auth(request)
    for name in ["authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"]:
        case[name] = request.headers.get(name)
    return case


shared = []
for endpoint in ENDPOINTS:
    for region in chance.sample(REGIONS, 2):
        who = credentials()
        shared.append({
            "region": region, "endpoint": endpoint, "credentials": who,
            "client": client(region, endpoint, who)})
cases = [presigned(shared) for _ in range(presigned_count)] + [header() for _ in range(header_count)]
json.dump(cases, sys.stdout)
