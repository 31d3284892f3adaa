"""Webhooks as Svix signs them, and Svix's word on ours.

usage: svix_webhooks.py SEED < {"secret": …, "webhooks": [{"id": …, "timestamp": …, "signature": …, "body": …}]}
Prints {"secret": …, "webhooks": [{…}], "accepted": […]}: the first are Svix's, the last is of those read. Bodies are
base64: what is signed is bytes.
"""

import base64
import datetime
import json
import random
import sys

from svix.webhooks import Webhook, WebhookVerificationError

chance = random.Random(sys.argv[1])
letters = "aZ09 _-.é書🎧\"\\/{}[]\n\t"


def base64_text(content):
    return base64.b64encode(content).decode()


secret = "whsec_" + base64_text(chance.randbytes(chance.choice([24, 32, 64])))
webhooks = []
for _ in range(50):
    body = "".join(chance.choice(letters) for _ in range(chance.randint(0, 400)))
    message = "msg_" + "".join(chance.choice("abcXYZ0189_-") for _ in range(27))
    instant = datetime.datetime.fromtimestamp(chance.randint(1_000_000_000, 4_000_000_000), datetime.timezone.utc)
    webhooks.append({
        "id": message, "timestamp": str(int(instant.timestamp())), "body": base64_text(body.encode()),
        "signature": Webhook(secret).sign(message, instant, body)})

asked = json.load(sys.stdin)
accepted = []
for webhook in asked["webhooks"]:
    headers = {
        "svix-id": webhook["id"], "svix-timestamp": webhook["timestamp"], "svix-signature": webhook["signature"]}
    try:
        Webhook(asked["secret"]).verify(base64.b64decode(webhook["body"]), headers)
        accepted.append(True)
    except json.JSONDecodeError:
        accepted.append(True)
    except WebhookVerificationError:
        accepted.append(False)
print(json.dumps({"secret": secret, "webhooks": webhooks, "accepted": accepted}))
