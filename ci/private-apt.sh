# shellcheck shell=bash
# private-apt.sh: apt-get with sources and a state of its own, beside the system's, which stays as it is. It reads the
# system's sources for another kind of package, or for another architecture.

# private_apt_start DIRECTORY KIND prepares an empty state in DIRECTORY, for packages of KIND deb or deb-src.
# One-line and deb822 sources alike are taken along, with all their options.
private_apt_start() {
    private_apt=$1
    local kind=$2 list='' parts='' file
    mkdir -p "$private_apt"/{parts,lists/partial,cache/archives/partial}
    : >"$private_apt/status"
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    for file in "$list" "$parts"*.list "$parts"*.sources; do
        [ -f "$file" ] || continue
        sed -e '/^#/d' -e "s/^deb[[:space:]]/$kind /" -e '/cdrom:/d' -e "s/^Types:.*/Types: $kind/" \
            "$file" >"$private_apt/parts/$(basename "$file")"
    done
    chmod -R a+rwX "$private_apt" # apt downloads as a user of its own
}

# private_apt_get ARGUMENT... is apt-get there.
private_apt_get() {
    apt-get -q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$private_apt/parts" \
        -o Dir::State::lists="$private_apt/lists" -o Dir::Cache="$private_apt/cache" "$@"
}
