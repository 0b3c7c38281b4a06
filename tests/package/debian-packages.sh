#!/bin/sh
# debian-packages.sh ROOT: ci/package makes Debian packages in which lintian finds no error, and which programs can be
# built with and run.
set -eu
. "$(dirname "$0")/workplace.sh"

"$root/ci/package" "$work"
