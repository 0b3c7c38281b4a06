#!/bin/sh
# in-a-kernel.sh INIT PROGRAM...: runs each PROGRAM in a Linux kernel of its own (User-Mode Linux), where INIT has set
# limits that hold for the whole machine. Fails if one of them fails.
set -u

if ! command -v linux.uml >/dev/null; then
    echo 'skipped: there is no linux.uml (package user-mode-linux)'
    exit 77
fi
init=$1
shift
output=$(timeout 300 linux.uml mem=512M rootfstype=hostfs ro quiet con=null con0=fd:0,fd:1 init="$init" -- "$@" \
    </dev/null 2>&1)
printf '%s\n' "$output"
case $output in
*'limits: kept'*) exit 0 ;;
*'limits: broken'*) exit 1 ;;
esac
echo 'skipped: linux.uml does not start here'
exit 77
