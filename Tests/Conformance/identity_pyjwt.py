"""PyJWT, unchanged, verifies the identity stand-in's tokens.

EARSHELF_OIDC_ISSUER   http://127.0.0.1:8085
EARSHELF_STORE_ORIGIN  an origin of the shop's pages; http://127.0.0.1:8080 unless set

Needs: pip install 'PyJWT[crypto]'
"""

import base64
import hashlib
import json
import os
import secrets
import urllib.error
import urllib.parse
import urllib.request

import jwt

ISSUER = os.environ["EARSHELF_OIDC_ISSUER"]
ORIGIN = os.environ.get("EARSHELF_STORE_ORIGIN", "http://127.0.0.1:8080")


def get(url, headers=None):
    return json.load(urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})))


def post(url, fields):
    return json.load(urllib.request.urlopen(url, urllib.parse.urlencode(fields).encode()))


class Unfollowing(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def sign_in(discovery, person):
    """The authorization code flow with PKCE, as a browser goes through it."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    redirect = f"{ORIGIN}/signed-in"
    request = {
        "client_id": "earshelf", "redirect_uri": redirect, "response_type": "code", "state": "s",
        "scope": "openid profile email", "nonce": "n", "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    endpoint = discovery["authorization_endpoint"]
    page = urllib.request.urlopen(f"{endpoint}?{urllib.parse.urlencode(request)}").read().decode()
    assert "Ada Lovelace" in page
    fields = urllib.parse.urlencode(request | {"person": person}).encode()
    try:
        urllib.request.build_opener(Unfollowing).open(endpoint, fields)
        raise AssertionError("a redirect was expected")
    except urllib.error.HTTPError as error:
        assert error.code == 303, error.code
        answer = urllib.parse.parse_qs(urllib.parse.urlparse(error.headers["location"]).query)
    assert answer["state"] == ["s"] and answer["iss"] == [ISSUER]
    return post(
        discovery["token_endpoint"],
        {
            "grant_type": "authorization_code", "client_id": "earshelf", "code": answer["code"][0],
            "redirect_uri": redirect, "code_verifier": verifier,
        },
    )


def main():
    discovery = get(f"{ISSUER}/.well-known/openid-configuration")
    assert discovery["issuer"] == ISSUER

    def verified(token, **options):
        # A client of its own each time: PyJWT would keep the keys for minutes.
        key = jwt.PyJWKClient(discovery["jwks_uri"]).get_signing_key_from_jwt(token)
        return jwt.decode(
            token, key.key, algorithms=["RS256"], issuer=ISSUER,
            options={"require": ["exp", "iat", "nbf", "sub", "iss"]} | options.pop("options", {}), **options
        )

    script = post(discovery["token_endpoint"], {"grant_type": "password", "username": "editor"})
    claims = verified(script["access_token"])
    assert claims["sub"] == "user_editor" and claims["sts"] == "active"
    assert claims["sid"].startswith("sess_") and claims["azp"] and claims["email"]

    tokens = sign_in(discovery, "user_ada")
    assert verified(tokens["access_token"])["azp"] == ORIGIN
    identity = verified(
        tokens["id_token"], audience="earshelf", options={"require": ["exp", "iat", "sub", "aud"]})
    assert identity["nonce"] == "n" and identity["sub"] == "user_ada"
    person = get(discovery["userinfo_endpoint"], {"authorization": f"Bearer {tokens['access_token']}"})
    assert person["sub"] == "user_ada"

    head, body, signature = tokens["access_token"].split(".")
    forged = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged["sub"] = "user_editor"
    forged = base64.urlsafe_b64encode(json.dumps(forged).encode()).rstrip(b"=").decode()
    try:
        verified(f"{head}.{forged}.{signature}")
        raise AssertionError("a forged token was accepted")
    except jwt.InvalidSignatureError:
        pass

    old = jwt.get_unverified_header(tokens["access_token"])["kid"]
    rotated = post(f"{ISSUER}/rotate?immediate=1", {})["kid"]
    fresh = post(discovery["token_endpoint"], {"grant_type": "password", "username": "ben"})["access_token"]
    assert jwt.get_unverified_header(fresh)["kid"] == rotated != old
    assert verified(fresh)["sub"] == "user_ben"
    assert verified(tokens["access_token"])["sub"] == "user_ada"
    print(f"PyJWT {jwt.__version__}: the stand-in's tokens are good")


if __name__ == "__main__":
    main()
