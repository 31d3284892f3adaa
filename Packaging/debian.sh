# Sourced by what builds from Debian's own sources, in the folder $work, which it makes anew.
#
# They are verified by apt against Debian's archive keys; nothing of the machine's own apt configuration is touched. Which
# sources it were is kept in $work/sources.
rm -rf "$work"
mkdir -p "$work/apt/lists/partial" "$work/apt/sources.d" "$work/apt/cache/archives/partial"
jobs=$(nproc)

step() { printf '  · %s\n' "$1"; }
quietly() {
    if ! "$@" >>"$work/log" 2>&1; then
        tail -n 30 "$work/log" >&2
        echo "build.sh: '$1' failed, of what is built from Debian's sources; the whole log: $work/log" >&2
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
