"""What boto3, unchanged, expects of EventBridge. Run: EARSHELF_EVENTS_ENDPOINT=http://127.0.0.1:8087 python3 events_boto3.py

Needs AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION of the server, and a bus `earshelf` on it. Nobody need
listen to what is told there.
"""

import datetime
import json
import os
import unittest
import urllib.error
import urllib.request
from unittest import mock

# With awscrt installed botocore would sign in C, by a clock that no test can set.
os.environ["BOTO_DISABLE_CRT"] = "true"

import boto3  # noqa: E402
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["EARSHELF_EVENTS_ENDPOINT"]
REGION = os.environ.get("AWS_REGION", "eu-central-1")
LIMIT = 256 << 10


def client(**more):
    config = Config(region_name=REGION, retries={"total_max_attempts": 1})
    return boto3.client("events", endpoint_url=ENDPOINT, config=config, **more)


def entry(**changes):
    return {"Source": "boto3", "DetailType": "Test", "Detail": "{}", "EventBusName": "earshelf"} | changes


class BusCase(unittest.TestCase):
    def setUp(self):
        self.events = client()

    def refused(self, code, call, **arguments):
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception


class Entries(BusCase):
    def test_events_are_taken(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        arn = f"arn:aws:events:{REGION}:000000000000:event-bus/earshelf"
        answer = self.events.put_events(Entries=[
            entry(Time=now, Detail=json.dumps({"title": "Emma \U0001f3a7 é"}), Resources=["arn:a"]),
            entry(EventBusName=arn), entry(EventBusName="default")])
        self.assertEqual(answer["FailedEntryCount"], 0)
        self.assertEqual(len({told["EventId"] for told in answer["Entries"]}), 3)

    def test_each_entry_has_its_own_fate(self):
        wrong = [
            ("InvalidArgument", {"Source": ""}), ("InvalidArgument", {"DetailType": ""}),
            ("InvalidArgument", {"Detail": ""}), ("MalformedDetail", {"Detail": "{"}),
            ("MalformedDetail", {"Detail": "[1]"}), ("NotAuthorizedForSourceException", {"Source": "aws.ec2"}),
            ("ResourceNotFoundException", {"EventBusName": "nowhere"})]
        answer = self.events.put_events(Entries=[entry()] + [entry(**change) for _, change in wrong] + [entry()])
        self.assertEqual(answer["FailedEntryCount"], len(wrong))
        self.assertEqual([told.get("ErrorCode") for told in answer["Entries"]], [
            None, *(code for code, _ in wrong), None])
        self.assertTrue(all(told.get("ErrorMessage") for told in answer["Entries"][1:-1]))

    def test_limits(self):
        put = self.events.put_events
        self.assertEqual(len(put(Entries=[entry()] * 10)["Entries"]), 10)
        self.refused("ValidationException", put, Entries=[entry()] * 11)

        def weighing(count):
            """An entry of so many bytes: the time is 14."""
            rest = count - 14 - len("boto3") - len("Test") - len('{"x":""}')
            return entry(Time=0, Detail=json.dumps({"x": "x" * rest}, separators=(",", ":")))
        self.assertEqual(put(Entries=[weighing(LIMIT - 1)])["FailedEntryCount"], 0)
        self.refused("ValidationException", put, Entries=[weighing(LIMIT)])
        self.refused("ValidationException", put, Entries=[weighing(LIMIT // 2)] * 2)


class Patterns(BusCase):
    def test_patterns_are_tried_out(self):
        event = {"id": "1", "detail-type": "Test", "source": "boto3", "account": "0", "time": "2026-01-01T00:00:00Z",
                 "region": REGION, "resources": [], "detail": {"state": "ready"}}

        def matches(pattern, event=event):
            return self.events.test_event_pattern(
                EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"]
        self.assertTrue(matches({"detail": {"state": [{"prefix": "rea"}]}}))
        self.assertFalse(matches({"detail": {"state": ["done"]}}))
        with self.assertRaises(self.events.exceptions.InvalidEventPatternException):
            matches({"detail": {"state": "ready"}})
        self.refused("ValidationException", matches, pattern={"source": ["boto3"]}, event={"source": "boto3"})


class Signatures(BusCase):
    def test_who_signs(self):
        key = os.environ["AWS_ACCESS_KEY_ID"]
        wrong = client(aws_access_key_id=key, aws_secret_access_key="wrong")
        self.refused("InvalidSignatureException", wrong.put_events, Entries=[entry()])
        stranger = client(aws_access_key_id="AKIASTRANGER", aws_secret_access_key="wrong")
        self.refused("UnrecognizedClientException", stranger.put_events, Entries=[entry()])
        for shift, allowed in [(-880, True), (-920, False), (880, True), (920, False)]:
            moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift)
            with mock.patch("botocore.auth.get_current_datetime", return_value=moment.replace(tzinfo=None)):
                if allowed:
                    self.events.put_events(Entries=[entry()])
                else:
                    self.refused("InvalidSignatureException", self.events.put_events, Entries=[entry()])

    def post(self, body, sent=None, service="events", **headers):
        request = AWSRequest("POST", ENDPOINT + "/", data=body, headers={
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSEvents.PutEvents", **headers})
        SigV4Auth(boto3.Session().get_credentials(), service, REGION).add_auth(request)
        return self.answer(sent or body, dict(request.headers))

    def answer(self, body, headers):
        request = urllib.request.Request(ENDPOINT + "/", data=body.encode(), headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, None
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["__type"]

    def test_by_hand(self):
        body = json.dumps({"Entries": [entry()]})
        self.assertEqual(self.post(body), (200, None))
        self.assertEqual(self.post(body, sent=body.replace("Test", "Mine")), (400, "InvalidSignatureException"))
        self.assertEqual(self.post(body, service="sqs"), (400, "InvalidSignatureException"))
        # None at all is what boto3 itself would refuse.
        self.assertEqual(self.post(json.dumps({"Entries": []})), (400, "ValidationException"))
        self.assertEqual(self.post("[]"), (400, "SerializationException"))
        self.assertEqual(
            self.post(body, **{"X-Amz-Target": "AWSEvents.Nonsense"}), (400, "UnknownOperationException"))
        self.assertEqual(
            self.answer(body, {"Content-Type": "application/x-amz-json-1.1"}),
            (400, "MissingAuthenticationTokenException"))


if __name__ == "__main__":
    unittest.main()
