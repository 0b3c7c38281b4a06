/* SPDX-License-Identifier: MIT
 *
 * codemap: address -> region, or what else a map is made for, as the processor's page tables do it: four levels of 512
 * entries over 48 bits, a whole entry at any level where a region covers it. Read with plain atomic loads, in constant
 * time, from anywhere.
 *
 *   C1  an entry is 0, a region, or a table (lowest bit set); a table, once there, stays until the map ends
 *   C2  while a region is in the map, exactly the entries under its pages lead to it
 */
#ifndef LINTEL_CODEMAP_H
#define LINTEL_CODEMAP_H

#include "atomic.h"
#include "base.h"

#define CODEMAP_ENTRIES 512

typedef struct {
    _Atomic uintptr_t entries[CODEMAP_ENTRIES];
} codemap_table_t;

/* A zero-initialised map is ready for use. */
typedef struct {
    codemap_table_t root;
} codemap_t;

/* Enter a region for the pages of `range`, which no other region in the map has.
 * Returns 0; -ENOMEM, with nothing entered. Lock-free. */
int codemap_insert(codemap_t *map, range_t range, void *what);

/* Take the region out again. Lock-free. */
void codemap_remove(codemap_t *map, range_t range, void *what);

/* The region whose pages hold `address`, or NULL. Wait-free, and safe from signal handlers. */
void *codemap_lookup(const codemap_t *map, uintptr_t address);

/* Unmap the tables; no reader may be left. */
void codemap_end(codemap_t *map);

#endif
