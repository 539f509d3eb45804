# shellcheck shell=bash
# Sourced by the scripts beside it: where the checkout and the toolchain are, and how a script comes to have a Swift under it.
# Every script runs natively where a new enough `swift` is on PATH, and otherwise goes on inside the chroot that deploy/toolchain makes.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
toolchain=$(realpath --canonicalize-missing -- "${ARGYLE_RELAY_TOOLCHAIN:-/opt/argyle-relay-toolchain}")
# The number of the recipe in deploy/toolchain: a chroot with another number is made anew.
recipe=1
# The one file that says whose the folder is. It holds "making" until the chroot is whole, and then the recipe's number.
stamp=$toolchain/.argyle-relay-toolchain
oldest_swift=6.2

say() { printf '%s\n' "$*" >&2; }

# fail STATUS SENTENCE…
fail() {
    local status=$1
    shift
    say "$@"
    exit "$status"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail 69 "This needs root and there is no sudo: $*"
    fi
}

# True where `swift` is Swift's compiler (not OpenStack's client of the same name) and new enough.
native_swift() {
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1) || return 1
    [ -n "$version" ] && [ "$(printf '%s\n' "$oldest_swift" "$version" | sort -V | head -n 1)" = "$oldest_swift" ]
}

toolchain_ready() { [ "$(cat "$stamp" 2>/dev/null)" = "$recipe" ]; }

no_swift() {
    say "There is no Swift $oldest_swift or newer on PATH. Either"
    say "  - install the toolchain from swift.org and run this again, or"
    say "  - run deploy/toolchain once: it makes a chroot with everything from Debian, and this script then uses it."
    exit 69
}

# with_swift ARGUMENTS…: returns where Swift is at hand; otherwise runs the calling script again inside the chroot, with the same arguments.
with_swift() {
    native_swift && return
    toolchain_ready || no_swift
    if [ -n "${KAFKA_HOME:-}" ] && [ ! -x "$toolchain/usr/bin/mvn" ]; then "$checkout/deploy/toolchain"; fi
    exec "$checkout/deploy/in-toolchain" "$checkout/deploy/$(basename "$0")" "$@"
}

# apt_install PACKAGES…: installs with apt, refreshing its lists only if the first try fails.
apt_install() {
    command -v apt-get >/dev/null || fail 69 "Missing, and there is no apt-get here to install it: $*"
    say "Installing from Debian: $*"
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends)
    as_root "${install[@]}" "$@" >/dev/null 2>&1 && return
    as_root apt-get update -q >/dev/null
    as_root "${install[@]}" "$@" >/dev/null
}

# What building needs beside Swift, by what it gives rather than by package: another packager's npm or java serves as well.
need_for_building() {
    local missing=()
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    pkg-config --exists rdkafka 2>/dev/null || missing+=(librdkafka-dev)
    pkg-config --exists openssl 2>/dev/null || missing+=(libssl-dev)
    pkg-config --exists sqlite3 2>/dev/null || missing+=(libsqlite3-dev)
    pkg-config --exists yaml-0.1 2>/dev/null || missing+=(libyaml-dev)
    [ "${#missing[@]}" = 0 ] || apt_install "${missing[@]}"
}

need_for_testing() {
    local missing=() tool
    for tool in kcat curl sqlite3 openssl git npm; do command -v "$tool" >/dev/null || missing+=("$tool"); done
    command -v node >/dev/null || missing+=(nodejs)
    python3 -c 'import jsonschema' 2>/dev/null || missing+=(python3-jsonschema)
    [ "${#missing[@]}" = 0 ] || apt_install "${missing[@]}"
    [ -n "${KAFKA_HOME:-}" ] || return 0
    command -v java >/dev/null || apt_install openjdk-21-jre-headless 2>/dev/null || apt_install openjdk-17-jre-headless
    # Only to fetch one more checker: the tests go without, where it cannot be had.
    command -v mvn >/dev/null || apt_install maven || say "Maven cannot be installed."
}
