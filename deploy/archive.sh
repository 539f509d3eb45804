# shellcheck shell=bash
# Sourced by the scripts that build from the source of a Debian package, after lib.sh: an apt of their own, which knows nothing but the sources of
# one suite of Debian's, from the mirror and by the keys that this machine's own apt uses. Its lists and downloads lie in $scratch.
# shellcheck disable=SC2154 # set by the script that sources this

private_apt() {
    mkdir -p "$scratch"/{lists/partial,archives/partial,etc}
    apt-get -o Dir::Etc::SourceList="$scratch/sources.list" -o Dir::Etc::SourceParts="$scratch/etc" \
        -o Dir::State::Lists="$scratch/lists" -o Dir::Cache="$scratch/archives" -o APT::Sandbox::User="" "$@"
}

# The address of Debian's archive, as this machine's apt has it; it is known once apt's lists were fetched.
debian_mirror() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' | sed -n 's/^Debian|Debian|//p' | head -n 1
}

# fetch_source SUITE PACKAGE: the source package's files, as Debian signed them, in $scratch.
fetch_source() {
    local mirror key=/usr/share/keyrings/debian-archive-keyring.gpg
    mirror=$(debian_mirror)
    if [ -z "$mirror" ]; then
        as_root apt-get update -q
        mirror=$(debian_mirror)
    fi
    if [ -z "$mirror" ]; then
        # Another system with apt, such as Ubuntu, has Debian's address and keys in two packages of its own.
        apt_install debootstrap debian-archive-keyring
        mirror=$(sed -n 's/^DEF_MIRROR="\(.*\)"$/\1/p' "$(command -v debootstrap)")
    fi
    [ -n "$mirror" ] || fail 69 "No archive of Debian's is known here, so the source of $2 cannot be taken from it."
    if [ -e "$key" ]; then key="[signed-by=$key] "; else key=""; fi
    echo "deb-src $key$mirror $1 main" >"$scratch/sources.list"
    private_apt update -q
    cd "$scratch" || return
    private_apt source -q --download-only "$2"
}
