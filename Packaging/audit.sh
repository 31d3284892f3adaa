#!/usr/bin/env bash
# Refuses a bundle or a layer that needs more than the platform has, and prints what each weighs.
set -euo pipefail
cd "$(dirname "$0")/../.build/bundles"

allowed='^(libc\.so\.6|libm\.so\.6|libstdc\+\+\.so\.6|libgcc_s\.so\.1|ld-linux-.*\.so\..*)$'
newest_allowed=2.34
faults=0
printf '  %-21s %9s %9s  %-10s %s\n' program bytes zipped glibc curl
for program in */bootstrap */bin/*; do
    bundle=${program%%/*}
    name=$bundle
    [ "${program##*/}" = bootstrap ] || name=$bundle/${program##*/}
    while read -r library; do
        if ! grep -qE "$allowed" <<<"$library"; then
            echo "build.sh: $name needs $library, which the platform does not have" >&2
            faults=1
        fi
    done < <(readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    newest=$(objdump -T "$program" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)
    if [ "$(printf '%s\n%s\n' "${newest#GLIBC_}" "$newest_allowed" | sort -V | tail -n 1)" != "$newest_allowed" ]; then
        echo "build.sh: $name needs $newest: the platform has $newest_allowed" >&2
        objdump -T "$program" | grep "$newest" >&2
        faults=1
    fi
    curl=no
    [ -d "$bundle/certs" ] && curl=yes
    printf '  %-21s %9s %9s  %-10s %s\n' "$name" "$(stat -c %s "$program")" "$(stat -c %s "$bundle.zip")" "$newest" "$curl"
done
exit $faults
