# shellcheck shell=bash
# common.sh: what the scripts beside it share. Quiet when all is well; the log's tail when not.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
logs=$root/build/logs
mkdir -p "$logs"

say() {
    printf '%s: %s\n' "$(basename "$0")" "$*"
}

fail() {
    say "$*" >&2
    exit 1
}

# step NAME COMMAND... runs COMMAND into a log of that name. Shows its last line as it goes on a terminal, and a line
# every 30 seconds elsewhere. Gives its exit status, having shown the log's end if that is not 0.
step() {
    local name=$1 log seconds=0 status=0 process
    log=$logs/${name//[^a-zA-Z0-9]/-}.log
    shift
    "$@" >"$log" 2>&1 </dev/null &
    process=$!
    trap 'kill '$process' 2>/dev/null' EXIT
    while kill -0 $process 2>/dev/null; do
        sleep 0.2
        seconds=$((seconds + 1))
        if [ -t 1 ]; then
            printf '\r\033[K%s: %.*s' "$name" $((76 - ${#name})) "$(tail -c 200 "$log" | tail -n 1)"
        elif [ $((seconds % 150)) = 0 ]; then
            say "$name: still at it: $(tail -n 1 "$log")"
        fi
    done
    wait $process || status=$?
    trap - EXIT
    [ -t 1 ] && printf '\r\033[K'
    if [ $status != 0 ]; then
        say "$name: failed (status $status); the end of $log:" >&2
        tail -n 40 "$log" | sed 's/^/    /' >&2
    fi
    return $status
}

# build CONFIGURATION CC OPTION... brings build/CONFIGURATION up to date, with compiler CC and Meson's options.
build() {
    local configuration=$1 compiler=$2 reconfigure=
    shift 2
    [ -f "build/$configuration/build.ninja" ] && reconfigure=--reconfigure
    # shellcheck disable=SC2086 # an empty $reconfigure is no argument
    CC=$compiler CXX=${compiler/%gcc/g++} step "set up $configuration" \
        meson setup $reconfigure "build/$configuration" "$@" &&
        step "build $configuration" ninja -C "build/$configuration"
}
