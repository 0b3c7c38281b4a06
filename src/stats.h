/* SPDX-License-Identifier: MIT
 *
 * stats: the books of modules and heaps.
 */
#ifndef LINTEL_STATS_H
#define LINTEL_STATS_H

#include "registry.h"

/* The figures of one module, whose regions the caller keeps alive. Lock-free. */
lintel_stats_t stats_of_module(const module_t *module);

/* The figures of one region. */
lintel_region_t stats_of_region(const region_t *region);

/* The figures of the region that is prepared to follow the newest one. Returns whether there is one. */
bool stats_of_prepared(const module_t *module, lintel_region_t *figures);

/* The sum over a heap's modules, and what is left of its pool. Lock-free after the thread's first call. */
lintel_stats_t stats_of_heap(const lintel_heap_t *heap);

/* The module's newest region, and the one after `region`; NULL at the end. */
const region_t *stats_first_region(const module_t *module);
const region_t *stats_next_region(const region_t *region);

#endif
