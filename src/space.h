/* SPDX-License-Identifier: MIT
 *
 * space: what all modules of a heap share: where their address space comes from, where their descriptors come from, and
 * the map from addresses to regions.
 */
#ifndef LINTEL_SPACE_H
#define LINTEL_SPACE_H

#include <lintel/lintel.h>

#include "codemap.h"
#include "gap_hints.h"
#include "pool.h"
#include "quarantine.h"
#include "region.h"
#include "starts.h"

typedef struct module module_t;

typedef struct {
    const lintel_heap_options_t *options; /* complete: no zeros left; read-only (options_keep) */
    slab_t                       slab;
    codemap_t                    map;
    starts_t                     starts; /* of code */
    gap_hints_t                  hints;
    pool_t                       pool;
    quarantine_t                 quarantine; /* of what modules had that are gone */
    _Atomic(module_t *)          announced;  /* modules that have earned the service thread's care since it looked */
} space_t;

/* Ready a zero-initialised space, its early pool included. Returns 0; -EINVAL (an option out of range); -ENOSPC;
 * -ENOMEM. */
int space_start(space_t *space, const lintel_heap_options_t *options);

/* Give everything back; nobody else may be using it. */
void space_end(space_t *space);

/* Reserve at most `want` and at least `need` bytes of the window, the nearest to its start that are free: from the
 * kernel or from the early pool; when nothing else is left, from the quarantine, and then from what is kept clear for
 * the heap and the stack.
 * Returns 0 with whole pages, of which `need` bytes are in the window; -ENOSPC; -ENOMEM. Lock-free. */
int space_reserve(space_t *space, range_t window, size_t need, size_t want, range_t *pages);

/* Give pages back to where they came from. Lock-free. */
void space_release(space_t *space, range_t pages);

/* A region over pages that space_reserve gave, in the map but in no module's list yet; until then nobody claims from
 * it. One for code gets its second view here, whatever origin->writable says, and blocks of marks. Returns 0; -ENOMEM,
 * or as os_code_map, and the pages stay the caller's. Lock-free. */
int space_add_region(space_t *space, const region_origin_t *origin, region_t **region);

/* Give up the oldest range that is held back. Returns whether there was one. Lock-free. */
bool space_give_up_held(space_t *space);

/* Whether there is or was code. Wait-free. */
bool space_has_code(const space_t *space);

/* In the child of a fork, with but one thread: have all code be in memory of the child's own; `copy`: as it was. */
void space_after_fork(space_t *space, bool copy);

/* Take a region out of the map that nobody had bodies of, and give its pages and its descriptor back. Lock-free. */
void space_remove_region(space_t *space, region_t *region);

/* The same for one that had bodies: its addresses go to the quarantine. Lock-free. */
void space_retire_region(space_t *space, region_t *region);

#endif
