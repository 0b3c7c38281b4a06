/* SPDX-License-Identifier: MIT
 *
 * slab: cells of one size for the descriptors that lintel_alloc needs on its way, got and given back lock-free.
 *
 * Cells are reused but never unmapped before the slab ends, so that a reader may look at one at any time; the cell's
 * version tells it whether what it read still meant what it thought. Chunks double; a cell's index is for life.
 *
 *   S1  a cell is in exactly one place: handed out, on the free list, or above `fresh`
 *   S2  every cell below `fresh` lies in a mapped chunk
 *   S3  a cell's version changes between two uses of it, before any other word of it does
 */
#ifndef LINTEL_SLAB_H
#define LINTEL_SLAB_H

#include "atomic.h"
#include "base.h"

#define SLAB_CELL_SIZE   128
#define SLAB_FIRST_CHUNK 512 /* cells; each further chunk has twice as many */
#define SLAB_CHUNKS      20

/* The start of every cell; the rest is its user's. */
typedef struct {
    _Atomic uint64_t version;
    _Atomic uint32_t next_free; /* on the free list: the next cell's index + 1, 0 at its end */
    uint32_t         index;
} slab_cell_t;

typedef struct {
    _Atomic uint64_t free_list; /* a tag that changes with every pop << 32 | index + 1 of the first cell, 0 if none */
    _Atomic uint32_t fresh;     /* cells that were ever handed out */
    _Atomic(char *)  chunks[SLAB_CHUNKS];
} slab_t;

/* A zero-initialised slab is ready for use. */

/* Get a cell, its user's part in the state its last user left it, zero at first. Returns it, or NULL: out of memory.
 * Lock-free. */
slab_cell_t *slab_allocate(slab_t *slab);

/* Which use of the cell this is. */
static inline uint64_t slab_version(const slab_cell_t *cell)
{
    /* acquire: at the start, what is read later is no older than this; at the end, pairs with slab_free's acq_rel by
     * way of the acquire loads before it: if one of them read a word of a later use, this reads a later version. */
    return atomic_load_acquire(&cell->version);
}

/* Give a cell back. Readers that find the version changed know that it is gone. Lock-free. */
void slab_free(slab_t *slab, slab_cell_t *cell);

/* Unmap everything; no reader may be left. */
void slab_end(slab_t *slab);

#endif
