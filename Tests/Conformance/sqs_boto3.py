"""What boto3, unchanged, expects of SQS. Run: EARSHELF_SQS_ENDPOINT=http://127.0.0.1:8083 python3 sqs_boto3.py

Needs AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION of the server. Makes queues of its own and removes them.
"""

import datetime
import hashlib
import json
import os
import threading
import time
import unittest
import urllib.error
import urllib.request
import uuid
from unittest import mock

# With awscrt installed botocore would sign in C, by a clock that no test can set.
os.environ["BOTO_DISABLE_CRT"] = "true"

import boto3  # noqa: E402
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["EARSHELF_SQS_ENDPOINT"]
REGION = os.environ.get("AWS_REGION", "eu-central-1")


def client(**more):
    config = Config(region_name=REGION, retries={"total_max_attempts": 1})
    return boto3.client("sqs", endpoint_url=ENDPOINT, config=config, **more)


def post(body, headers):
    """Status, document and error code of an answer."""
    request = urllib.request.Request(ENDPOINT + "/", data=body.encode(), headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer).get("__type", ""), None
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["__type"].partition("#")[2], error.headers["x-amzn-query-error"]


class QueueCase(unittest.TestCase):
    def setUp(self):
        self.sqs = client()
        self.name = "t-" + uuid.uuid4().hex
        self.url = self.make(self.name)

    def make(self, name, **attributes):
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.addCleanup(lambda: self.sqs.delete_queue(QueueUrl=url))
        return url

    def send(self, body="hello", **more):
        return self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def receive(self, url=None, **more):
        return self.sqs.receive_message(QueueUrl=url or self.url, **more).get("Messages", [])

    def counts(self, url=None):
        names = ["", "NotVisible", "Delayed"]
        answer = self.sqs.get_queue_attributes(QueueUrl=url or self.url, AttributeNames=["All"])["Attributes"]
        return tuple(int(answer["ApproximateNumberOfMessages" + name]) for name in names)

    def refused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception


class Queues(QueueCase):
    def test_names_and_addresses(self):
        self.assertEqual(self.sqs.get_queue_url(QueueName=self.name)["QueueUrl"], self.url)
        self.assertTrue(self.url.endswith("/000000000000/" + self.name))
        self.assertEqual(self.sqs.create_queue(QueueName=self.name)["QueueUrl"], self.url)
        self.assertIn(self.url, self.sqs.list_queues()["QueueUrls"])
        self.assertEqual(self.sqs.list_queues(QueueNamePrefix=self.name)["QueueUrls"], [self.url])
        self.assertNotIn("QueueUrls", self.sqs.list_queues(QueueNamePrefix="none-begins-so"))
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist):
            self.sqs.get_queue_url(QueueName="absent")
        self.refused(
            "AWS.SimpleQueueService.NonExistentQueue", self.sqs.send_message, QueueUrl=self.url + "x", MessageBody="a"
        )
        self.refused(
            "QueueAlreadyExists", self.sqs.create_queue, QueueName=self.name, Attributes={"DelaySeconds": "5"}
        )
        self.refused("InvalidParameterValue", self.sqs.create_queue, QueueName="a b")
        self.refused("InvalidParameterValue", self.sqs.create_queue, QueueName="a" * 81)

    def test_attributes(self):
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"VisibilityTimeout": "7"})
        got = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["VisibilityTimeout", "QueueArn"])
        self.assertEqual(
            got["Attributes"],
            {"VisibilityTimeout": "7", "QueueArn": "arn:aws:sqs:%s:000000000000:%s" % (REGION, self.name)},
        )
        change = self.sqs.set_queue_attributes
        for name, value in [("VisibilityTimeout", "43201"), ("DelaySeconds", "-1"), ("DelaySeconds", "x"),
                            ("MessageRetentionPeriod", "59"), ("RedrivePolicy", "{}")]:
            self.refused("InvalidAttributeValue", change, QueueUrl=self.url, Attributes={name: value})
        self.refused("InvalidAttributeName", change, QueueUrl=self.url, Attributes={"Nonsense": "1"})

    def test_purging(self):
        for _ in range(3):
            self.send()
        self.receive()
        self.sqs.purge_queue(QueueUrl=self.url)
        self.assertEqual(self.counts(), (0, 0, 0))
        self.assertEqual(self.receive(), [])


class Messages(QueueCase):
    def test_what_is_sent_is_received_once_and_deleted(self):
        sent = self.send("Emma \U0001f3a7 é\n\"quoted\" \\ / <&>")
        got = self.receive(MaxNumberOfMessages=10, AttributeNames=["All"])
        self.assertEqual([m["MessageId"] for m in got], [sent["MessageId"]])
        self.assertEqual(got[0]["Body"], "Emma \U0001f3a7 é\n\"quoted\" \\ / <&>")
        self.assertEqual(got[0]["MD5OfBody"], sent["MD5OfMessageBody"])
        self.assertEqual(got[0]["Attributes"]["ApproximateReceiveCount"], "1")
        self.assertEqual(got[0]["Attributes"]["SenderId"], os.environ["AWS_ACCESS_KEY_ID"])
        self.assertAlmostEqual(int(got[0]["Attributes"]["SentTimestamp"]) / 1000, time.time(), delta=60)
        self.assertEqual(self.receive(), [])
        self.assertEqual(self.counts(), (0, 1, 0))
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=got[0]["ReceiptHandle"])
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=got[0]["ReceiptHandle"])
        self.assertEqual(self.counts(), (0, 0, 0))

    def test_attributes_and_their_digest(self):
        attributes = {
            "text": {"DataType": "String", "StringValue": "é"},
            "number": {"DataType": "Number.int", "StringValue": "42"},
            "bytes": {"DataType": "Binary", "BinaryValue": bytes(range(256))},
            "labelled.text": {"DataType": "String.mine", "StringValue": "x"},
        }
        trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
        sent = self.send(MessageAttributes=attributes, MessageSystemAttributes=trace)
        self.assertEqual(sent["MD5OfMessageAttributes"], self.digest(attributes))
        everything = self.receive(MessageAttributeNames=["All"], MessageSystemAttributeNames=["AWSTraceHeader"],
                                  VisibilityTimeout=0)[0]
        self.assertEqual(everything["MessageAttributes"], attributes)
        self.assertEqual(everything["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
        self.assertEqual(everything["Attributes"], {"AWSTraceHeader": trace["AWSTraceHeader"]["StringValue"]})
        some = self.receive(MessageAttributeNames=["labelled.*", "number"], VisibilityTimeout=0)[0]
        self.assertEqual(sorted(some["MessageAttributes"]), ["labelled.text", "number"])
        self.assertEqual(some["MD5OfMessageAttributes"], self.digest(some["MessageAttributes"]))
        self.assertNotIn("MessageAttributes", self.receive()[0])

    def digest(self, attributes):
        """As AWS describes it, written without a look at the server."""
        parts = b""
        for name in sorted(attributes):
            value = attributes[name]
            content = value.get("BinaryValue", value.get("StringValue", "").encode())
            for part in [name.encode(), value["DataType"].encode()]:
                parts += len(part).to_bytes(4, "big") + part
            parts += b"\x02" if "BinaryValue" in value else b"\x01"
            parts += len(content).to_bytes(4, "big") + content
        return hashlib.md5(parts).hexdigest()

    def test_visibility(self):
        self.send()
        first = self.receive(VisibilityTimeout=0)[0]
        second = self.receive(VisibilityTimeout=30, AttributeNames=["ApproximateReceiveCount"])[0]
        self.assertEqual(second["Attributes"]["ApproximateReceiveCount"], "2")
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=first["ReceiptHandle"])
        self.assertEqual(self.counts(), (0, 1, 0), "an older receipt deletes nothing")
        hide = self.sqs.change_message_visibility
        hide(QueueUrl=self.url, ReceiptHandle=second["ReceiptHandle"], VisibilityTimeout=0)
        self.assertEqual(self.counts(), (1, 0, 0))
        self.refused(
            "AWS.SimpleQueueService.MessageNotInflight", hide, QueueUrl=self.url,
            ReceiptHandle=second["ReceiptHandle"], VisibilityTimeout=5,
        )
        self.refused("ReceiptHandleIsInvalid", hide, QueueUrl=self.url, ReceiptHandle="x", VisibilityTimeout=5)
        self.refused(
            "ReceiptHandleIsInvalid", self.sqs.delete_message, QueueUrl=self.url, ReceiptHandle="bm90IGE="
        )
        third = self.receive()[0]
        self.refused(
            "InvalidParameterValue", hide, QueueUrl=self.url, ReceiptHandle=third["ReceiptHandle"],
            VisibilityTimeout=43201,
        )

    def test_waiting(self):
        timer = threading.Timer(0.3, lambda: client().send_message(QueueUrl=self.url, MessageBody="late"))
        started = time.monotonic()
        timer.start()
        got = self.receive(WaitTimeSeconds=20)
        self.assertEqual([m["Body"] for m in got], ["late"])
        self.assertLess(time.monotonic() - started, 10)
        started = time.monotonic()
        self.assertEqual(self.receive(WaitTimeSeconds=1), [])
        self.assertGreaterEqual(time.monotonic() - started, 0.95)

    def test_delay(self):
        self.send("later", DelaySeconds=1)
        self.assertEqual(self.counts(), (0, 0, 1))
        self.assertEqual(self.receive(), [])
        self.assertEqual([m["Body"] for m in self.receive(WaitTimeSeconds=10)], ["later"])

    def test_dead_letters(self):
        dead = self.make(self.name + "-dead")
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {"deadLetterTargetArn": arn, "maxReceiveCount": 2}
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"RedrivePolicy": json.dumps(policy)})
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["RedrivePolicy"])
        self.assertEqual(json.loads(told["Attributes"]["RedrivePolicy"]), policy)
        sent = self.send("poison")
        for _ in range(2):
            self.assertEqual(len(self.receive(VisibilityTimeout=0)), 1)
        self.assertEqual(self.receive(VisibilityTimeout=0), [])
        self.assertEqual(self.counts(), (0, 0, 0))
        got = self.receive(dead, AttributeNames=["All"])[0]
        self.assertEqual((got["MessageId"], got["Body"]), (sent["MessageId"], "poison"))
        self.assertTrue(got["Attributes"]["DeadLetterQueueSourceArn"].endswith(":" + self.name))
        absent = json.dumps({"deadLetterTargetArn": arn + "x", "maxReceiveCount": 2})
        self.refused(
            "InvalidParameterValue", self.sqs.set_queue_attributes, QueueUrl=self.url,
            Attributes={"RedrivePolicy": absent},
        )

    def test_sizes_and_contents(self):
        most = 1 << 20
        self.send("x" * most)
        self.refused("InvalidParameterValue", self.send, body="x" * (most + 1))
        attribute = {"a": {"DataType": "String", "StringValue": "b"}}
        self.refused("InvalidParameterValue", self.send, body="x" * (most - 7), MessageAttributes=attribute)
        self.send("x" * (most - 8), MessageAttributes=attribute)
        self.refused("InvalidMessageContents", self.send, body="bell \x07")
        self.refused("MissingParameter", self.send, body="")
        self.refused("InvalidParameterValue", self.send, DelaySeconds=901)
        self.refused(
            "InvalidParameterValue", self.send, MessageAttributes={"a": {"DataType": "Number", "StringValue": "x"}}
        )
        self.refused(
            "InvalidParameterValue", self.send,
            MessageAttributes={"AWS.x": {"DataType": "String", "StringValue": "x"}},
        )
        self.refused("InvalidParameterValue", self.receive, MaxNumberOfMessages=11)
        self.refused("InvalidParameterValue", self.receive, MaxNumberOfMessages=0)
        self.refused("InvalidParameterValue", self.receive, WaitTimeSeconds=21)


class Batches(QueueCase):
    def test_batches(self):
        entries = [{"Id": "m%d" % n, "MessageBody": "body %d" % n} for n in range(9)]
        answer = self.sqs.send_message_batch(
            QueueUrl=self.url, Entries=entries + [{"Id": "bad", "MessageBody": "\x00"}]
        )
        self.assertEqual([s["Id"] for s in answer["Successful"]], [e["Id"] for e in entries])
        self.assertEqual([(f["Id"], f["Code"], f["SenderFault"]) for f in answer["Failed"]],
                         [("bad", "InvalidMessageContents", True)])
        got = []
        while len(got) < 9:
            page = self.receive(MaxNumberOfMessages=10)
            self.assertTrue(page)
            got += page
        self.assertEqual(sorted(m["Body"] for m in got), [e["MessageBody"] for e in entries])
        shown = self.sqs.change_message_visibility_batch(
            QueueUrl=self.url,
            Entries=[{"Id": "a", "ReceiptHandle": got[0]["ReceiptHandle"], "VisibilityTimeout": 60},
                     {"Id": "b", "ReceiptHandle": "nonsense", "VisibilityTimeout": 60}],
        )
        self.assertEqual([s["Id"] for s in shown["Successful"]], ["a"])
        self.assertEqual([f["Code"] for f in shown["Failed"]], ["ReceiptHandleIsInvalid"])
        gone = self.sqs.delete_message_batch(
            QueueUrl=self.url,
            Entries=[{"Id": "d%d" % n, "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(got)],
        )
        self.assertEqual(len(gone["Successful"]), 9)
        self.assertEqual(self.counts(), (0, 0, 0))

    def test_refused_batches(self):
        batch = self.sqs.send_message_batch
        code = "AWS.SimpleQueueService."
        self.refused(code + "EmptyBatchRequest", batch, QueueUrl=self.url, Entries=[])
        many = [{"Id": "m%d" % n, "MessageBody": "x"} for n in range(11)]
        self.refused(code + "TooManyEntriesInBatchRequest", batch, QueueUrl=self.url, Entries=many)
        self.refused(code + "BatchEntryIdsNotDistinct", batch, QueueUrl=self.url, Entries=many[:1] * 2)
        odd = [{"Id": "a b", "MessageBody": "x"}]
        self.refused(code + "InvalidBatchEntryId", batch, QueueUrl=self.url, Entries=odd)
        big = [{"Id": "m%d" % n, "MessageBody": "x" * (600 << 10)} for n in range(2)]
        self.refused(code + "BatchRequestTooLong", batch, QueueUrl=self.url, Entries=big)
        self.assertEqual(self.counts(), (0, 0, 0))


class Signatures(QueueCase):
    def test_who_signs(self):
        key = os.environ["AWS_ACCESS_KEY_ID"]
        wrong = client(aws_access_key_id=key, aws_secret_access_key="wrong")
        self.refused("SignatureDoesNotMatch", wrong.list_queues)
        stranger = client(aws_access_key_id="AKIASTRANGER", aws_secret_access_key="wrong")
        self.refused("InvalidClientTokenId", stranger.list_queues)
        for shift, allowed in [(-880, True), (-920, False), (880, True), (920, False)]:
            moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift)
            with mock.patch("botocore.auth.get_current_datetime", return_value=moment.replace(tzinfo=None)):
                if allowed:
                    self.sqs.list_queues()
                else:
                    self.refused("SignatureDoesNotMatch", self.sqs.list_queues)

    def post(self, body, sent=None, headers=None):
        request = AWSRequest("POST", ENDPOINT + "/", data=body, headers={
            "Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.ListQueues", **(headers or {}),
        })
        SigV4Auth(boto3.Session().get_credentials(), "sqs", REGION).add_auth(request)
        return post(sent or body, dict(request.headers))

    def test_by_hand(self):
        self.assertEqual(self.post("{}")[0], 200)
        altered = self.post("{}", sent='{"QueueNamePrefix":"a"}')
        self.assertEqual(altered, (403, "SignatureDoesNotMatch", "SignatureDoesNotMatch;Sender"))
        self.assertEqual(self.post("[]")[:2], (400, "SerializationException"))
        self.assertEqual(self.post('{"MaxResults": 1.5}')[:2], (400, "SerializationException"))
        unknown = self.post("{}", headers={"X-Amz-Target": "AmazonSQS.Nonsense"})
        self.assertEqual(unknown[:2], (400, "UnsupportedOperation"))
        bare = post("{}", {"X-Amz-Target": "AmazonSQS.ListQueues"})
        self.assertEqual(bare[:2], (403, "MissingAuthenticationToken"))


if __name__ == "__main__":
    unittest.main()
