#!/bin/sh
# use-wrap.sh ROOT CC...: a project of its own takes lintel as a subproject, by the wrap file that ci/dist makes: from
# the release archive, with jemalloc's beside it, without a network.
set -eu
. "$(dirname "$0")/workplace.sh"
shift

jemalloc=$root/subprojects/packagecache/$(sed -n 's/^source_filename = //p' "$root/subprojects/jemalloc.wrap")
[ -f "$jemalloc" ] || {
    echo "skipped: $jemalloc is not there; ci/setup puts it there"
    exit 77
}

cp -R "$root/tests/install/consumer" "$work/consumer"
"$root/ci/dist" "$work/dist"
mkdir -p "$work/consumer/subprojects/packagefiles" "$work/consumer/subprojects/packagecache"
cp "$work"/dist/*.wrap "$work/consumer/subprojects"
cp "$work"/dist/*.tar.xz "$work/consumer/subprojects/packagefiles"
cp "$jemalloc" "$work/consumer/subprojects/packagecache"
"$work/consumer/build-and-run.sh" meson "$@"
