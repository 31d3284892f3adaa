#!/usr/bin/env bash
# Refuses a bundle that needs more than the platform has, and prints what each weighs.
set -euo pipefail
cd "$(dirname "$0")/../.build/bundles"

allowed='^(libc\.so\.6|libm\.so\.6|libstdc\+\+\.so\.6|libgcc_s\.so\.1|ld-linux-.*\.so\..*)$'
newest_allowed=2.34
faults=0
printf '  %-18s %9s %9s  %-10s %s\n' function bytes zipped glibc curl
for folder in */; do
    name=${folder%/}
    binary=$name/bootstrap
    while read -r library; do
        if ! grep -qE "$allowed" <<<"$library"; then
            echo "build.sh: the bundle of $name needs $library, which the platform does not have" >&2
            faults=1
        fi
    done < <(readelf -d "$binary" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    newest=$(objdump -T "$binary" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)
    if [ "$(printf '%s\n%s\n' "${newest#GLIBC_}" "$newest_allowed" | sort -V | tail -n 1)" != "$newest_allowed" ]; then
        echo "build.sh: the bundle of $name needs $newest: the platform has $newest_allowed" >&2
        objdump -T "$binary" | grep "$newest" >&2
        faults=1
    fi
    curl=no
    [ -d "$name/certs" ] && curl=yes
    printf '  %-18s %9s %9s  %-10s %s\n' "$name" "$(stat -c %s "$binary")" "$(stat -c %s "$name.zip")" "$newest" "$curl"
done
exit $faults
