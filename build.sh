#!/usr/bin/env bash
# The only build of Earshelf. `./build.sh help` lists what it does.
set -euo pipefail
cd "$(dirname "$0")"

root=$PWD
state=.earshelf
python=$root/.build/python
swift_version=6.3.1
# What Debian 12 must hold. Everything of Python's goes into a private environment.
debian_packages=(
    build-essential git ca-certificates curl gnupg2 zip unzip xz-utils pkg-config
    libcurl4-openssl-dev libssl-dev libpq-dev postgresql ffmpeg flite
    libpocketsphinx-dev pocketsphinx-en-us python3 python3-venv espeak-ng
    fonts-dejavu-core fonts-wqy-microhei poppler-utils qpdf
    chromium-headless-shell node-typescript
    libevent-2.1-7 libc-ares2
    systemd dpkg-dev autoconf automake libtool bison flex perl nasm libmp3lame-dev zlib1g-dev
)

# With how long it has taken so far, in minutes and seconds.
say() { printf '\033[1m==>\033[0m %s \033[2m(%d:%02d)\033[0m\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)); }
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; return; fi
    command -v sudo >/dev/null || fail "root or sudo is needed to install packages: run 'apt-get install ${*: -1}' as root"
    sudo "$@"
}

# --- setup -------------------------------------------------------------------------------------------------------

install_debian_packages() {
    command -v apt-get >/dev/null || fail "this needs Debian 12 (apt-get was not found)"
    local missing=() package
    for package in "${debian_packages[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    say "Installing from Debian: ${missing[*]}"
    as_root apt-get update -q >/dev/null || fail "apt-get update failed: is the package mirror reachable?"
    # Debian would start a cluster of its own beside ours.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" \
        >"$root/.build/apt.log" 2>&1 || { tail -n 15 "$root/.build/apt.log" >&2; fail "a package could not be installed"; }
}

install_python_tools() {
    local wanted installed
    wanted=$(sha256sum Tests/requirements.txt | cut -d' ' -f1)
    installed=$(cat "$python/requirements.sha256" 2>/dev/null || true)
    [ "$wanted" = "$installed" ] && return
    say "Installing the Python tools of the tests into .build/python"
    [ -x "$python/bin/pip" ] || python3 -m venv "$python"
    # uv takes seconds where pip takes minutes, but does not know every mirror that pip was told of.
    "$python/bin/pip" install -q --disable-pip-version-check uv==0.13.9 \
        && "$python/bin/uv" pip install -q --system-certs --python "$python/bin/python" -r Tests/requirements.txt 2>.build/uv.log \
        || "$python/bin/pip" install -q --disable-pip-version-check -r Tests/requirements.txt \
        || fail "the Python tools could not be installed: is PyPI reachable?"
    # The emulator shows the API's description with it.
    ln -sfn "$("$python/bin/python" -c 'import flask_swagger_ui as ui; print(ui.__path__[0])')/dist" .build/swagger-ui
    echo "$wanted" >"$python/requirements.sha256"
}

# fetch_program PACKAGE: no more of it than its programs, below .build/PACKAGE; installed, it would start a service that listens
# on this machine.
fetch_program() {
    local folder=.build/$1
    [ -d "$folder/usr/sbin" ] && return
    say "Fetching $1 from Debian"
    rm -rf "$folder" "$folder-package"
    mkdir -p "$folder-package"
    (cd "$folder-package" && apt-get download -q "$1") >>.build/apt.log 2>&1 \
        || { as_root apt-get update -q >/dev/null && (cd "$folder-package" && apt-get download -q "$1") >>.build/apt.log 2>&1; } \
        || fail "$1 could not be fetched: is the package mirror reachable?"
    dpkg -x "$folder-package/$1"_*.deb "$folder"
}

# Swift is the one prerequisite that Debian does not hold.
find_swift() {
    local private="$root/.build/toolchain/usr/bin"
    [ -x "$private/swift" ] && export PATH="$private:$PATH"
    if command -v swift >/dev/null && swift --version 2>/dev/null | grep -qE 'Swift version (6\.([3-9]|[1-9][0-9])|[7-9])'; then
        return
    fi
    fetch_swift "$private"
}

fetch_swift() {
    local name="swift-$swift_version-RELEASE" platform=debian12 url
    [ "$(uname -m)" = aarch64 ] && platform=debian12-aarch64
    url="https://download.swift.org/swift-$swift_version-release/$platform/$name/$name-$platform.tar.gz"
    say "Swift 6.3 was not found: fetching $url"
    mkdir -p .build/toolchain
    local archive=.build/toolchain/swift.tar.gz
    curl -fL --progress-bar --connect-timeout 20 -o "$archive" "$url" \
        && curl -fsSL --connect-timeout 20 -o "$archive.sig" "$url.sig" \
        && curl -fsSL --connect-timeout 20 -o .build/toolchain/keys.asc https://swift.org/keys/all-keys.asc \
        || fail "Swift could not be fetched. Install Swift $swift_version from https://www.swift.org/install and run this again."
    local keyring=$root/.build/toolchain/keys.gpg
    rm -f "$keyring"
    gpg --batch --quiet --no-default-keyring --keyring "$keyring" --import .build/toolchain/keys.asc 2>/dev/null
    gpg --batch --quiet --no-default-keyring --keyring "$keyring" --verify "$archive.sig" "$archive" 2>/dev/null \
        || { rm -f "$archive"; fail "the signature of the fetched toolchain does not verify: it was deleted"; }
    tar -xzf "$archive" -C .build/toolchain --strip-components=1
    rm -f "$archive"
    export PATH="$1:$PATH"
}

setup() {
    mkdir -p .build "$state"
    install_debian_packages
    install_python_tools
    find_swift
}

# --- build -------------------------------------------------------------------------------------------------------

# For the compiler, always the same: what was compiled with other options is compiled anew. Package.swift says what is indexed.
compiled_with=(--disable-index-store)

# Prints a line now and then, so that minutes of compiling do not look like a hang.
compile() {
    local log=.build/compile.log
    say "Compiling (the first time takes some minutes; the whole log: $log)"
    if ! swift build "${compiled_with[@]}" "$@" 2>&1 | tee "$log" | awk '
        /error:/ { print; next }
        match($0, /^\[[0-9]+\/[0-9]+\]/) {
            split(substr($0, 2, RLENGTH - 2), n, "/")
            if (n[2] > 20 && int(n[1] * 10 / n[2]) != tenth) { tenth = int(n[1] * 10 / n[2]); print "  · " n[1] " of " n[2]; fflush() }
        }'; then
        tail -n 40 "$log" >&2
        fail "it did not compile"
    fi
}

build() {
    setup
    compile "$@"
    # What lies beside the program of `health` in its bundle.
    "$python/bin/python" Packaging/openapi.py .build/debug/openapi.json
}

# --- run ---------------------------------------------------------------------------------------------------------

run() {
    build
    local seed=(--seed "$python/bin/python" Seeds/seed.py) arguments=() argument
    for argument in "$@"; do
        case "$argument" in
            --no-seed) seed=() ;;
            --watch) arguments+=(--watch Functions Core Migrations --rebuild ./build.sh rebuild) ;;
            *) arguments+=("$argument") ;;
        esac
    done
    exec .build/debug/emulator run --template template.yaml --products .build/debug --state "$state" \
        "${arguments[@]}" "${seed[@]}"
}

# rebuild PATH...: what was saved, and no more than that, as quickly as may be. It is what `run --watch` calls.
rebuild() {
    local functions elsewhere log=.build/rebuild.log only=()
    functions=$(printf '%s\n' "$@" | sed -nE 's|^Functions/([^/]+)/.*|\1|p' | sort -u)
    elsewhere=$(printf '%s\n' "$@" | grep -vE '^Functions/[^/]+/|^Migrations(/|$)' || true)
    if [ -z "$functions$elsewhere" ]; then return; fi
    if [ -z "$elsewhere" ] && [ "$(wc -l <<<"$functions")" -eq 1 ]; then only=(--product "$functions"); fi
    swift build "${compiled_with[@]}" "${only[@]}" >"$log" 2>&1 && return
    # The compiler says some of it twice, and under the line it is about.
    grep -E -A 6 'error:' "$log" | awk '/error:/ { isNew = !seen[$0]++ } isNew' >&2 || tail -n 20 "$log" >&2
    exit 1
}

demo() {
    build
    exec "$python/bin/python" Tests/Journey/demo.py --emulator .build/debug/emulator "$@"
}

# --- test --------------------------------------------------------------------------------------------------------

# A throwaway PostgreSQL for the tests: nothing of it is kept.
# start_test_database [FOLDER]: in memory where there is room, for a database for each test is a thousand small files, five
# times as quick there, and so is what else they write; or on the disk, where the folder is.
start_test_database() {
    local bin=/usr/lib/postgresql/15/bin place=${1:-/tmp} free
    free=$(df --output=avail -BM /dev/shm 2>/dev/null | tail -n 1 | tr -dc 0-9) || true
    if [ $# -eq 0 ] && [ "${free:-0}" -gt 4096 ]; then place=/dev/shm; fi
    test_cluster=$(mktemp -d "$place/earshelf-test-XXXXXX")
    as_database() { "$@"; }
    if [ "$(id -u)" -eq 0 ]; then
        chown postgres "$test_cluster"
        as_database() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
    fi
    (cd /tmp && as_database "$bin/initdb" -D "$test_cluster/data" -A trust -U earshelf -E UTF8 --locale=C.UTF-8 >/dev/null
        as_database "$bin/pg_ctl" -D "$test_cluster/data" -w -s -l "$test_cluster/log" start -o \
            "-k $test_cluster -c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=400")
    export TEST_DATABASE_URL="postgresql://earshelf@/postgres?host=$test_cluster"
    # Beside it what else they write, programs among it, and what those that are killed leave.
    if findmnt -n -o OPTIONS -T "$place" | grep -qw noexec; then return; fi
    mkdir "$test_cluster/files"
    export TMPDIR=$test_cluster/files
}

stop_test_database() {
    (cd /tmp && as_database /usr/lib/postgresql/15/bin/pg_ctl -D "$test_cluster/data" -s -m immediate stop) || true
    rm -rf "$test_cluster"
}

check_sources() {
    swift format lint --strict --parallel --recursive --configuration .swift-format Package.swift Core Functions Emulator Tests Benchmarks
    "$python/bin/cfn-lint" template.yaml
    "$python/bin/cfn-lint" --regions us-east-1 -- edge.yaml
    AWS_DEFAULT_REGION=eu-central-1 SAM_CLI_TELEMETRY=0 "$python/bin/sam" validate --lint -t template.yaml >.build/sam.log 2>&1 \
        || { cat .build/sam.log >&2; fail "sam validate --lint finds fault with template.yaml"; }
}

# test [--all], or what `swift test` is to be told.
test_all() {
    setup
    export EARSHELF_PYTHON="$python/bin/python"
    # The API is fuzzed where the parsers are, and forty books are read aloud where there is more to wait for.
    local all=${1:-} later=(--ignore Tests/Conformance/test_schemathesis.py --ignore Tests/Conformance/test_seeds.py)
    if [ -n "$all" ]; then later=(); fi
    if [ $# -gt 0 ] && [ "$all" != --all ]; then
        build --build-tests
        start_test_database
        swift test --skip-build "$@"
        return
    fi
    fetch_program nginx
    fetch_program pgbouncer
    say "Beside the compiler: the style of the sources, template.yaml and edge.yaml"
    beside sources check_sources
    build --build-tests
    await sources
    start_test_database
    if [ -n "$all" ]; then
        say "From now on, for processors that have nothing else to do: every bundle and the layer, each alone in an empty root"
        beside bundles check_bundles
    fi
    say "From now on, beside the rest: the shop in a browser"
    beside browser "$python/bin/python" -m pytest -q Tests/BrowserTests
    say "Testing the modules"
    swift_tests modules --skip '^(RecordsTests|FunctionTests|EmulatorTests|StandInTests)\.'
    say "Testing the records and the functions, on a real PostgreSQL"
    swift_tests functions --filter '^(RecordsTests|FunctionTests)\.'
    # These wait for processes and servers of their own: side by side on two cores they would wait for each other.
    say "Testing the emulator"
    swift_tests emulator --no-parallel --filter '^(EmulatorTests|StandInTests)\.'
    say "The journey from a recording to a listener, on the whole platform"
    "$python/bin/python" Tests/Journey/demo.py --emulator .build/debug/emulator --temporary
    say "Clients nobody here wrote, and faults on purpose"
    # A file's tests stand on one shop; two files, each on its own, have mostly to wait. The longest come first.
    "$python/bin/python" -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder Tests/Conformance "${later[@]}"
    await browser
    if [ -n "$all" ]; then await bundles; fi
    say "Everything holds."
}

declare -A groups=()

# beside NAME COMMAND...: begins it, as a group of processes that ends with this.
beside() {
    set -m
    "${@:2}" >".build/beside-$1.log" 2>&1 &
    set +m
    groups[$1]=$!
}

# await NAME: and tell what it said.
await() {
    local group=${groups[$1]} ended=0
    say "Waiting for: $1"
    wait "$group" || ended=$?
    unset "groups[$1]"
    cat ".build/beside-$1.log"
    [ "$ended" -eq 0 ] || fail "$1: see above"
}

# However it ends.
end_test() {
    local group
    for group in "${groups[@]}"; do kill -- "-$group" 2>/dev/null || true; done
    # They end what they started first.
    for group in "${groups[@]}"; do
        for _ in {1..400}; do
            kill -0 -- "-$group" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL -- "-$group" 2>/dev/null || true
    done
    if [ -n "${test_cluster:-}" ]; then stop_test_database; fi
}
trap end_test EXIT

# swift_tests NAME ARGUMENT...: everything they print goes to a log; here is said how they ended, and last of all what failed.
swift_tests() {
    local log=.build/tests-$1.log
    # Without the package manager, which would read the manifests of all packages anew to find what it has built.
    if .build/debug/earshelfPackageTests.xctest --testing-library swift-testing "${@:2}" >"$log" 2>&1; then
        grep -E 'Test run with [1-9]' "$log" || fail "no test was run: see $log"
        return
    fi
    tail -n 20 "$log" >&2
    grep -E -A 8 'recorded an issue|error:|Fatal' "$log" | grep -v '^{' >&2 || true
    fail "tests failed: the whole log is $log"
}

# What is deployed, and a minute of fuzzing for each target.
check_bundles() {
    renice -n 19 $BASHPID >/dev/null
    package_all
    "$python/bin/python" -m pytest -q Tests/Bundles
    # But for those that make hours of sound, and those that run other programs.
    PATH="$root/.build/bundles/ffmpeg-layer/bin:$PATH" swift_tests layer --filter '^FFmpegTests\.' \
        --skip '^FFmpegTests\.(BytesReadTests|ChildProcessTests)'
    Tests/Fuzzing/run.sh
}

fuzz() {
    if [ "${1:-}" = parsers ]; then
        setup
        exec Tests/Fuzzing/run.sh "${@:2}"
    fi
    build
    exec "$python/bin/python" Tests/Conformance/fuzz.py "$@"
}

# kills [COUNT [SEED]]: whatever works on recordings is killed so often, at moments that nobody chose.
kills() {
    build
    EARSHELF_KILLS=${1:-200} EARSHELF_SEED=${2:-1} exec "$python/bin/python" -m pytest -q -s Tests/Conformance/test_random_kills.py
}

# The README's, anew.
pictures() {
    build
    "$python/bin/python" Tests/BrowserTests/pictures.py
}

# --- bench -------------------------------------------------------------------------------------------------------

# Those that take minutes. `search` and `passages` make whole shops and take longer: each by its name.
quick_benchmarks=(loop emulator endpoints storage growth cost pages)
# What they are measured beside, and what loads them.
bench_packages=(wrk)

# How quick it is, on this machine; what it finds is written to Benchmarks/results.
bench() {
    local name=${1:-} every
    if [ -z "$name" ]; then
        package_once
        for every in "${quick_benchmarks[@]}"; do (bench "$every"); done
        return
    fi
    [ -d "Benchmarks/$name" ] && ls "Benchmarks/$name"/main.* >/dev/null 2>&1 \
        || fail "usage: ./build.sh bench [NAME], one of: $(cd Benchmarks && dirname */main.* | xargs)"
    shift
    case "$name" in
        search | passages)
            build -c release --product "bench-$name"
            start_test_database /var/tmp
            ".build/release/bench-$name" "$@"
            return
            ;;
        *)
            debian_packages+=("${bench_packages[@]}")
            setup
            "$python/bin/python" -m pip install -q --disable-pip-version-check -r Benchmarks/requirements.txt \
                || fail "the packages of Benchmarks/requirements.txt could not be installed: is PyPI reachable?"
            prepare "$name"
            ;;
    esac
    "$python/bin/python" "Benchmarks/$name/main.py" "$@"
}

# Pressing the bundles takes a minute, even where nothing has changed.
package_once() {
    if [ -z "${is_packaged:-}" ]; then package_all; fi
    is_packaged=yes
}

# prepare NAME: what a benchmark measures, as it is deployed and as a release, and what one would use instead.
prepare() {
    case "$1" in
        loop)
            package_once
            compile_echo
            ;;
        emulator)
            compile_echo
            compile -c release --product emulator
            ;;
        storage)
            compile -c release --product emulator
            fetch_program nginx
            ;;
        *)
            package_once
            compile -c release --product emulator
            ;;
    esac
}

# The echo in Swift, built as a bundle is.
compile_echo() {
    local package=$root/.build/benching
    if [ "$(readlink "$package/Core")" != "$root/Core" ]; then rm -rf "$package"; fi
    mkdir -p "$package"
    ln -sfn "$root/Package.swift" "$root/Core" "$root/Functions" "$root/Benchmarks" "$package/"
    EARSHELF_PACKAGING=1 EARSHELF_MEASURING=1 \
        compile --package-path "$package" -c release --static-swift-stdlib --product bench-echo
}

# --- package -----------------------------------------------------------------------------------------------------

# package [--twice]
package_all() {
    setup
    case "${1:-}" in
        "") ;;
        --twice) exec env EARSHELF_PYTHON="$python/bin/python" Packaging/twice.sh ;;
        *) fail "usage: ./build.sh package [--twice]" ;;
    esac
    say "Static C libraries, and ffmpeg"
    Packaging/static-libraries.sh
    Packaging/ffmpeg.sh
    Packaging/bundle.sh
}

# install FOLDER: all that a single server runs, but for its settings (docs/single-server.md). It may be running meanwhile.
install_into() {
    local folder=${1:-} name
    [ -n "$folder" ] || fail "usage: ./build.sh install FOLDER"
    setup
    compile -c release
    mkdir -p "$folder/bin"
    for name in emulator $(ls Functions); do install -m 755 ".build/release/$name" "$folder/bin/$name"; done
    "$python/bin/python" Packaging/openapi.py "$folder/bin/openapi.json"
    install -m 644 template.yaml edge.yaml "$folder/"
    for name in Migrations Storefront docs; do
        rm -rf "${folder:?}/$name.new"
        cp -r "$name" "$folder/$name.new"
        rm -rf "${folder:?}/$name" && mv "$folder/$name.new" "$folder/$name"
    done
    say "Installed in $folder; docs/single-server.md says how it is run"
}

# What is missing is told before minutes are spent on building.
deploy() {
    setup
    local argument
    for argument in "$@"; do
        case "$argument" in --check | -h | --help) exec "$python/bin/python" Packaging/deploy.py "$@" ;; esac
    done
    "$python/bin/python" Packaging/deploy.py --check "$@" || exit 1
    package_all
    exec "$python/bin/python" Packaging/deploy.py "$@"
}

usage() {
    cat <<'HELP'
usage: ./build.sh COMMAND

  run        start the whole shop on this machine, and stop it with Ctrl-C; --port N to choose where, --no-seed to
             leave a new one empty, --watch to have live whatever is saved
  demo       the whole journey, headless, each step with what proves it; --long: a book of three hours [--hours N], killed
             in the middle, or with --faults heard by a service that fails
  test       everything that must hold; --all: and of what is deployed, every bundle and the layer, and all books of a new
             shop, and the API and all that takes apart bytes fuzzed, a minute for each target; or what --filter NAME picks of
             the Swift tests
  fuzz       schemathesis against the API's own description; --examples N for each operation, --caller KIND; or
             `fuzz parsers`: libFuzzer against all that takes apart bytes of others; --seconds N for each target
  kills      sends recordings while functions, PostgreSQL and the emulator are killed; [COUNT [SEED]]
  pictures   the README's pictures of the pages, taken anew
  build      compile
  bench      measure how quick it is, beside what one would use instead: loop, emulator,
             endpoints, storage, growth, cost and pages, which all run without a NAME; and search, passages
  package    one deployable bundle a function and the layer with ffmpeg, in .build/bundles, with checksums and bills of
             materials; --twice: the last commit from two clean folders, whose bundles must be the same bytes
  deploy     package, and deploy it to AWS; what it wants to be told comes from the environment or .env
  install    FOLDER: what a single server runs, built for release
  setup      install what is missing, and nothing else
  clean      forget what was built; --data also forgets the shop's data
HELP
}

command=${1:-help}
[ $# -gt 0 ] && shift
case "$command" in
    setup) setup; say "Everything is there." ;;
    build) build "$@"; say "Built." ;;
    run) run "$@" ;;
    rebuild) rebuild "$@" ;;
    demo) demo "$@" ;;
    test) test_all "$@" ;;
    fuzz) fuzz "$@" ;;
    kills) kills "$@" ;;
    pictures) pictures ;;
    bench) bench "$@" ;;
    package) package_all "$@" ;;
    deploy) deploy "$@" ;;
    install) install_into "$@" ;;
    clean)
        rm -rf .build
        if [ "${1:-}" = --data ]; then rm -rf "$state"; fi
        ;;
    help | -h | --help) usage ;;
    *) usage >&2; fail "there is no command '$command'" ;;
esac
