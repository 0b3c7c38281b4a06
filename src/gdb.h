/* SPDX-License-Identifier: MIT
 *
 * gdb: its interface for JIT compilers: a list of objects in memory, which it looks at when it attaches, and whenever a
 * function is called on which it has a breakpoint.
 *
 * It looks for the list and the function by two names, in each loaded file. In the shared library they are exported, as
 * it reads no other names of a stripped file; and under a version of symbols that nobody else asks for, so that other
 * JIT compilers in the process, whose lists go by the same names, never take lintel's for theirs. lintel itself goes by
 * other names, and so never takes theirs.
 */
#ifndef LINTEL_GDB_H
#define LINTEL_GDB_H

#include "name.h"

/* Show gdb the entry's object, or no more. Constant time, for lintel. Between fork_hold and fork_release. */
void gdb_add(gdb_entry_t *entry);
void gdb_remove(gdb_entry_t *entry);

#endif
