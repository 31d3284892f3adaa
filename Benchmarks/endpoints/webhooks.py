"""Events of Stripe's, signed as it signs them."""

import hashlib
import hmac
import json
import time


def webhook_event(number):
    """Of a kind that concerns nobody: it is verified, kept, and put aside."""
    return json.dumps({
        "id": f"evt_bench_{number}", "object": "event", "api_version": "2026-07-29.dahlia", "created": 1795762800,
        "livemode": False, "type": "product.updated", "pending_webhooks": 1,
        "data": {"object": {"id": "prod_bench", "object": "product", "active": True, "name": "Jane Eyre", "metadata": {}}}})


def signature(body, secret):
    at = int(time.time())
    return f"t={at},v1={hmac.new(secret.encode(), f'{at}.{body}'.encode(), hashlib.sha256).hexdigest()}"
