/* SPDX-License-Identifier: MIT
 *
 * name: a named body of code, and what is said of it.
 */
#ifndef LINTEL_NAME_H
#define LINTEL_NAME_H

#include "unwind.h"

/* Names that are told at once, at most: in the child of a fork, which tells of all. */
#define NAME_BATCH 16

typedef struct name name_t;

/* An entry of gdb's list, as its interface for JIT compilers has it. */
typedef struct gdb_entry gdb_entry_t;

struct gdb_entry {
    gdb_entry_t *next;
    gdb_entry_t *previous;
    const void  *object;
    uint64_t     object_size;
};

/* All of it is written before others see it, save for the links, which are touched between fork_hold and fork_release
 * alone. */
struct name {
    name_t              *next_of_module;
    name_t              *next; /* of all, from the oldest on */
    name_t              *previous;
    gdb_entry_t          gdb; /* its object is NULL where gdb is not told */
    const struct module *module;
    lintel_perf_t        perf;
    range_t              body;
    const char          *text;
    const unsigned char *unwind; /* section and header */
    unwind_size_t        unwind_size;
    bool                 has_room; /* the body goes on behind what is named, where perf would read them */
};

#endif
