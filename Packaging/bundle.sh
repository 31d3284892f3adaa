#!/usr/bin/env bash
# One bundle a function: .build/bundles/<name>.zip, holding `bootstrap` and what it reads at run time; and beside them
# ffmpeg-layer.zip, the layer of those that run ffmpeg.
#
# The Swift standard library, libpq, libcurl and OpenSSL are linked in; glibc, libm, libstdc++ and libgcc_s are the
# platform's (provided.al2023: glibc 2.34). Equal sources make equal bytes: times, modes and orders are fixed, whatever the
# folder, the time zone and the umask. Packaging/twice.sh holds it to that.
set -euo pipefail
cd "$(dirname "$0")/.."
umask 022
export TZ=UTC LC_ALL=C.UTF-8

bundles=.build/bundles
static=$PWD/.build/static
log=$PWD/.build/package.log
functions=${FUNCTIONS:-$(ls Functions)}
python=${EARSHELF_PYTHON:-.build/python/bin/python}

# The linker takes the first library of a name that it meets: here only the static ones are.
mkdir -p "$static/lib/pkgconfig"
for library in ssl crypto; do
    ln -sf "/usr/lib/$(gcc -print-multiarch)/lib$library.a" "$static/lib/lib$library.a"
done
describe() {
    printf 'Name: %s\nDescription: static\nVersion: 0\nCflags: -I%s/include %s\nLibs: -L%s/lib %s\n' \
        "$1" "$static" "$2" "$static" "$3" >"$static/lib/pkgconfig/$1.pc"
}
describe libpq "-I$(pg_config --includedir)" "-lpq -lpgcommon_shlib -lpgport_shlib -lssl -lcrypto"
describe libcurl "" "-lcurl -lssl -lcrypto"
describe libcrypto "" "-lcrypto"

gcc -O2 -fPIC -fno-builtin -ffunction-sections -c Packaging/hypot.c -o "$static/lib/hypot.o"

echo "  · release builds of $(wc -w <<<"$functions") functions"
# A package of its own over the same sources: without emulator and tests it depends on nobody, and what the whole was
# resolved to stays. A folder that was built at another path is no use: modules are found by their whole paths.
package=$PWD/.build/packaging
if [ "$(readlink "$package/Core")" != "$PWD/Core" ]; then rm -rf "$package"; fi
mkdir -p "$package"
ln -sfn "$PWD/Package.swift" "$PWD/Core" "$PWD/Functions" "$package/"
# Nobody looks up a symbol in a bundle, so none is exported: a fiftieth less to carry.
EARSHELF_PACKAGING=1 PKG_CONFIG_PATH="$static/lib/pkgconfig" swift build --package-path "$package" -c release \
    --static-swift-stdlib -Xlinker "$static/lib/hypot.o" -Xlinker --gc-sections \
    -Xlinker --no-export-dynamic -Xlinker --build-id=none >"$log" 2>&1 \
    || { tail -n 30 "$log" >&2; echo "build.sh: the functions did not build for release; the whole log: $log" >&2; exit 1; }

rm -rf "$bundles"
mkdir -p "$bundles"
# press FOLDER: into an archive beside it.
press() {
    chmod -R u=rwX,go=rX "$1"
    find "$1" -exec touch -h -d @315532800 {} +
    (cd "$1" && find . -type f | LC_ALL=C sort | zip -q -X -9 "../${1##*/}.zip" -@)
}
bundle() {
    local name=$1 folder="$bundles/$1" program=".build/packaging/.build/release/$1"
    mkdir -p "$folder"
    # The compiler's own hashes of its modules: nobody reads them at run time, and each folder's build has others.
    strip --strip-all --remove-section=.swift_modhash -o "$folder/bootstrap" "$program"
    case "$name" in
        migrate) cp -r Migrations "$folder/Migrations" ;;
        health) "$python" Packaging/openapi.py "$folder/openapi.json" ;;
        page) cp -r Storefront/templates Storefront/messages "$folder/" && rm "$folder/templates/README.md" ;;
    esac
    # Who calls out reads the roots of trust from a hashed folder, one small file at a time: a bundle file costs 15 ms.
    if nm -a "$program" 2>/dev/null | grep ' curl_easy_perform$' >/dev/null; then
        # Under the names they are looked for by, alone: those that people gave them are not all ASCII.
        mkdir -p "$folder/certs"
        cp -L /usr/share/ca-certificates/mozilla/*.crt "$folder/certs/"
        openssl rehash "$folder/certs"
        for link in "$folder"/certs/*.[0-9]; do cp --remove-destination "$(readlink -f "$link")" "$link"; done
        rm "$folder"/certs/*.crt
    fi
    press "$folder"
}
# What becomes /opt. Lambda's PATH has /opt/bin; the roots of trust are one file, which is all that ffmpeg's TLS takes.
layer() {
    local folder="$bundles/ffmpeg-layer" program
    mkdir -p "$folder/bin" "$folder/etc"
    for program in ffmpeg ffprobe; do
        strip --strip-all -o "$folder/bin/$program" "$static/ffmpeg/$program"
    done
    cat /usr/share/ca-certificates/mozilla/*.crt >"$folder/etc/earshelf-roots.pem"
    press "$folder"
}
export -f bundle press
export bundles python
# Pressing them takes the time: as many at once as there are processors.
printf '%s\n' $functions | xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'bundle "$1"' _ {}
layer
Packaging/audit.sh
"$python" Packaging/materials.py "$bundles" .build/packaging/.build/release "$static"
Packaging/checksums.sh
