#!/usr/bin/env bash
# Everything of ours that takes apart bytes somebody else chose, under libFuzzer and AddressSanitizer:
#     Tests/Fuzzing/run.sh [--seconds N] [TARGET …]
# As many at once as there are processors, each for so many seconds. What is found stays in .build/fuzzing/found.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=60 names=()
while [ $# -gt 0 ]; do
    case "$1" in
        --seconds) seconds=$2; shift 2 ;;
        *) names+=("$1"); shift ;;
    esac
done
[ ${#names[@]} -gt 0 ] || names=($(ls Tests/Fuzzing/corpus))

package=$PWD/.build/fuzzing log=$PWD/.build/fuzzing.log
if [ "$(readlink "$package/Core")" != "$PWD/Core" ]; then rm -rf "$package"; fi
mkdir -p "$package/found"
ln -sfn "$PWD/Package.swift" "$PWD/Core" "$PWD/Functions" "$PWD/Emulator" "$PWD/Tests" "$package/"
EARSHELF_FUZZING=1 swift build --package-path "$package" -c release --product fuzzing --sanitize=fuzzer \
    -Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing >"$log" 2>&1 \
    || { tail -n 30 "$log" >&2; echo "build.sh: the parsers did not build for fuzzing; the whole log: $log" >&2; exit 1; }

# What was met before and led somewhere new is kept beside the corpus, so that the next run begins there.
fuzz() {
    local name=$1 seen="$package/seen/$1" said="$package/$1.log"
    mkdir -p "$seen"
    if ! TARGET=$name SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$package/.build/release/fuzzing" \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
        -artifact_prefix="$package/found/$name-" "$seen" "Tests/Fuzzing/corpus/$name" >"$said" 2>&1; then
        tail -n 40 "$said"
        echo "build.sh: $name does not stand what it was given; it is kept in .build/fuzzing/found" >&2
        return 1
    fi
    awk -v name="$name" '/number_of_executed_units/ { runs = $2 } /cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
        END { printf "  · %-18s %9d inputs, %5d edges\n", name, runs, cov }' "$said"
}
export -f fuzz
export package seconds
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'fuzz "$1"' _ {}
