#!/bin/sh
# one-object.sh ARCHIVE OBJECT OBJCOPY OBJCOPY-OPTIONS CC...
# Links all of ARCHIVE into one OBJECT and narrows its symbols by OBJCOPY-OPTIONS.
set -euf
archive=$1 object=$2 objcopy=$3 options=$4
shift 4

"$@" -r -nostdlib -o "$object" -Wl,--whole-archive "$archive" -Wl,--no-whole-archive
# shellcheck disable=SC2086 # options is a list of words
"$objcopy" $options "$object"
