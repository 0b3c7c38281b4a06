#!/bin/sh
# static-library.sh ARCHIVE LIBRARY OBJCOPY AR CC...
# Links all of ARCHIVE into one object, makes every hidden symbol local, and puts that object alone into LIBRARY. The
# names that gdb looks for (gdb.h) are local too, without their version: a program can link other JIT compilers, which
# have the same; and gdb finds them there as long as the program is not stripped.
set -euf
archive=$1 library=$2 objcopy=$3 ar=$4
shift 4

object=${library%.a}.o
"$@" -r -nostdlib -o "$object" -Wl,--whole-archive "$archive" -Wl,--no-whole-archive
"$objcopy" --localize-hidden \
    --redefine-sym __jit_debug_descriptor@LINTEL_GDB=__jit_debug_descriptor \
    --redefine-sym __jit_debug_register_code@LINTEL_GDB=__jit_debug_register_code "$object"
"$objcopy" --localize-symbol __jit_debug_descriptor --localize-symbol __jit_debug_register_code "$object"
rm -f "$library"
"$ar" rcs "$library" "$object"
rm -f "$object"
