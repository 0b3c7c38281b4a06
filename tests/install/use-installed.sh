#!/bin/sh
# use-installed.sh WAY BUILD PREFIX LIBDIR INCLUDE SOVERSION CC...
# Installs BUILD under a scratch root; looks whether all is there; builds and runs a program against it by WAY.
set -eu
way=$1 build=$2 prefix=$3 libdir=$4 include=$5 soversion=$6
shift 6
here=$(cd "$(dirname "$0")" && pwd)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
"$MESON" install -C "$build" --no-rebuild --quiet --destdir "$root"

(cd "$include/lintel" && ls) >"$root/headers"
(cd "$root$prefix/include/lintel" && ls) | diff "$root/headers" - || {
    echo "include/lintel has headers (<) that are not installed (>), or the other way round"
    exit 1
}
soname=$(readelf -d "$root$libdir/liblintel.so" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
if [ "$soname" != "liblintel.so.$soversion" ] || [ ! -e "$root$libdir/$soname" ]; then
    echo "the soname is $soname, not liblintel.so.$soversion, or there is no such file"
    exit 1
fi

# All of pkg-config's directories lie below the root then, and are none that compilers know.
export PKG_CONFIG_SYSROOT_DIR="$root" PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
export PKG_CONFIG_PATH="$root$libdir/pkgconfig" CMAKE_PREFIX_PATH="$root$prefix" LD_LIBRARY_PATH="$root$libdir"
"$here/consumer/build-and-run.sh" "$way" "$@"
