#!/usr/bin/env bash
# Builds all bundles of the last commit twice, in two clean folders, and compares the bytes. Nothing that may differ between
# two machines of the same Debian is equal in both: the path, the time zone, the language, the umask.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "build.sh: $*" >&2; exit 1; }
python=$(realpath -s "${EARSHELF_PYTHON:-.build/python/bin/python}")
[ -z "$(git status --porcelain --untracked-files=no 2>/dev/null)" ] \
    || echo "build.sh: what is not committed is left out: bundles are compared of one commit" >&2
commit=$(git rev-parse HEAD) || fail "this is no working copy of git: there is no commit to build twice"
moment=$(git log -1 --format=%ct "$commit")
folder=$(mktemp -d "${TMPDIR:-/var/tmp}/earshelf-twice-XXXXXX")
trap 'rm -rf "$folder"' EXIT

# once FOLDER SETTING...
once() {
    local copy="$folder/$1"
    mkdir -p "$copy/.build"
    git archive "$commit" | tar -x -C "$copy"
    echo "==> $1 of two: $copy"
    (cd "$copy" && umask "$2" && env "${@:3}" SOURCE_DATE_EPOCH="$moment" EARSHELF_COMMIT="$commit" \
        EARSHELF_PYTHON="$python" EARSHELF_SIGNING_KEY= \
        bash -c 'Packaging/static-libraries.sh && Packaging/ffmpeg.sh && Packaging/bundle.sh')
    # What a compilation leaves behind is large, and none of it is compared.
    mv "$copy/.build/bundles" "$folder/bundles-$1"
    rm -rf "$copy"
}
once first 022 TZ=UTC LC_ALL=C.UTF-8
once the-second-which-lies-elsewhere 077 TZ=Asia/Tokyo LC_ALL=C

if ! diff "$folder"/bundles-*/SHA256SUMS; then
    trap - EXIT
    fail "two builds of $commit differ, in what is named above; both are kept in $folder"
fi
echo "Two builds of $commit are the same bytes: $(wc -l <"$folder/bundles-first/SHA256SUMS") files," \
    "SHA-256 of the list $(sha256sum <"$folder/bundles-first/SHA256SUMS" | cut -c1-16)…"
