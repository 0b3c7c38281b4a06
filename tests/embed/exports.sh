#!/bin/sh
# exports.sh shared|static LIBRARY HEADER...
# The library's global names are exactly the functions that the headers declare; and in the shared one those by which
# gdb finds the names of bodies (src/gdb.h), under a version of their own that is not the default.
set -eu
kind=$1 library=$2
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ "$kind" = shared ]; then
    names='nm -D --defined-only'
else
    names='nm -g --defined-only'
fi
$names "$library" | awk 'NF == 3 && $2 != "A" && $3 !~ /^__odr_asan/ { sub(/@@LINTEL_[0-9.]*$/, "", $3); print $3 }' |
    sort >"$work/exported"
sed -n 's/^LINTEL_API .*[ *]\(lintel_[a-z_]*\)(.*/\1/p' "$@" >"$work/names"
if [ "$kind" = shared ]; then
    printf '%s@LINTEL_GDB\n' __jit_debug_descriptor __jit_debug_register_code >>"$work/names"
fi
sort "$work/names" >"$work/declared"
if ! diff "$work/declared" "$work/exported" >"$work/difference"; then
    echo "declared in a header (<) but not exported by $library (>), or the other way round:"
    cat "$work/difference"
    exit 1
fi

[ "$kind" = static ] && exit 0
readelf -d "$library" >"$work/dynamic"
if ! grep -q NODELETE "$work/dynamic"; then
    echo "$library is not marked nodelete: thread keys of jemalloc and liburcu-bp would outlive it"
    exit 1
fi
if grep -q STATIC_TLS "$work/dynamic"; then
    echo "$library needs static TLS, which a dlopen may not get"
    exit 1
fi
