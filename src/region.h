/* SPDX-License-Identifier: MIT
 *
 * region: a reserved range of addresses above a module's base, committed from its start upward as it fills.
 *
 *   R1  base < start <= cursor                       (bump.h: B1)
 *   R2  start <= committed <= end rounded up to a page, and end - 1 <= base + reach
 *   R3  committed only grows, and every page in [start, committed) is readable and writable
 *   R4  a body lies in one region, and is handed out only once `committed` is beyond all of it
 *   R5  a region's guard, the page behind its pages if it has one, is reserved and never accessible
 *
 * A region is a slab cell: lintel_find may look at one that was given up, and tells by the cell's version (S3).
 */
#ifndef LINTEL_REGION_H
#define LINTEL_REGION_H

#include <stdalign.h>

#include "bump.h"
#include "slab.h"
#include "spare.h"

typedef struct region region_t;

struct region {
    slab_cell_t              cell;
    _Atomic(region_t *)      next; /* the module's next older region */
    _Atomic uintptr_t        start;
    _Atomic uintptr_t        base; /* of the module */
    _Atomic uint64_t         key;  /* of the module */
    _Atomic(spare_block_t *) spares;
    _Atomic uintptr_t        module; /* only to compare: the module may be gone */

    alignas(CACHE_LINE) bump_t bump;
    _Atomic uintptr_t committed;
    _Atomic size_t    cache_place; /* of the module */
    _Atomic uintptr_t distance;    /* from a byte to where it is written */
    _Atomic uintptr_t marked;      /* of code: below this, bytes that come from the bump may be marked inside */
    _Atomic bool      code;        /* what is in it is marked (starts.h) */
    _Atomic bool      guard;       /* it has one (R5) */
};

static_assert(sizeof(region_t) <= SLAB_CELL_SIZE, "a region fits a cell");
static_assert(offsetof(region_t, next) == offsetof(spare_block_t, next),
              "a walk along stale links meets nothing but cells");

/* What a region is made of. */
typedef struct {
    range_t        range; /* reserved pages */
    size_t         guard; /* bytes reserved behind them: a page or nothing */
    uintptr_t      limit; /* no body reaches beyond this */
    uintptr_t      base;
    uint64_t       key;
    const char    *name; /* of the module; NULL: none */
    spare_block_t *spares;
    uintptr_t      module;
    size_t         cache_place;
    uintptr_t      writable; /* where the range is written; 0: in place */
    bool           code;     /* of such a module; where it is written in place, it is committed already */
} region_origin_t;

/* Fill in a descriptor over reserved pages, nothing committed; or all of it, of code that is written in place. */
void region_start(region_t *region, const region_origin_t *origin);

uintptr_t region_first(const region_t *region);

/* From its first byte to the last that can be handed out. */
range_t region_bounds(const region_t *region);

/* Of its module. */
uintptr_t region_base(const region_t *region);

/* The pages the region was made of. */
range_t region_pages(const region_t *region);

/* The guard's page; empty if there is none. */
range_t region_guard(const region_t *region);

/* Give the guard up: its page is the caller's then. Returns whether there was one. Wait-free. */
bool region_yield_guard(region_t *region);

uintptr_t region_committed(const region_t *region);

/* Whether nobody ever had a body there, as nothing of it was committed. */
bool region_is_untouched(const region_t *region);

bool region_is_code(const region_t *region);

/* What to add to a byte's address for the address where it is written: 0, if it is written in place. Of a region that
 * has memory. */
uintptr_t region_distance(const region_t *region);

/* Where its pages are written, if that is at another address and they have memory; else 0. */
uintptr_t region_writable(const region_t *region);

/* Say that bytes of code below `end`, which are about to go back to the bump, may be marked. Lock-free. */
void region_keep_marks(region_t *region, uintptr_t end);

/* Below what bytes that were claimed from the bump may be marked. */
uintptr_t region_marked(const region_t *region);

/* Fill committed bytes with a value; nothing, if the region lost its memory meanwhile. */
void region_fill(const region_t *region, range_t bytes, int value);

/* In the child of a fork: the region's bytes are written from `writable` on; or, for 0, it has no memory any more. */
void region_after_fork(region_t *region, uintptr_t writable);

/* How memory is committed. */
typedef struct {
    size_t step;     /* in steps of so many bytes, if they can be had; a power of two */
    bool   populate; /* resident at once */
} commit_policy_t;

/* Make everything below `address` readable and writable. Steps of OS_HUGE_PAGE and more end at multiples of it.
 * Returns 0; -ENOMEM. Lock-free. */
int region_commit(region_t *region, uintptr_t address, commit_policy_t policy);

/* Check R1-R3, in debug builds. */
void region_check(const region_t *region);

#endif
