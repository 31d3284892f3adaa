"""Svix's own library, unchanged, verifies what the identity stand-in tells by webhook.

EARSHELF_OIDC_ISSUER              http://127.0.0.1:8085
EARSHELF_IDENTITY_WEBHOOK_PORT    where the stand-in delivers to
EARSHELF_IDENTITY_WEBHOOK_SECRET  whsec_…

Needs: pip install svix
"""

import http.server
import json
import os
import queue
import threading
import urllib.error
import urllib.parse
import urllib.request

from svix.webhooks import Webhook, WebhookVerificationError

ISSUER = os.environ["EARSHELF_OIDC_ISSUER"]
PORT = int(os.environ["EARSHELF_IDENTITY_WEBHOOK_PORT"])
SECRET = os.environ["EARSHELF_IDENTITY_WEBHOOK_SECRET"]
told = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        told.put(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Unfollowing(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def post(path, fields):
    opener = urllib.request.build_opener(Unfollowing)
    try:
        return opener.open(ISSUER + path, urllib.parse.urlencode(fields).encode()).status
    except urllib.error.HTTPError as error:
        return error.code


def heard(kind):
    headers, body = told.get(timeout=30)
    Webhook(SECRET).verify(body, headers)
    event = json.loads(body)
    assert event["type"] == kind, event
    try:
        Webhook(SECRET).verify(body + b" ", headers)
        raise AssertionError("another body passes")
    except WebhookVerificationError:
        pass
    return event["data"]


server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
assert post("/token", {"grant_type": "password", "username": "zoë@earshelf.example"}) == 200
person = heard("user.created")
assert person["email_addresses"][0]["email_address"] == "zoë@earshelf.example", person
assert post(f"/people/{person['id']}", {"name": "Zoë Öst", "email": "z@earshelf.example"}) == 303
changed = heard("user.updated")
assert (changed["first_name"], changed["last_name"]) == ("Zoë", "Öst"), changed
assert changed["updated_at"] > person["updated_at"]
assert post(f"/people/{person['id']}/delete", {}) == 303
assert heard("user.deleted")["id"] == person["id"]
print("svix believes the stand-in")
