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

log_of() {
    echo "$logs/${1//[^a-zA-Z0-9]/-}.log"
}

# What runs in the background, and ends with the script, or the part of it, that started it.
background=()
end_background() {
    [ ${#background[@]} = 0 ] || kill "${background[@]}" 2>/dev/null || true
}
trap end_background EXIT

# watch NAME COMMAND... waits for as long as COMMAND succeeds. Shows the last line of the log of that name as it goes on
# a terminal, and one every 30 seconds elsewhere.
watch() {
    local name=$1 log fifths=0
    log=$(log_of "$name")
    shift
    while "$@" 2>/dev/null; do
        sleep 0.2
        fifths=$((fifths + 1))
        if [ -t 1 ]; then
            printf '\r\033[K%s: %.*s' "$name" $((76 - ${#name})) "$(tail -c 200 "$log" 2>/dev/null | tail -n 1)"
        elif [ $((fifths % 150)) = 0 ]; then
            say "$name: still at it: $(tail -n 1 "$log" 2>/dev/null)"
        fi
    done
    [ ! -t 1 ] || printf '\r\033[K'
}

# follow NAME COMMAND... runs COMMAND into the log of that name, and watches it. Gives COMMAND's exit status.
follow() {
    local name=$1 status=0 process
    shift
    "$@" >"$(log_of "$name")" 2>&1 </dev/null &
    process=$!
    background+=("$process")
    watch "$name" kill -0 "$process"
    wait "$process" || status=$?
    unset 'background[-1]'
    return $status
}

# step NAME COMMAND... is follow, and shows the log's end where COMMAND fails.
step() {
    local name=$1 log status=0
    log=$(log_of "$name")
    follow "$@" || status=$?
    if [ $status != 0 ]; then
        say "$name: failed (status $status); the end of $log:" >&2
        # Ninja's lines about what went well are no help here.
        grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" | tail -n 25 | sed 's/^/    /' >&2 || true
    fi
    return $status
}

# What build builds: targets of Ninja's; everything where none are named.
targets=()

# build CONFIGURATION CC OPTION... brings build/CONFIGURATION up to date, with compiler CC and Meson's options.
build() {
    local configuration=$1 compiler=$2 reconfigure=
    declare -A cxx=([gcc]=g++ [clang]=clang++)
    shift 2
    [ -f "build/$configuration/build.ninja" ] && reconfigure=--reconfigure
    # shellcheck disable=SC2086 # an empty $reconfigure is no argument
    CC=$compiler CXX=${cxx[$compiler]} step "set up $configuration" \
        meson setup $reconfigure "build/$configuration" "$@" &&
        step "build $configuration" ninja -C "build/$configuration" -j "$(nproc)" "${targets[@]}"
}
