"""Another template and another runtime: Python's own, awslambdaric, polls the emulator's runtime API. What runs on it
is told of a payment by the Stripe stand-in, and verifies with stripe-python that it was Stripe."""

import json
import shlex
import sys
import urllib.parse

import pytest
import stripe
from conftest import client
from shop import EMULATOR, Shop, call

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  StripeWebhookSecrets: { Type: String }
Resources:
  Listener:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code/listener
      Handler: listener.handle
      Runtime: provided.al2023
      MemorySize: 512
      Timeout: 20
      Environment: { Variables: { STRIPE_WEBHOOK_SECRETS: !Ref StripeWebhookSecrets } }
      Events:
        Told: { Type: HttpApi, Properties: { Method: POST, Path: /api/v1/webhooks/stripe } }
"""

HANDLER = '''
import os
import stripe

def handle(event, context):
    if "rawPath" in event:
        told = stripe.Webhook.construct_event(
            event["body"], event["headers"]["stripe-signature"], os.environ["STRIPE_WEBHOOK_SECRETS"])
        print("verified", told["type"], told["data"]["object"]["id"], flush=True)
        return {"statusCode": 204}
    if event.get("fail"):
        raise LookupError("as was asked")
    return {
        "echo": event, "request": context.aws_request_id, "function": context.function_name,
        "remaining": context.get_remaining_time_in_millis(), "memory": context.memory_limit_in_mb}
'''


@pytest.fixture
def python_shop(own_state):
    code = own_state / "code" / "listener"
    code.mkdir(parents=True)
    (own_state / "template.yaml").write_text(TEMPLATE)
    (code / "listener.py").write_text(HANDLER)
    python = shlex.quote(sys.executable)
    (code / "bootstrap").write_text(
        f'#!/bin/sh\nexport PYTHONPATH="$LAMBDA_TASK_ROOT"\nexec {python} -m awslambdaric "$_HANDLER"\n')
    (code / "bootstrap").chmod(0o755)
    # The emulator looks for the program of a function under the last part of its CodeUri.
    products = own_state / "products"
    products.mkdir()
    (products / "listener").symlink_to(code / "bootstrap")
    with Shop(EMULATOR, own_state, template=own_state / "template.yaml", products=products) as shop:
        yield shop


def test_a_python_function_answers_and_fails_as_on_the_platform(python_shop):
    functions = client(python_shop, "lambda")
    answer = functions.invoke(FunctionName="Listener", Payload=json.dumps({"words": "für alle"}))
    told = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, told
    assert told["echo"] == {"words": "für alle"} and told["function"] == "Listener"
    assert told["request"] == answer["ResponseMetadata"]["RequestId"]
    assert 0 < told["remaining"] <= 20_000 and told["memory"] == "512"
    failed = functions.invoke(FunctionName="Listener", Payload=b'{"fail": true}')
    error = json.loads(failed["Payload"].read())
    assert failed["FunctionError"] == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("LookupError", "as was asked")
    assert "stackTrace" in error


def test_stripe_python_verifies_the_stand_ins_webhooks(python_shop):
    stripe_client = stripe.StripeClient(
        "sk_test_earshelf_local", base_addresses={"api": python_shop.addresses["stripe"]}, max_network_retries=0)
    session = stripe_client.v1.checkout.sessions.create({
        "mode": "payment", "success_url": python_shop.addresses["shop"],
        "line_items": [{"quantity": 1, "price_data": {
            "currency": "eur", "unit_amount": 1499, "product_data": {"name": "Down the Rabbit-Hole"}}}]})
    form = {
        "method": "card", "card": "4242424242424242", "expiry": "12 / 49", "cvc": "123", "name": "Ada Lovelace",
        "email": "ada@earshelf.example", "country": "GB"}
    paid = call(
        "POST", session.url, body=urllib.parse.urlencode(form).encode(),
        headers={"content-type": "application/x-www-form-urlencoded"})
    assert paid.status == 303, paid
    python_shop.eventually(
        "the verified webhook", lambda: f"verified checkout.session.completed {session.id}" in python_shop.log())
    forged = call(
        "POST", python_shop.addresses["shop"] + "/api/v1/webhooks/stripe", body={"type": "forged"},
        headers={"stripe-signature": "t=1,v1=00"})
    assert forged.status == 502 and "SignatureVerificationError" in python_shop.log(), forged
