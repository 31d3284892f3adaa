#!/usr/bin/env bash
# SHA-256 of each bundle, of the layer and of their bills of materials: .build/bundles/SHA256SUMS, signed as SHA256SUMS.sig
# where EARSHELF_SIGNING_KEY names a private key (Ed25519, PEM). docs/operations.md says how it is verified.
set -euo pipefail
cd "$(dirname "$0")/../.build/bundles"

rm -f SHA256SUMS SHA256SUMS.sig
LC_ALL=C sha256sum -- *.zip *.spdx.json >SHA256SUMS
key=${EARSHELF_SIGNING_KEY:-}
[ -n "$key" ] || exit 0

refuse() { echo "build.sh: EARSHELF_SIGNING_KEY=$key: $1" >&2; exit 1; }
[ -r "$key" ] || refuse "this file cannot be read"
# RFC 8032. Another kind of key would sign as well, in a way nobody is told to verify.
openssl pkey -in "$key" -noout -text 2>/dev/null </dev/null | grep -q '^ED25519 Private-Key' \
    || refuse "this is no unencrypted Ed25519 key in PEM: make one by 'openssl genpkey -algorithm ed25519 -out $key'"
openssl pkeyutl -sign -rawin -inkey "$key" -in SHA256SUMS -out SHA256SUMS.sig
