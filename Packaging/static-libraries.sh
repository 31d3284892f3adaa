#!/usr/bin/env bash
# Builds small static libcurl and libpq from Debian's own sources into .build/static.
#
# Debian's shared builds drag in thirty further libraries (GSSAPI, LDAP, ICU, SSH …) that no function uses and every cold
# start pays for. The sources are verified by apt against Debian's archive keys; nothing of the machine's own apt
# configuration is touched. Which sources it were is kept in .build/static/sources, for the bills of materials.
set -euo pipefail
cd "$(dirname "$0")/.."

prefix="$PWD/.build/static"
stamp="$prefix/sources"
work="$PWD/.build/static-work"
jobs=$(nproc)

if [ -f "$stamp" ]; then exit 0; fi
rm -rf "$prefix" "$work"
mkdir -p "$prefix" "$work/apt/lists/partial" "$work/apt/sources.d" "$work/apt/cache/archives/partial"

step() { printf '  · %s\n' "$1"; }
quietly() {
    if ! "$@" >>"$work/log" 2>&1; then
        tail -n 30 "$work/log" >&2
        echo "build.sh: '$1' failed while building the static libraries; the whole log: $work/log" >&2
        exit 1
    fi
}

# Debian's own archives, as this machine knows them, asked for sources.
for list in /etc/apt/sources.list.d/*.sources; do
    [ -f "$list" ] && grep -q 'debian-archive-keyring\|debian\.org' "$list" \
        && sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/apt/sources.d/$(basename "$list")"
done
[ -f /etc/apt/sources.list ] && sed -n 's/^deb \(.*bookworm.*\)/deb-src \1/p' /etc/apt/sources.list \
    | grep debian >"$work/apt/sources.d/debian.list" || true
apt_with() {
    local tool=$1
    shift
    "$tool" -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/apt/sources.d" \
        -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root "$@"
}

# The newest source the mirror holds: it may lag behind the binary package by a security update.
fetch() {
    local package=$1 versions version
    versions=$(apt_with apt-cache showsrc --only-source "$package" 2>/dev/null \
        | awk '/^Version:/ {print $2}' | sort -rV | uniq)
    for version in $versions; do
        if (cd "$work" && apt_with apt-get source --only-source "$package=$version" >>"$work/log" 2>&1); then
            step "source of $package $version"
            echo "$package $version" >>"$work/sources"
            return 0
        fi
    done
    echo "build.sh: no Debian source of $package could be fetched; see $work/log" >&2
    exit 1
}

quietly apt_with apt-get update
fetch curl
fetch postgresql-15

step "libcurl: HTTP and TLS, nothing else"
cd "$work"/curl-*/
[ -x configure ] || quietly autoreconf -fi
quietly ./configure --prefix="$prefix" --disable-shared --enable-static --with-openssl --with-pic \
    --without-libpsl --without-brotli --without-zstd --without-zlib --without-libidn2 --without-librtmp \
    --without-libssh2 --without-libgsasl --without-nghttp2 --without-ngtcp2 --disable-ldap --disable-ldaps --disable-rtsp \
    --disable-dict --disable-telnet --disable-tftp --disable-pop3 --disable-imap --disable-smb --disable-gopher \
    --disable-mqtt --disable-ftp --disable-file --disable-ntlm --disable-manual --disable-libcurl-option \
    --disable-alt-svc --disable-hsts --disable-kerberos-auth --disable-negotiate-auth --disable-aws
quietly make -j"$jobs" -C lib
quietly make -C lib install
quietly make -C include install

step "libpq: TLS, nothing else"
cd "$work"/postgresql-15-*/
# Where libpq looks for pg_service.conf is a part of it: not below the folder in which it happens to be built.
quietly ./configure --prefix="$prefix" --sysconfdir=/etc/postgresql-common --with-openssl --without-readline --without-zlib --without-gssapi --without-ldap \
    --without-icu --without-llvm
quietly make -j"$jobs" -C src/backend generated-headers
quietly make -j"$jobs" -C src/common
quietly make -j"$jobs" -C src/port
quietly make -j"$jobs" -C src/interfaces/libpq all-static-lib
cp src/interfaces/libpq/libpq.a src/common/libpgcommon_shlib.a src/port/libpgport_shlib.a "$prefix/lib/"

cd "$prefix/../.."
mv "$work/sources" "$stamp"
rm -rf "$work"
