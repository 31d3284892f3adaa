"""What the aws command line, unchanged, expects of S3 and SQS.

Run: EARSHELF_S3_ENDPOINT=http://127.0.0.1:8082 EARSHELF_SQS_ENDPOINT=http://127.0.0.1:8083 python3 aws_cli.py

Needs AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION of the servers; without one of the endpoints its tests
are left out.
"""

import contextlib
import filecmp
import io
import json
import os
import pathlib
import tempfile
import unittest
import urllib.request
import uuid

from awscli.clidriver import create_clidriver


class CommandLine(unittest.TestCase):
    endpoint = None

    def setUp(self):
        if not self.endpoint:
            self.skipTest("no endpoint")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def aws(self, *words):
        """What `aws` prints: its own beginning, without a process for each command, which would load it anew."""
        region = os.environ.get("AWS_REGION", "eu-central-1")
        command = ["--endpoint-url", self.endpoint, "--region", region, *map(str, words)]
        said, failure = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(failure):
            status = create_clidriver().main(command)
        self.assertEqual(status, 0, failure.getvalue())
        return said.getvalue()

    def json(self, *words):
        return json.loads(self.aws(*words, "--output", "json") or "{}")


class Storage(CommandLine):
    endpoint = os.environ.get("EARSHELF_S3_ENDPOINT")

    def test_files_go_there_and_back(self):
        bucket = "cli-" + uuid.uuid4().hex
        self.aws("s3", "mb", "s3://" + bucket)
        big, small = self.folder / "big file.m4b", self.folder / "é.txt"
        big.write_bytes(os.urandom(20 << 20))
        small.write_text("small")
        self.aws("s3", "cp", big, "s3://%s/in/" % bucket, "--content-type", "audio/mp4")
        self.aws("s3", "cp", small, "s3://%s/in/" % bucket)
        listed = self.aws("s3", "ls", "--recursive", "s3://" + bucket)
        self.assertIn("20971520 in/big file.m4b", listed)
        self.aws("s3", "cp", "s3://%s/in/big file.m4b" % bucket, self.folder / "back")
        self.assertTrue(filecmp.cmp(big, self.folder / "back", shallow=False))
        self.aws("s3", "cp", "s3://%s/in/big file.m4b" % bucket, "s3://%s/copy" % bucket)
        head = self.json("s3api", "head-object", "--bucket", bucket, "--key", "copy")
        self.assertEqual(head["ContentLength"], 20 << 20)
        head = self.json("s3api", "head-object", "--bucket", bucket, "--key", "in/big file.m4b")
        self.assertEqual(head["ContentType"], "audio/mp4")
        self.aws("s3", "sync", "s3://" + bucket, self.folder / "synced")
        self.assertEqual((self.folder / "synced/in/é.txt").read_text(), "small")
        url = self.aws("s3", "presign", "s3://%s/in/é.txt" % bucket).strip()
        with urllib.request.urlopen(url) as answer:
            self.assertEqual(answer.read(), b"small")
        part = self.folder / "part"
        self.aws("s3api", "get-object", "--bucket", bucket, "--key", "copy", "--range", "bytes=5-9", part)
        self.assertEqual(part.read_bytes(), big.read_bytes()[5:10])
        self.aws("s3", "mv", "s3://%s/copy" % bucket, "s3://%s/moved" % bucket)
        self.aws("s3", "rb", "--force", "s3://" + bucket)


class Queue(CommandLine):
    endpoint = os.environ.get("EARSHELF_SQS_ENDPOINT")

    def test_messages(self):
        name = "cli-" + uuid.uuid4().hex
        url = self.json("sqs", "create-queue", "--queue-name", name)["QueueUrl"]
        sent = self.json("sqs", "send-message", "--queue-url", url, "--message-body", "hello")
        got = self.json("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "5")["Messages"][0]
        self.assertEqual((got["MessageId"], got["Body"]), (sent["MessageId"], "hello"))
        self.aws("sqs", "delete-message", "--queue-url", url, "--receipt-handle", got["ReceiptHandle"])
        self.aws("sqs", "delete-queue", "--queue-url", url)


if __name__ == "__main__":
    unittest.main()
