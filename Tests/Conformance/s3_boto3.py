"""What boto3, unchanged, expects of S3. Run: EARSHELF_S3_ENDPOINT=http://127.0.0.1:8082 python3 s3_boto3.py

Needs AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION of the server. Makes buckets of its own and removes them.
"""

import base64
import datetime
import hashlib
import io
import os
import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zlib
from unittest import mock

# With awscrt installed botocore would sign addresses in C, by a clock that no test can set.
os.environ["BOTO_DISABLE_CRT"] = "true"

import boto3  # noqa: E402
import botocore.auth
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["EARSHELF_S3_ENDPOINT"]
REGION = os.environ.get("AWS_REGION", "eu-central-1")
MIB = 1 << 20


def client(endpoint=ENDPOINT, style="path", **more):
    config = Config(
        region_name=REGION,
        signature_version="s3v4",
        s3={"addressing_style": style},
        retries={"total_max_attempts": 1},
        **more.pop("config", {}),
    )
    return boto3.client("s3", endpoint_url=endpoint, config=config, **more)


def fetch(url, method="GET", data=None, headers=None):
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


class S3Case(unittest.TestCase):
    def setUp(self):
        self.s3 = client()
        self.bucket = "t-" + uuid.uuid4().hex
        self.s3.create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        self.addCleanup(self.remove_bucket)

    def remove_bucket(self):
        for upload in self.s3.list_multipart_uploads(Bucket=self.bucket).get("Uploads", []):
            self.s3.abort_multipart_upload(
                Bucket=self.bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for entry in page.get("Contents", []):
                self.s3.delete_object(Bucket=self.bucket, Key=entry["Key"])
        self.s3.delete_bucket(Bucket=self.bucket)

    def put(self, key, body=b"x", **more):
        return self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **more)

    def get(self, key, **more):
        return self.s3.get_object(Bucket=self.bucket, Key=key, **more)

    def refused(self, code, status, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        error = caught.exception.response
        self.assertEqual((error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]), (code, status))
        return error


class Objects(S3Case):
    def test_what_is_put_is_got(self):
        body = os.urandom(3 * MIB + 17)
        answer = self.put(
            "a/b c+d/é.m4b", body, ContentType="audio/mp4", ContentDisposition='attachment; filename="x"',
            CacheControl="no-store", Metadata={"title": "Emma", "rate": "44100"},
        )
        self.assertEqual(answer["ETag"], '"%s"' % hashlib.md5(body).hexdigest())
        got = self.get("a/b c+d/é.m4b")
        self.assertEqual(got["Body"].read(), body)
        self.assertEqual(got["ContentType"], "audio/mp4")
        self.assertEqual(got["ContentDisposition"], 'attachment; filename="x"')
        self.assertEqual(got["CacheControl"], "no-store")
        self.assertEqual(got["Metadata"], {"title": "Emma", "rate": "44100"})
        head = self.s3.head_object(Bucket=self.bucket, Key="a/b c+d/é.m4b")
        self.assertEqual(head["ContentLength"], len(body))
        self.assertEqual(head["ETag"], answer["ETag"])

    def test_an_empty_object(self):
        self.put("empty", b"")
        got = self.get("empty")
        self.assertEqual((got["Body"].read(), got["ContentLength"]), (b"", 0))
        self.refused("InvalidRange", 416, self.get, key="empty", Range="bytes=0-0")

    def test_ranges(self):
        body = bytes(range(256)) * 5000
        self.put("r", body)
        for text, start, end in [
            ("bytes=0-0", 0, 1), ("bytes=10-19", 10, 20), ("bytes=1279999-", 1279999, 1280000),
            ("bytes=-5", 1279995, 1280000), ("bytes=5-99999999", 5, 1280000), ("bytes=-99999999", 0, 1280000),
        ]:
            got = self.get("r", Range=text)
            self.assertEqual(got["ResponseMetadata"]["HTTPStatusCode"], 206, text)
            self.assertEqual(got["ContentRange"], "bytes %d-%d/1280000" % (start, end - 1))
            self.assertEqual(got["Body"].read(), body[start:end], text)
        for text in ["bytes=1280000-", "bytes=-0"]:
            error = self.refused("InvalidRange", 416, self.get, key="r", Range=text)
            self.assertEqual(error["Error"]["ActualObjectSize"], "1280000")
        for text in ["bytes=5-4", "bytes=a-b", "chars=0-1", "bytes=0-1,3-4"]:
            got = self.get("r", Range=text)
            self.assertEqual(got["ResponseMetadata"]["HTTPStatusCode"], 200, text)
            self.assertEqual(len(got["Body"].read()), 1280000)

    def test_conditions(self):
        etag = self.put("c", b"one")["ETag"]
        modified = self.s3.head_object(Bucket=self.bucket, Key="c")["LastModified"]
        earlier = modified - datetime.timedelta(seconds=10)
        self.get("c", IfMatch=etag)
        self.get("c", IfNoneMatch='"other"')
        self.get("c", IfModifiedSince=earlier)
        self.get("c", IfUnmodifiedSince=modified)
        self.refused("PreconditionFailed", 412, self.get, key="c", IfMatch='"other"')
        self.refused("PreconditionFailed", 412, self.get, key="c", IfUnmodifiedSince=earlier)
        self.refused("304", 304, self.get, key="c", IfNoneMatch=etag)
        self.refused("304", 304, self.get, key="c", IfModifiedSince=modified)
        self.refused("PreconditionFailed", 412, self.put, key="c", IfNoneMatch="*")
        self.refused("PreconditionFailed", 412, self.put, key="c", IfMatch='"other"')
        self.refused("NoSuchKey", 404, self.put, key="absent", IfMatch=etag)
        self.put("new", IfNoneMatch="*")
        self.put("c", b"two", IfMatch=etag)
        self.assertEqual(self.get("c")["Body"].read(), b"two")

    def test_what_is_absent(self):
        self.refused("NoSuchKey", 404, self.get, key="nothing")
        self.refused("404", 404, self.s3.head_object, Bucket=self.bucket, Key="nothing")
        self.refused("NoSuchBucket", 404, self.s3.get_object, Bucket="no-such-bucket", Key="a")
        self.refused("404", 404, self.s3.head_bucket, Bucket="no-such-bucket")
        self.s3.delete_object(Bucket=self.bucket, Key="nothing")

    def test_checksums(self):
        for name in ["CRC32", "SHA1", "SHA256"]:
            self.put("k" + name, b"123456789", ChecksumAlgorithm=name)
            head = self.s3.head_object(Bucket=self.bucket, Key="k" + name, ChecksumMode="ENABLED")
            self.assertTrue(head["Checksum" + name])
            self.assertEqual(self.get("k" + name, ChecksumMode="ENABLED")["Body"].read(), b"123456789")
        self.assertEqual(
            self.s3.head_object(Bucket=self.bucket, Key="kCRC32", ChecksumMode="ENABLED")["ChecksumCRC32"],
            "y/Q5Jg==",
        )
        self.put("c", b"123456789", ChecksumCRC32C="4waSgw==")
        self.put("n", b"123456789", ChecksumCRC64NVME="rosUhgp5mIg=")
        self.refused("BadDigest", 400, self.put, key="w", body=b"123456788", ChecksumCRC32C="4waSgw==")
        self.refused("InvalidRequest", 400, self.put, key="w", ChecksumCRC32="nonsense")
        wrong = hashlib.md5(b"other").digest()
        self.refused("BadDigest", 400, self.put, key="w", ContentMD5=base64.b64encode(wrong).decode())
        self.refused("InvalidDigest", 400, self.put, key="w", ContentMD5="c2hvcnQ=")
        self.refused("404", 404, self.s3.head_object, Bucket=self.bucket, Key="w")

    def test_answers_overridden(self):
        self.put("o", b"x", ContentType="text/plain")
        got = self.get("o", ResponseContentType="audio/mpeg", ResponseContentDisposition="attachment")
        self.assertEqual((got["ContentType"], got["ContentDisposition"]), ("audio/mpeg", "attachment"))

    def test_overwriting_and_deleting(self):
        self.put("d", b"one")
        self.put("d", b"two")
        self.assertEqual(self.get("d")["Body"].read(), b"two")
        self.s3.delete_object(Bucket=self.bucket, Key="d")
        self.refused("NoSuchKey", 404, self.get, key="d")

    def test_deleting_many(self):
        keys = ["m/%d <&>\"'" % n for n in range(20)]
        for key in keys:
            self.put(key)
        answer = self.s3.delete_objects(
            Bucket=self.bucket, Delete={"Objects": [{"Key": key} for key in keys[:10] + ["absent"]]}
        )
        self.assertEqual(sorted(d["Key"] for d in answer["Deleted"]), sorted(keys[:10] + ["absent"]))
        quiet = self.s3.delete_objects(
            Bucket=self.bucket, Delete={"Quiet": True, "Objects": [{"Key": key} for key in keys[10:]]}
        )
        self.assertNotIn("Deleted", quiet)
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.bucket)["KeyCount"], 0)

    def test_keys_are_bytes(self):
        composed, decomposed = "caf\u00e9", "cafe\u0301"
        keys = [composed, decomposed, "a//b", "a/../b", "a/./b", "/lead", "%2F", "a+b", "a b", "a&b=c?d#e", "\U0001f3a7", "~-_.", "ZZ", "aa"]
        for key in keys:
            self.put(key, key.encode())
        for key in keys:
            self.assertEqual(self.get(key)["Body"].read(), key.encode())
        listed = [o["Key"] for o in self.s3.list_objects_v2(Bucket=self.bucket)["Contents"]]
        self.assertEqual(listed, sorted(keys, key=lambda key: key.encode()))

    def test_refused_requests(self):
        self.refused("KeyTooLongError", 400, self.put, key="k" * 1025)
        self.refused("MetadataTooLarge", 400, self.put, key="k", Metadata={"m": "v" * 2048})
        self.refused("InvalidStorageClass", 400, self.put, key="k", StorageClass="GLACIER")
        self.refused("AccessControlListNotSupported", 400, self.put, key="k", ACL="public-read")
        self.refused("NotImplemented", 501, self.put, key="k", Tagging="a=b")
        self.refused("NotImplemented", 501, self.s3.get_bucket_policy, Bucket=self.bucket)

    def test_streams_without_length_are_chunked_by_the_client(self):
        body = os.urandom(MIB)
        self.s3.upload_fileobj(io.BytesIO(body), self.bucket, "stream")
        out = io.BytesIO()
        self.s3.download_fileobj(self.bucket, "stream", out)
        self.assertEqual(out.getvalue(), body)


class Copies(S3Case):
    def copy(self, key, source, **more):
        return self.s3.copy_object(
            Bucket=self.bucket, Key=key, CopySource={"Bucket": self.bucket, "Key": source}, **more
        )

    def test_copies(self):
        etag = self.put("s é+", b"source", ContentType="audio/mp4", Metadata={"a": "b"})["ETag"]
        answer = self.copy("t", "s é+")
        self.assertEqual(answer["CopyObjectResult"]["ETag"], etag)
        got = self.get("t")
        self.assertEqual((got["Body"].read(), got["ContentType"], got["Metadata"]), (b"source", "audio/mp4", {"a": "b"}))
        self.copy("t", "s é+", MetadataDirective="REPLACE", ContentType="text/plain", Metadata={"c": "d"})
        got = self.get("t")
        self.assertEqual((got["ContentType"], got["Metadata"]), ("text/plain", {"c": "d"}))
        self.s3.delete_object(Bucket=self.bucket, Key="s é+")
        self.assertEqual(self.get("t")["Body"].read(), b"source")

    def test_onto_itself(self):
        self.put("s", b"source")
        self.refused("InvalidRequest", 400, self.copy, key="s", source="s")
        self.copy("s", "s", MetadataDirective="REPLACE", Metadata={"c": "d"})
        got = self.get("s")
        self.assertEqual((got["Body"].read(), got["Metadata"]), (b"source", {"c": "d"}))

    def test_conditions_of_the_source(self):
        etag = self.put("s", b"source")["ETag"]
        self.copy("t", "s", CopySourceIfMatch=etag)
        self.refused("PreconditionFailed", 412, self.copy, key="t", source="s", CopySourceIfMatch='"x"')
        self.refused("PreconditionFailed", 412, self.copy, key="t", source="s", CopySourceIfNoneMatch=etag)
        self.refused("NoSuchKey", 404, self.copy, key="t", source="absent")


class Listings(S3Case):
    KEYS = ["a/1", "a/2", "a/b/3", "b/4", "c", "d+e f", "é/5", "z"]

    def setUp(self):
        super().setUp()
        for key in self.KEYS:
            self.put(key)

    def listed(self, **more):
        keys, prefixes, pages = [], [], 0
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, **more):
            keys += [entry["Key"] for entry in page.get("Contents", [])]
            prefixes += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
            self.assertEqual(page["KeyCount"], len(page.get("Contents", [])) + len(page.get("CommonPrefixes", [])))
            pages += 1
        return keys, prefixes, pages

    def test_all_of_them_on_pages_of_any_size(self):
        for size in range(1, 10):
            for delimiter in ["", "/"]:
                more = {"Delimiter": delimiter} if delimiter else {}
                keys, prefixes, pages = self.listed(PaginationConfig={"PageSize": size}, **more)
                self.assertEqual(keys, ["c", "d+e f", "z"] if delimiter else self.KEYS[:-2] + ["z", "é/5"])
                self.assertEqual(prefixes, ["a/", "b/", "é/"] if delimiter else [])
                count = len(keys) + len(prefixes)
                self.assertEqual(pages, -(-count // size))

    def test_prefix_and_start(self):
        self.assertEqual(self.listed(Prefix="a/")[0], ["a/1", "a/2", "a/b/3"])
        self.assertEqual(self.listed(Prefix="a/", Delimiter="/")[:2], (["a/1", "a/2"], ["a/b/"]))
        self.assertEqual(self.listed(StartAfter="b/4")[0], ["c", "d+e f", "z", "é/5"])
        self.assertEqual(self.listed(Prefix="nothing")[:2], ([], []))
        self.assertEqual(self.s3.list_objects_v2(Bucket=self.bucket, MaxKeys=0)["KeyCount"], 0)

    def test_the_first_version(self):
        page = self.s3.list_objects(Bucket=self.bucket, MaxKeys=2, Delimiter="/")
        self.assertEqual([p["Prefix"] for p in page["CommonPrefixes"]], ["a/", "b/"])
        rest = self.s3.list_objects(Bucket=self.bucket, Marker=page["NextMarker"], Delimiter="/")
        self.assertEqual([c["Key"] for c in rest["Contents"]], ["c", "d+e f", "z"])
        self.assertFalse(rest["IsTruncated"])

    def test_refused(self):
        self.refused(
            "InvalidArgument", 400, self.s3.list_objects_v2, Bucket=self.bucket, ContinuationToken="%%"
        )


class Buckets(S3Case):
    def test_buckets(self):
        self.assertIn(self.bucket, [b["Name"] for b in self.s3.list_buckets()["Buckets"]])
        self.s3.head_bucket(Bucket=self.bucket)
        self.assertEqual(self.s3.get_bucket_location(Bucket=self.bucket)["LocationConstraint"], REGION)
        self.refused(
            "BucketAlreadyOwnedByYou", 409, self.s3.create_bucket, Bucket=self.bucket,
            CreateBucketConfiguration={"LocationConstraint": REGION},
        )
        self.put("k")
        self.refused("BucketNotEmpty", 409, self.s3.delete_bucket, Bucket=self.bucket)
        self.refused("NoSuchBucket", 404, self.s3.delete_bucket, Bucket="no-such-bucket")

    def test_cors(self):
        self.refused("NoSuchCORSConfiguration", 404, self.s3.get_bucket_cors, Bucket=self.bucket)
        rule = {
            "AllowedOrigins": ["http://localhost:*"], "AllowedMethods": ["GET", "PUT"],
            "AllowedHeaders": ["content-*", "x-amz-*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 600,
        }
        self.s3.put_bucket_cors(Bucket=self.bucket, CORSConfiguration={"CORSRules": [rule]})
        self.assertEqual(self.s3.get_bucket_cors(Bucket=self.bucket)["CORSRules"], [rule])
        asked = {
            "Origin": "http://localhost:8080", "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "Content-Type, x-amz-date",
        }
        url = "%s/%s/key" % (ENDPOINT, self.bucket)
        status, _, headers = fetch(url, "OPTIONS", headers=asked)
        self.assertEqual((status, headers["Access-Control-Allow-Origin"]), (200, "http://localhost:8080"))
        self.assertEqual(headers["Access-Control-Allow-Headers"], "content-type, x-amz-date")
        self.assertEqual(headers["Access-Control-Max-Age"], "600")
        for name, value in [
            ("Origin", "http://evil.example"), ("Access-Control-Request-Method", "DELETE"),
            ("Access-Control-Request-Headers", "authorization"),
        ]:
            self.assertEqual(fetch(url, "OPTIONS", headers={**asked, name: value})[0], 403, name)
        signed = self.s3.generate_presigned_url("put_object", {"Bucket": self.bucket, "Key": "key"})
        status, _, headers = fetch(signed, "PUT", b"x", {"Origin": "http://localhost:8080"})
        self.assertEqual((status, headers["Access-Control-Expose-Headers"]), (200, "ETag"))
        self.s3.delete_bucket_cors(Bucket=self.bucket)
        self.assertEqual(fetch(url, "OPTIONS", headers=asked)[0], 403)

    def test_what_is_not_set(self):
        self.s3.get_bucket_notification_configuration(Bucket=self.bucket)
        self.assertNotIn("Status", self.s3.get_bucket_versioning(Bucket=self.bucket))


class Uploads(S3Case):
    def begin(self, key="m", **more):
        return self.s3.create_multipart_upload(Bucket=self.bucket, Key=key, **more)["UploadId"]

    def part(self, upload, number, body, key="m"):
        return self.s3.upload_part(
            Bucket=self.bucket, Key=key, UploadId=upload, PartNumber=number, Body=body
        )["ETag"]

    def complete(self, upload, parts, key="m", **more):
        return self.s3.complete_multipart_upload(
            Bucket=self.bucket, Key=key, UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": n, "ETag": e} for n, e in parts]}, **more,
        )

    def test_parts_become_an_object(self):
        bodies = {1: os.urandom(5 * MIB), 3: os.urandom(5 * MIB + 1), 4: b"end"}
        upload = self.begin(ContentType="audio/mp4", Metadata={"a": "b"})
        self.part(upload, 3, b"overwritten")
        etags = {n: self.part(upload, n, bodies[n]) for n in (4, 1, 3)}
        listed = self.s3.list_parts(Bucket=self.bucket, Key="m", UploadId=upload)
        self.assertEqual([(p["PartNumber"], p["Size"]) for p in listed["Parts"]], [(n, len(bodies[n])) for n in (1, 3, 4)])
        answer = self.complete(upload, sorted(etags.items()))
        digests = b"".join(hashlib.md5(bodies[n]).digest() for n in (1, 3, 4))
        expected = '"%s-3"' % hashlib.md5(digests).hexdigest()
        self.assertEqual(answer["ETag"], expected)
        got = self.get("m")
        whole = bodies[1] + bodies[3] + bodies[4]
        self.assertEqual((got["Body"].read(), got["ETag"]), (whole, expected))
        self.assertEqual((got["ContentType"], got["Metadata"]), ("audio/mp4", {"a": "b"}))
        across = self.get("m", Range="bytes=%d-%d" % (5 * MIB - 3, 10 * MIB + 2))["Body"].read()
        self.assertEqual(across, whole[5 * MIB - 3 : 10 * MIB + 3])
        self.assertEqual(self.s3.head_object(Bucket=self.bucket, Key="m", PartNumber=2)["ContentLength"], 5 * MIB + 1)
        self.assertEqual(self.complete(upload, sorted(etags.items()))["ETag"], expected)
        self.refused(
            "NoSuchUpload", 404, self.s3.list_parts, Bucket=self.bucket, Key="m", UploadId=upload
        )
        self.s3.copy_object(Bucket=self.bucket, Key="copy", CopySource="%s/m" % self.bucket)
        self.assertEqual(self.get("copy")["ETag"], '"%s"' % hashlib.md5(whole).hexdigest())

    def test_what_makes_no_object(self):
        upload = self.begin()
        one, two = self.part(upload, 1, b"small"), self.part(upload, 2, b"also")
        self.refused("EntityTooSmall", 400, self.complete, upload=upload, parts=[(1, one), (2, two)])
        self.refused("InvalidPartOrder", 400, self.complete, upload=upload, parts=[(2, two), (1, one)])
        self.refused("InvalidPartOrder", 400, self.complete, upload=upload, parts=[(1, one), (1, one)])
        self.refused("InvalidPart", 400, self.complete, upload=upload, parts=[(1, two)])
        self.refused("InvalidPart", 400, self.complete, upload=upload, parts=[(7, one)])
        self.refused("MalformedXML", 400, self.complete, upload=upload, parts=[])
        self.refused("NoSuchUpload", 404, self.complete, upload="0" * 40, parts=[(1, one)])
        self.refused("NoSuchUpload", 404, self.complete, upload=upload, parts=[(1, one)], key="other")
        self.refused(
            "InvalidArgument", 400, self.s3.upload_part, Bucket=self.bucket, Key="m", UploadId=upload,
            PartNumber=10001, Body=b"",
        )
        self.complete(upload, [(2, two)])
        self.assertEqual(self.get("m")["Body"].read(), b"also")

    def test_giving_up(self):
        upload = self.begin()
        self.part(upload, 1, b"x")
        self.assertEqual(len(self.s3.list_multipart_uploads(Bucket=self.bucket)["Uploads"]), 1)
        self.s3.abort_multipart_upload(Bucket=self.bucket, Key="m", UploadId=upload)
        self.assertNotIn("Uploads", self.s3.list_multipart_uploads(Bucket=self.bucket))
        self.refused("NoSuchUpload", 404, self.part, upload=upload, number=1, body=b"x")
        self.refused(
            "NoSuchUpload", 404, self.s3.abort_multipart_upload, Bucket=self.bucket, Key="m", UploadId=upload
        )

    def test_parts_copied(self):
        body = os.urandom(6 * MIB)
        self.put("source", body)
        upload = self.begin()
        source = "%s/source" % self.bucket
        one = self.s3.upload_part_copy(
            Bucket=self.bucket, Key="m", UploadId=upload, PartNumber=1, CopySource=source,
            CopySourceRange="bytes=%d-%d" % (MIB, 6 * MIB - 1),
        )["CopyPartResult"]["ETag"]
        two = self.s3.upload_part_copy(
            Bucket=self.bucket, Key="m", UploadId=upload, PartNumber=2, CopySource=source
        )["CopyPartResult"]["ETag"]
        self.refused(
            "InvalidArgument", 400, self.s3.upload_part_copy, Bucket=self.bucket, Key="m", UploadId=upload,
            PartNumber=3, CopySource=source, CopySourceRange="bytes=0-%d" % (6 * MIB),
        )
        self.complete(upload, [(1, one), (2, two)])
        self.assertEqual(self.get("m")["Body"].read(), body[MIB:] + body)

    def test_transfers_of_the_sdk(self):
        body = os.urandom(20 * MIB + 5)
        self.s3.upload_fileobj(io.BytesIO(body), self.bucket, "big")
        self.assertTrue(self.s3.head_object(Bucket=self.bucket, Key="big")["ETag"].endswith('-3"'))
        out = io.BytesIO()
        self.s3.download_fileobj(self.bucket, "big", out)
        self.assertEqual(out.getvalue(), body)
        self.s3.copy({"Bucket": self.bucket, "Key": "big"}, self.bucket, "copied")
        self.assertEqual(self.get("copied")["Body"].read(), body)

    def test_checksums_of_parts(self):
        bodies = [os.urandom(5 * MIB), b"tail"]
        digests = [hashlib.sha256(body).digest() for body in bodies]
        upload = self.begin(ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE")
        told = [base64.b64encode(digest).decode() for digest in digests]
        self.refused(
            "BadDigest", 400, self.s3.upload_part, Bucket=self.bucket, Key="m", UploadId=upload, PartNumber=1,
            Body=bodies[1], ChecksumSHA256=told[0],
        )
        parts = []
        for number, (body, digest) in enumerate(zip(bodies, told), 1):
            part = self.s3.upload_part(
                Bucket=self.bucket, Key="m", UploadId=upload, PartNumber=number, Body=body, ChecksumSHA256=digest
            )
            self.assertEqual(part["ChecksumSHA256"], digest)
            parts.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": digest})
        listed = self.s3.list_parts(Bucket=self.bucket, Key="m", UploadId=upload)
        self.assertEqual([part["ChecksumSHA256"] for part in listed["Parts"]], told)
        self.assertEqual(listed["ChecksumType"], "COMPOSITE")
        # Whoever asked for checksums names them again.
        bare = [(part["PartNumber"], part["ETag"]) for part in parts]
        self.refused("InvalidRequest", 400, self.complete, upload=upload, parts=bare)
        other = [{**parts[0], "ChecksumSHA256": told[1]}, parts[1]]
        for wrong in (other, [parts[0], {**parts[1], "ChecksumSHA256": told[0]}]):
            self.refused(
                "InvalidPart", 400, self.s3.complete_multipart_upload, Bucket=self.bucket, Key="m", UploadId=upload,
                MultipartUpload={"Parts": wrong},
            )
        self.s3.complete_multipart_upload(
            Bucket=self.bucket, Key="m", UploadId=upload, MultipartUpload={"Parts": parts})
        head = self.s3.head_object(Bucket=self.bucket, Key="m", ChecksumMode="ENABLED")
        whole = base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode() + "-2"
        self.assertEqual((head["ChecksumSHA256"], head["ChecksumType"]), (whole, "COMPOSITE"))

    def test_checksums_of_the_whole(self):
        body = os.urandom(5 * MIB) + b"tail"
        upload = self.begin(ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
        parts = [(1, self.part(upload, 1, body[: 5 * MIB])), (2, self.part(upload, 2, b"tail"))]
        crc = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
        self.refused(
            "BadDigest", 400, self.complete, upload=upload, parts=parts, ChecksumCRC32="AAAAAA==",
            ChecksumType="FULL_OBJECT",
        )
        answer = self.complete(upload, parts, ChecksumCRC32=crc, ChecksumType="FULL_OBJECT")
        self.assertEqual((answer["ChecksumCRC32"], answer["ChecksumType"]), (crc, "FULL_OBJECT"))
        self.assertEqual(self.get("m", ChecksumMode="ENABLED")["Body"].read(), body)


class Signatures(S3Case):
    def code(self, answer):
        status, body, _ = answer
        text = body.decode()
        return status, text.partition("<Code>")[2].partition("</Code>")[0]

    def url(self, method="get_object", key="k", expires=60, s3=None, **more):
        return (s3 or self.s3).generate_presigned_url(
            method, {"Bucket": self.bucket, "Key": key, **more}, ExpiresIn=expires
        )

    def test_presigned(self):
        status, _, headers = fetch(self.url("put_object"), "PUT", b"signed", {"Content-Type": "audio/mp4"})
        self.assertEqual((status, headers["ETag"]), (200, '"%s"' % hashlib.md5(b"signed").hexdigest()))
        url = self.url(ResponseContentDisposition="attachment; filename=\"a b.m4b\"")
        status, body, headers = fetch(url, headers={"Range": "bytes=1-2"})
        self.assertEqual((status, body), (206, b"ig"))
        self.assertEqual(headers["Content-Disposition"], 'attachment; filename="a b.m4b"')

    def test_presigned_parts(self):
        upload = self.s3.create_multipart_upload(Bucket=self.bucket, Key="m")["UploadId"]
        url = self.url("upload_part", key="m", UploadId=upload, PartNumber=1)
        etag = fetch(url, "PUT", b"part")[2]["ETag"]
        self.s3.complete_multipart_upload(
            Bucket=self.bucket, Key="m", UploadId=upload,
            MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]},
        )
        self.assertEqual(self.get("m")["Body"].read(), b"part")

    def test_what_was_signed_must_be_sent(self):
        url = self.url("put_object", ContentType="audio/mp4", ContentLength=3)
        self.assertEqual(fetch(url, "PUT", b"abc", {"Content-Type": "audio/mp4"})[0], 200)
        self.assertEqual(
            self.code(fetch(url, "PUT", b"abc", {"Content-Type": "text/html"})), (403, "SignatureDoesNotMatch")
        )
        self.assertEqual(
            self.code(fetch(url, "PUT", b"abcd", {"Content-Type": "audio/mp4"})), (403, "SignatureDoesNotMatch")
        )
        answer = fetch(url, "PUT", b"abc", {"Content-Type": "audio/mp4", "x-amz-meta-a": "b"})
        self.assertEqual(self.code(answer), (403, "AccessDenied"))
        self.assertIn(b"<HeadersNotSigned>x-amz-meta-a</HeadersNotSigned>", answer[1])

    def test_an_altered_url(self):
        self.put("k", b"secret")
        self.put("other", b"secret")
        url = self.url()
        parts = urllib.parse.urlsplit(url)
        query = urllib.parse.parse_qsl(parts.query)
        self.assertEqual(fetch(url)[0], 200)

        def altered(**changes):
            pairs = [(name, changes.get(name.replace("-", "_"), value)) for name, value in query]
            return urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(pairs)))

        self.assertEqual(self.code(fetch(url.replace("/k?", "/other?"))), (403, "SignatureDoesNotMatch"))
        self.assertEqual(self.code(fetch(url, "PUT", b"x")), (403, "SignatureDoesNotMatch"))
        self.assertEqual(self.code(fetch(url + "&partNumber=1")), (403, "SignatureDoesNotMatch"))
        self.assertEqual(self.code(fetch(altered(X_Amz_Expires="61"))), (403, "SignatureDoesNotMatch"))
        self.assertEqual(self.code(fetch(altered(X_Amz_Signature="0" * 64))), (403, "SignatureDoesNotMatch"))
        self.assertEqual(
            self.code(fetch(altered(X_Amz_Expires="604801"))), (400, "AuthorizationQueryParametersError")
        )
        self.assertEqual(self.code(fetch(altered(X_Amz_Expires="0"))), (400, "AuthorizationQueryParametersError"))
        self.assertEqual(self.code(fetch(altered(X_Amz_Expires="-1"))), (400, "AuthorizationQueryParametersError"))
        self.assertEqual(
            self.code(fetch(altered(X_Amz_Algorithm="AWS4-HMAC-SHA1"))), (400, "AuthorizationQueryParametersError")
        )
        credential = dict(query)["X-Amz-Credential"]
        self.assertEqual(
            self.code(fetch(altered(X_Amz_Credential="AKIAOTHER" + credential[credential.index("/"):]))),
            (403, "InvalidAccessKeyId"),
        )
        self.assertEqual(
            self.code(fetch(altered(X_Amz_Credential=credential.replace(REGION, "us-west-1")))),
            (400, "AuthorizationQueryParametersError"),
        )
        self.assertEqual(
            self.code(fetch(altered(X_Amz_Credential=credential.replace("/s3/", "/sqs/")))),
            (400, "AuthorizationQueryParametersError"),
        )
        self.assertEqual(
            self.code(fetch(url, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=x"})),
            (400, "InvalidArgument"),
        )
        self.assertEqual(
            self.code(fetch(url + "&X-Amz-Expires=60")), (400, "AuthorizationQueryParametersError")
        )

    def signed_at(self, shift, **more):
        real = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift)
        with mock.patch("botocore.auth.get_current_datetime", return_value=real.replace(tzinfo=None)):
            return self.url(**more)

    def test_time(self):
        self.put("k", b"x")
        self.assertEqual(fetch(self.signed_at(-50, expires=60))[0], 200)
        status, body, _ = fetch(self.signed_at(-61, expires=60))
        self.assertEqual(status, 403)
        self.assertIn(b"<Message>Request has expired</Message>", body)
        self.assertEqual(fetch(self.signed_at(800, expires=60))[0], 200)
        self.assertEqual(self.code(fetch(self.signed_at(1000, expires=60))), (403, "AccessDenied"))
        for shift, allowed in [(-880, True), (-920, False), (880, True), (920, False)]:
            real = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift)
            with mock.patch("botocore.auth.get_current_datetime", return_value=real.replace(tzinfo=None)):
                if allowed:
                    self.get("k")
                else:
                    self.refused("RequestTimeTooSkewed", 403, self.get, key="k")

    def test_who_signs(self):
        self.put("k", b"x")
        wrong = client(aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="wrong")
        self.refused("SignatureDoesNotMatch", 403, wrong.get_object, Bucket=self.bucket, Key="k")
        stranger = client(aws_access_key_id="AKIASTRANGER", aws_secret_access_key="wrong")
        self.refused("InvalidAccessKeyId", 403, stranger.get_object, Bucket=self.bucket, Key="k")
        token = client(
            aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"], aws_session_token="token",
        )
        self.refused("InvalidToken", 400, token.get_object, Bucket=self.bucket, Key="k")
        self.assertEqual(self.code(fetch("%s/%s/k" % (ENDPOINT, self.bucket))), (403, "AccessDenied"))
        self.assertEqual(
            self.code(fetch("%s/%s/k" % (ENDPOINT, self.bucket), headers={"Authorization": "AWS a:b"})),
            (400, "InvalidRequest"),
        )

    @unittest.skipUnless("EARSHELF_PUBLIC_PREFIX" in os.environ, "no public prefix")
    def test_what_is_public_needs_no_signature(self):
        bucket, _, prefix = os.environ["EARSHELF_PUBLIC_PREFIX"].partition("/")
        name = uuid.uuid4().hex
        self.s3.put_object(Bucket=bucket, Key=prefix + name, Body=b"cover", ContentType="image/jpeg")
        url = "%s/%s/%s%s" % (ENDPOINT, bucket, prefix, name)
        status, body, headers = fetch(url)
        self.assertEqual((status, body, headers["Content-Type"]), (200, b"cover", "image/jpeg"))
        self.assertEqual(fetch(url, "HEAD")[0], 200)
        for call in [
            (url + "?response-content-type=text/html",), (url, "PUT", b"x"), (url, "DELETE"),
            (url.replace(prefix, "private/"),), ("%s/%s" % (ENDPOINT, bucket),),
        ]:
            self.assertIn(fetch(*call)[0], [400, 403], call)
        self.s3.delete_object(Bucket=bucket, Key=prefix + name)

    def test_the_hosts_name_may_hold_the_bucket(self):
        port = urllib.parse.urlsplit(ENDPOINT).port
        self.put("a/k", b"virtual")
        virtual = client(endpoint="http://localhost:%d" % port, style="virtual")
        url = self.url(key="a/k", s3=virtual)
        self.assertIn(self.bucket + ".localhost", url)
        connect = urllib.request.Request(url.replace(self.bucket + ".localhost", "127.0.0.1"))
        connect.add_header("Host", "%s.localhost:%d" % (self.bucket, port))
        with urllib.request.urlopen(connect) as answer:
            self.assertEqual(answer.read(), b"virtual")


class Chunks(S3Case):
    """The aws-chunked encodings, written by hand: botocore uses only one of them, and only over TLS."""

    def send(self, body, payload, trailer=None, decoded=None, alter=lambda chunks: chunks, length=None):
        from botocore.awsrequest import AWSRequest

        credentials = boto3.Session().get_credentials().get_frozen_credentials()
        request = AWSRequest("PUT", "%s/%s/chunked" % (ENDPOINT, self.bucket))
        request.headers["x-amz-content-sha256"] = payload
        request.headers["x-amz-decoded-content-length"] = str(len(body) if decoded is None else decoded)
        request.headers["Content-Encoding"] = "aws-chunked"
        if trailer:
            request.headers["x-amz-trailer"] = trailer[0]
        auth = botocore.auth.S3SigV4Auth(credentials, "s3", REGION)
        auth.payload = lambda request: payload
        auth.add_auth(request)
        signature = request.headers["Authorization"].rpartition("Signature=")[2]
        date = request.context["timestamp"]
        scope = auth.credential_scope(request)
        chunks, previous = [], signature
        signed = payload.startswith("STREAMING-AWS4")
        empty = hashlib.sha256(b"").hexdigest()
        for piece in [body[i : i + 65536] for i in range(0, len(body), 65536)] + [b""]:
            head = b"%x" % len(piece)
            if signed:
                text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", date, scope, previous, empty, hashlib.sha256(piece).hexdigest()])
                previous = auth.signature(text, request)
                head += b";chunk-signature=" + previous.encode()
            chunks.append(head + b"\r\n" + (piece + b"\r\n" if piece else b""))
        if trailer:
            line = "%s:%s\n" % trailer
            chunks.append(line.strip().encode() + b"\r\n")
            if signed:
                text = "\n".join(["AWS4-HMAC-SHA256-TRAILER", date, scope, previous, hashlib.sha256(line.encode()).hexdigest()])
                chunks.append(b"x-amz-trailer-signature:" + auth.signature(text, request).encode() + b"\r\n")
        data = b"".join(alter(chunks + [b"\r\n"]))
        status, answer, _ = fetch(request.url, "PUT", data, dict(request.headers.items()))
        return status, answer.decode().partition("<Code>")[2].partition("</Code>")[0]

    def crc(self, body):
        return ("x-amz-checksum-crc32", base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode())

    def test_chunks(self):
        body = os.urandom(200_000)
        for payload, trailer in [
            ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", None),
            ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", self.crc(body)),
            ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", self.crc(body)),
        ]:
            self.assertEqual(self.send(body, payload, trailer), (200, ""), payload)
            got = self.get("chunked")
            self.assertEqual(got["Body"].read(), body)
            self.assertNotIn("ContentEncoding", got)
            self.s3.delete_object(Bucket=self.bucket, Key="chunked")

    def test_altered_chunks(self):
        body = os.urandom(200_000)
        signed, unsigned = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
        both = signed + "-TRAILER"
        trailer = self.crc(body)

        def flipped(chunks):
            return [chunks[0][:200] + bytes([chunks[0][200] ^ 1]) + chunks[0][201:]] + chunks[1:]

        def swapped(chunks):
            return [chunks[1], chunks[0]] + chunks[2:]

        def without_last(chunks):
            return [chunk for chunk in chunks if not chunk.startswith((b"0\r", b"0;"))]

        def unsigned_trailer(chunks):
            return [chunk for chunk in chunks if not chunk.startswith(b"x-amz-trailer-signature")]

        mismatch = (403, "SignatureDoesNotMatch")
        self.assertEqual(self.send(body, signed, alter=flipped), mismatch)
        self.assertEqual(self.send(body, signed, alter=swapped), mismatch)
        self.assertEqual(self.send(body, signed, alter=lambda c: c[:1] + c[2:]), mismatch)
        self.assertEqual(self.send(body, signed, alter=without_last)[0], 400)
        self.assertEqual(self.send(body, signed, decoded=len(body) - 1), (400, "IncompleteBody"))
        self.assertEqual(self.send(body, signed, decoded=len(body) + 1), (400, "IncompleteBody"))
        self.assertEqual(self.send(body, both, trailer, alter=unsigned_trailer), mismatch)
        self.assertEqual(self.send(body, both, (trailer[0], "AAAAAA==")), (400, "BadDigest"))
        self.assertEqual(self.send(body, unsigned, (trailer[0], "AAAAAA==")), (400, "BadDigest"))
        self.assertEqual(self.send(body, unsigned, trailer, alter=flipped), (400, "BadDigest"))
        self.assertEqual(self.send(body, unsigned), (400, "InvalidArgument"))
        self.assertEqual(self.send(body, "STREAMING-ANYTHING"), (400, "InvalidArgument"))
        self.refused("NoSuchKey", 404, self.get, key="chunked")


if __name__ == "__main__":
    unittest.main()
