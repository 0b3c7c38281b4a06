#!/bin/sh
# build-and-run.sh pkg-config|cmake|meson [CC...]
# Builds the program beside this script against the lintel that the environment leads to, shared and static; runs both.
set -eu
way=$1
shift
[ $# != 0 ] || set -- cc
command -v "$way" >/dev/null || {
    echo "skipped: $way is not installed"
    exit 77
}
here=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Of CC, CMake and Meson take one word from the environment; it may be more, such as ccache and the compiler.
printf '#!/bin/sh\nexec %s "$@"\n' "$*" >"$work/cc"
chmod +x "$work/cc"
export CC="$work/cc"

by_pkg_config() {
    version=$(pkg-config --modversion lintel)
    # shellcheck disable=SC2046 # lists of words
    "$CC" -o "$work/shared" "$here/program.c" $(pkg-config --cflags --libs lintel)
    # shellcheck disable=SC2046
    "$CC" -static -o "$work/static" "$here/program.c" $(pkg-config --static --cflags --libs lintel)
    "$work/shared" "$version"
    "$work/static" "$version"
}

by_cmake() {
    cmake -S "$here" -B "$work" -DCMAKE_BUILD_TYPE=Debug
    cmake --build "$work"
    ctest --test-dir "$work" --output-on-failure
}

by_meson() {
    [ ! -f "$here/subprojects/lintel.wrap" ] || subproject=--force-fallback-for=lintel
    # shellcheck disable=SC2086 # nothing, or one word
    "${MESON:-meson}" setup ${subproject-} "$work/build" "$here"
    ninja -C "$work/build"
    "${MESON:-meson}" test -C "$work/build" --no-rebuild --print-errorlogs
    mv "$work/build/shared" "$work/build/static" "$work"
}

case $way in
pkg-config) by_pkg_config ;;
cmake) by_cmake ;;
meson) by_meson ;;
esac

readelf -d "$work/shared" >"$work/shared.dynamic"
readelf -d "$work/static" >"$work/static.dynamic"
grep 'NEEDED.*liblintel' "$work/shared.dynamic" || {
    echo 'the program that is to use the shared library does not'
    exit 1
}
if grep -q 'NEEDED.*liblintel' "$work/static.dynamic"; then
    echo 'the program that is to be linked statically uses the shared library'
    exit 1
fi
