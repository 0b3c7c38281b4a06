#!/bin/sh
# debian-packages.sh ROOT: ci/package makes Debian packages in which lintian finds no error, and which programs can be
# built with and run.
set -eu
root=$1

git -C "$root" rev-parse --verify --quiet HEAD >/dev/null 2>&1 || {
    echo 'skipped: packages are made of a commit, and this is no git repository'
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$root/ci/package" "$work"
