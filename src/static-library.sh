#!/bin/sh
# static-library.sh ARCHIVE LIBRARY OBJCOPY AR CC...
# Links all of ARCHIVE into one object, makes every hidden symbol local, and puts that object alone into LIBRARY.
set -euf
archive=$1 library=$2 objcopy=$3 ar=$4
shift 4

object=${library%.a}.o
"$@" -r -nostdlib -o "$object" -Wl,--whole-archive "$archive" -Wl,--no-whole-archive
"$objcopy" --localize-hidden "$object"
rm -f "$library"
"$ar" rcs "$library" "$object"
rm -f "$object"
