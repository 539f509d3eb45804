# shellcheck shell=bash
# Sourced by the scripts beside it: where the checkout and the caches are, where Swift's compiler and the Swift packages come from, and what is
# installed for building and testing. Each decision is a function that only decides; Tests/Deploy holds them to a table.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
toolchain=$(realpath --canonicalize-missing -- "${ARGYLE_RELAY_TOOLCHAIN:-/opt/argyle-relay-toolchain}")
# All that these scripts keep outside of the checkout and of the chroot.
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/argyle-relay
# The number of the recipe in deploy/toolchain: a chroot with another number is made anew.
recipe=2
# The one file that says whose the folder is. It holds "making" until the chroot is whole, and then the recipe's number.
stamp=$toolchain/.argyle-relay-toolchain
oldest_swift=6.0

say() { printf '%s\n' "$*" >&2; }

# fail STATUS SENTENCE…
fail() {
    local status=$1
    shift
    say "$@"
    exit "$status"
}

may_be_root() { [ "$(id -u)" = 0 ] || command -v sudo >/dev/null; }

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail 69 "This needs root and there is no sudo: $*"
    fi
}

# timed SENTENCE CMD…: says what is done and how long it took. What CMD prints is shown on a terminal; elsewhere only when it failed.
# CMD runs in a shell of its own, which ends at its first fault, and its variables with it.
timed() {
    local began=$SECONDS sentence=$1 log='' status=0
    shift
    if [ -t 2 ]; then
        say "$sentence …"
        (set -e; "$@") >&2 &
    else
        log=$(mktemp)
        printf '%s … ' "$sentence" >&2
        (set -e; "$@") >"$log" 2>&1 &
    fi
    wait $! || status=$?
    if [ "$status" = 0 ]; then
        if [ -t 2 ]; then say "$sentence: $((SECONDS - began)) s"; else say "$((SECONDS - began)) s"; fi
    elif [ -n "$log" ]; then
        say "failed after $((SECONDS - began)) s:"
        cat "$log" >&2
    fi
    [ -z "$log" ] || rm -f "$log"
    return "$status"
}

# --- Where the compiler comes from -----------------------------------------------------------------------------------------------------

# Prints the folder of a `swift` that is Swift's compiler (not OpenStack's client of the same name) and new enough: on PATH, or else where
# swift.org's archives and swiftly put it.
swift_folder() {
    local candidate version
    for candidate in "$(command -v swift)" /opt/swift/usr/bin/swift "${SWIFTLY_BIN_DIR:-${HOME:-/root}/.local/share/swiftly/bin}/swift"; do
        if [ ! -x "$candidate" ]; then continue; fi
        version=$("$candidate" --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)
        [ -n "$version" ] || continue
        [ "$(printf '%s\n' "$oldest_swift" "$version" | sort -V | head -n 1)" = "$oldest_swift" ] || continue
        dirname "$candidate"
        return
    done
    return 1
}

native_swift() { swift_folder >/dev/null; }

# Whether this is Debian 13 or later, whose archive carries a Swift that is new enough. Testing and unstable have no number.
debian_with_swift() {
    local ID='' VERSION_ID=''
    # shellcheck source=/dev/null
    . "${os_release:-/etc/os-release}" 2>/dev/null || return 1
    [ "$ID" = debian ] && [ "${VERSION_ID:-99}" -ge 13 ] 2>/dev/null
}

toolchain_ready() { [ "$(cat "$stamp" 2>/dev/null)" = "$recipe" ]; }

# Prints where the compiler comes from: native, apt, chroot or none.
compiler_choice() {
    if native_swift; then
        echo native
    elif [ "$(uname -s)" != Linux ] || ! may_be_root; then
        echo none
    elif debian_with_swift && command -v apt-get >/dev/null; then
        echo apt
    elif toolchain_ready || command -v debootstrap >/dev/null || command -v apt-get >/dev/null; then
        echo chroot
    else
        echo none
    fi
}

no_swift() {
    fail 69 "There is no Swift $oldest_swift or newer here, and none can be had: that takes root or sudo, and Debian 13 or a Linux with apt-get or debootstrap." \
        "Install a toolchain from https://www.swift.org/install/ and run this again."
}

use_native_swift() {
    local folder
    folder=$(swift_folder) || no_swift
    case ":$PATH:" in *":$folder:"*) ;; *) export PATH=$folder:$PATH ;; esac
}

# with_swift ARGUMENTS…: returns where Swift is at hand; otherwise runs the calling script again inside the chroot, with the same arguments.
with_swift() {
    case $(compiler_choice) in
        native) ;;
        apt) apt_install swiftlang ;;
        chroot)
            "$checkout/deploy/toolchain"
            exec "$checkout/deploy/in-toolchain" "$checkout/deploy/$(basename "$0")" "$@"
            ;;
        none) no_swift ;;
    esac
    use_native_swift
}

# --- Where the Swift packages come from ------------------------------------------------------------------------------------------------

github_answers() { timeout 5 git ls-remote --exit-code https://github.com/apple/swift-nio.git HEAD >/dev/null 2>&1; }

# Whether this machine's git has another place for GitHub's packages already, as the chroot's has.
packages_are_redirected() { git config --get-regexp '^url\..*\.insteadof$' 2>/dev/null | grep -q ' https://github\.com/\(apple/\)\{0,1\}$'; }

# Prints where the Swift packages come from: configured, github, debian or none.
packages_choice() {
    if packages_are_redirected; then
        echo configured
    elif github_answers; then
        echo github
    elif command -v apt-get >/dev/null; then
        echo debian
    else
        echo none
    fi
}

# redirect_packages FOLDER: has these scripts' git, and nobody else's, find GitHub's packages in FOLDER.
redirect_packages() {
    local count=${GIT_CONFIG_COUNT:-0}
    export "GIT_CONFIG_KEY_$count=url.$1/.insteadOf" "GIT_CONFIG_VALUE_$count=https://github.com/apple/"
    count=$((count + 1))
    # They may have been made by root.
    export "GIT_CONFIG_KEY_$count=safe.directory" "GIT_CONFIG_VALUE_$count=*"
    export GIT_CONFIG_COUNT=$((count + 1))
}

# Sets `swift_options`, for every call of swift that may fetch packages: what SwiftPM remembers of them belongs to where they came from.
use_swift_packages() {
    local choice before=$checkout/.build/packages-from
    choice=$(packages_choice)
    case $choice in
        debian)
            "$checkout/deploy/swift-packages" "$cache/swift-packages"
            redirect_packages "$cache/swift-packages"
            ;;
        none) fail 69 "GitHub cannot be reached, and there is no apt-get to take the Swift packages from Debian's archive." ;;
    esac
    # The same version has another revision there.
    if [ "$(cat "$before" 2>/dev/null)" != "$choice" ]; then
        rm -rf "$checkout"/.build/{checkouts,repositories,workspace-state.json} "$checkout/Package.resolved"
        mkdir -p "$checkout/.build"
        echo "$choice" >"$before"
    fi
    # shellcheck disable=SC2034 # used by the scripts beside this one
    swift_options=(--cache-path "$cache/swiftpm/$choice/cache" --config-path "$cache/swiftpm/$choice/configuration"
        --security-path "$cache/swiftpm/$choice/security")
    # The scripts inherit it from here; see Package.swift.
    case $choice in
        debian) [ ! -e "$cache/swift-packages/other-versions" ] || export ARGYLE_RELAY_PACKAGE_RANGES=true ;;
        configured) [ ! -e /opt/swift-packages/other-versions ] || export ARGYLE_RELAY_PACKAGE_RANGES=true ;;
    esac
}

# --- What else is needed ---------------------------------------------------------------------------------------------------------------

# apt_install PACKAGES…: installs with apt, refreshing its lists only if the first try fails.
apt_install() {
    command -v apt-get >/dev/null || fail 69 "Missing, and there is no apt-get here to install it: $*"
    timed "Installing from Debian: $*" apt_install_now "$@" || fail 69 "apt-get could not install: $*"
}

apt_install_now() {
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends)
    as_root "${install[@]}" "$@" >/dev/null 2>&1 && return
    as_root apt-get update -q
    as_root "${install[@]}" "$@"
}

# What building needs beside Swift, by what it gives rather than by package: another packager's npm or java serves as well.
need_for_building() {
    local missing=() library
    command -v git >/dev/null || missing+=(git)
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    for library in rdkafka=librdkafka-dev openssl=libssl-dev sqlite3=libsqlite3-dev yaml-0.1=libyaml-dev libcurl=libcurl4-openssl-dev; do
        pkg-config --exists "${library%=*}" 2>/dev/null || missing+=("${library#*=}")
    done
    [ "${#missing[@]}" = 0 ] || apt_install "${missing[@]}"
}

need_for_testing() {
    local missing=() tool
    for tool in kcat curl sqlite3 openssl git npm gcc; do command -v "$tool" >/dev/null || missing+=("$tool"); done
    command -v node >/dev/null || missing+=(nodejs)
    command -v ps >/dev/null || missing+=(procps)
    python3 -c 'import jsonschema' 2>/dev/null || missing+=(python3-jsonschema)
    python3 -c 'import pip' 2>/dev/null || missing+=(python3-pip)
    [ "${#missing[@]}" = 0 ] || apt_install "${missing[@]}"
    [ -n "${KAFKA_HOME:-}" ] || return 0
    command -v java >/dev/null || (apt_install openjdk-21-jre-headless) || apt_install openjdk-17-jre-headless
    # Only to fetch one more checker: the tests go without, where it cannot be had.
    command -v mvn >/dev/null || (apt_install maven) || say "Maven cannot be installed."
}
