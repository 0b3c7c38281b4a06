/* SPDX-License-Identifier: MIT
 *
 * spare: spans that were taken from a bump and never given to a caller, kept lock-free to be used before new space:
 * the tails of regions, padding in front of aligned bodies, claims whose commit was refused, ends of shrunk bodies.
 *
 * A span is one 64-bit word in a slot of a block; blocks are slab cells, chained and never unlinked while their list
 * lives. A word says all there is to know about its span, so that a caller carves bytes off by one compare-and-swap and
 * the rest stays in sight of everybody.
 *
 *   P1  a span's bytes read as zero and belong to nobody else
 *   P2  a word is 0, or the offset of its span from the block's base (high half) and its size (low half)
 *   P3  a block's base never changes while the block is in a list
 */
#ifndef LINTEL_SPARE_H
#define LINTEL_SPARE_H

#include "slab.h"

#define SPARE_SLOTS 12

typedef struct spare_block spare_block_t;

struct spare_block {
    slab_cell_t              cell;
    _Atomic(spare_block_t *) next;
    _Atomic uintptr_t        base;
    _Atomic uint64_t         slots[SPARE_SLOTS];
};

static_assert(sizeof(spare_block_t) <= SLAB_CELL_SIZE, "a block fits a cell");

/* The first block; further ones follow it. */
typedef struct {
    _Atomic(spare_block_t *) anchor; /* NULL before spare_start, then constant */
    _Atomic(spare_block_t *) hint;   /* where a span was found last: where the next search begins */
} spare_t;

/* What to look for. */
typedef struct {
    size_t  size;
    size_t  align;
    range_t window;                               /* the body lies inside */
    bool (*accepts)(void *context, range_t body); /* NULL: any will do */
    void *context;
} spare_request_t;

/* Get the anchor, once; `base` is an address at or below all that will be put. Returns 0; -ENOMEM. Lock-free. */
int spare_start(spare_t *spare, slab_t *slab, uintptr_t base);

/* Add a span, whose bytes read as zero, to a started list. Where it touches another one inside `bounds`, they become
 * one: what belongs together, and no more, lies in there. Returns what could not be kept, for want of memory: its end,
 * or nothing. Lock-free. */
range_t spare_put(spare_t *spare, slab_t *slab, range_t span, range_t bounds);

/* Carve a body off the first span that has room, as low in it as its alignment allows. What was in front of it, if
 * anything, is *front and the caller's, to be put back.
 * Returns whether there was one. Lock-free. */
bool spare_take(spare_t *spare, const spare_request_t *request, range_t *body, range_t *front);

/* Take, whole, the lowest of the spans that have bytes of a range. Returns whether there was one. Lock-free. */
bool spare_take_lowest(spare_t *spare, range_t range, range_t *span);

/* Bytes in all spans. Lock-free. */
uint64_t spare_total(const spare_t *spare);

/* Whether a span of the list that starts at `anchor` has bytes of `range`, as far as it can be told: stops early once
 * `still_valid` says that the list may have been given up; NULL where it cannot be. Wait-free, and safe from signal
 * handlers. */
bool spare_overlaps(spare_block_t *anchor, range_t range, bool (*still_valid)(const void *context),
                    const void *context);

/* Give all blocks back to the slab; nobody else may be using the list. */
void spare_end(spare_t *spare, slab_t *slab);

#endif
