/* SPDX-License-Identifier: MIT
 *
 * pool: address space reserved early, for regions when nothing else is left within reach of a module.
 *
 * A bump in whole pages, and a list of ranges that came back. All of it is reserved, none of it committed.
 */
#ifndef LINTEL_POOL_H
#define LINTEL_POOL_H

#include "bump.h"
#include "spare.h"

/* A zero-initialised pool is empty. */
typedef struct {
    range_t range;
    bump_t  bump;
    spare_t returned;
} pool_t;

/* Make a pool of reserved pages. Returns 0; -ENOMEM, and the pages stay the caller's. */
int pool_start(pool_t *pool, slab_t *slab, range_t pages);

/* Take at most `want` and at least `need` bytes, in whole pages, that start in the window and have `need` bytes in it.
 * Returns 0; -ENOSPC. Lock-free. */
int pool_take(pool_t *pool, slab_t *slab, range_t window, size_t need, size_t want, range_t *pages);

/* Give pages back: they are reset to what a fresh reservation is. Lock-free. */
void pool_return(pool_t *pool, slab_t *slab, range_t pages);

/* Whether the pages are the pool's. */
bool pool_owns(const pool_t *pool, range_t pages);

/* Bytes that nobody has. */
uint64_t pool_left(const pool_t *pool);

/* Unmap it all; nobody else may be using it. */
void pool_end(pool_t *pool, slab_t *slab);

#endif
