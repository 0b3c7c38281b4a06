#!/bin/sh
# use-installed.sh BUILD PREFIX LIBDIR PROGRAM CC...
# Installs BUILD under a scratch root; builds PROGRAM against it with pkg-config, shared and static; runs both.
set -eu
build=$1 prefix=$2 libdir=$3 program=$4
shift 4

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
"$MESON" install -C "$build" --no-rebuild --quiet --destdir "$root"

lintel() {
    PKG_CONFIG_PATH=$root$libdir/pkgconfig "$PKG_CONFIG" --define-variable=prefix="$root$prefix" "$@" lintel
}

echo "shared, version $(lintel --modversion):"
# shellcheck disable=SC2046 # lists of words
"$@" -o "$root/shared" "$program" $(lintel --cflags --libs)
LD_LIBRARY_PATH=$root$libdir "$root/shared" "$(lintel --modversion)"
readelf -d "$root/shared" | grep -q 'NEEDED.*liblintel\.so\.[0-9]*\]'

echo 'static:'
# shellcheck disable=SC2046
"$@" -static -o "$root/static" "$program" $(lintel --static --cflags --libs)
"$root/static" "$(lintel --modversion)"
