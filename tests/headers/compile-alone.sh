#!/bin/sh
# compile-alone.sh HEADER COMPILER...
# Compiles HEADER by itself, included twice, with every warning an error.
set -eu
header=$1
shift

exec "$@" -pedantic-errors -Wall -Wextra -Wshadow -Wundef -Werror -fsyntax-only -include "$header" - <<PROGRAM
#include "$header"
int main(void);
PROGRAM
