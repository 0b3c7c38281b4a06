#!/bin/sh
# check.sh TOOL ARGUMENT... runs a checker, and prints what it found without colours and clang-tidy's small talk.
set -u

if ! command -v "$1" >/dev/null; then
    echo "skipped: $1 is not installed"
    exit 77
fi
output=$("$@" 2>&1) && exit 0
printf '%s\n' "$output" | sed -e 's/\x1b\[[0-9;]*[mK]//g' -e '/^[^ ]*clang-tidy[-0-9.]* /d' -e '/ generated\.$/d'
exit 1
