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

if [ -f "$stamp" ]; then exit 0; fi
rm -rf "$prefix"
mkdir -p "$prefix"
. Packaging/debian.sh

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
