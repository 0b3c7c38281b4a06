#!/bin/sh
# configure-here.sh SOURCE BUILD CC CFLAGS LDFLAGS ARGUMENT...
# Runs jemalloc's configure in BUILD, unless it ran there before with the same arguments.
set -eu
source=$1 build=$2 cc=$3 cflags=$4 ldflags=$5
shift 5

mkdir -p "$build"
cd "$build"
wanted="$cc|$cflags|$ldflags|$*"
if [ -f configured ] && [ "$(cat configured)" = "$wanted" ]; then
    exit 0
fi

rm -f configured
if ! sh "$source/configure" CC="$cc" CFLAGS="$cflags" LDFLAGS="$ldflags" "$@" >configure.log 2>&1; then
    echo "jemalloc's configure failed; the end of $build/configure.log:" >&2
    tail -n 20 configure.log >&2
    exit 1
fi
printf '%s' "$wanted" >configured
