"""Tokens of PyJWT, and PyJWT's word on tokens of ours.

usage: pyjwt_tokens.py SEED < {"n": …, "e": …, "tokens": [{"algorithm": "RS256", "text": …}]}
Prints {"keySet": …, "tokens": [{"text": …, "claims": …}], "accepted": […]}: the last is of the tokens read.
"""

import json
import random
import sys

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

NOW = 1_767_225_600
chance = random.Random(sys.argv[1])
letters = "aZ09 _-.é書🎧\"\\/"


def text():
    return "".join(chance.choice(letters) for _ in range(chance.randint(1, 20)))


signer = rsa.generate_private_key(public_exponent=65_537, key_size=chance.choice([2_048, 3_072]))
jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(signer.public_key()))
jwk.update({"kid": "py_1", "use": "sig", "alg": "RS256"})
tokens = []
for _ in range(50):
    claims = {
        "iss": "https://clerk.earshelf.example", "sub": text(), "sid": text(), "email": text(),
        "azp": "https://earshelf.example", "aud": chance.choice(["shop", ["a", "shop"]]),
        "exp": NOW + chance.randint(-4, 10_000), "nbf": NOW + chance.randint(-100, 5), "iat": NOW + 0.5,
    }
    tokens.append({
        "text": jwt.encode(claims, signer, algorithm="RS256", headers={"kid": "py_1"}), "subject": claims["sub"],
        "expiresAt": claims["exp"]})

ours = json.load(sys.stdin)
key = jwt.PyJWK({"kty": "RSA", "n": ours["n"], "e": ours["e"], "alg": "RS256"}).key
accepted = []
for token in ours["tokens"]:
    try:
        jwt.decode(
            token["text"], key, algorithms=[token["algorithm"]], options={"verify_exp": False, "verify_aud": False})
        accepted.append(True)
    except jwt.InvalidSignatureError:
        accepted.append(False)
json.dump({"keySet": json.dumps({"keys": [jwk]}), "tokens": tokens, "accepted": accepted}, sys.stdout)
