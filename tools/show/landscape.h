/* SPDX-License-Identifier: MIT
 *
 * landscape: what pictures and pages show: modules, their regions, and what else is mapped.
 */
#ifndef SHOW_LANDSCAPE_H
#define SHOW_LANDSCAPE_H

#include <stdbool.h>

#include <lintel/lintel.h>

#include "ranges.h"

/* What is not known is 0. */
typedef struct {
    char            *name;
    uint64_t         key;
    uint64_t         serial;
    uintptr_t        base;
    size_t           image_size;
    uint64_t         reach;
    size_t           heap; /* which of the process's heaps it is in, from 0 */
    bool             code;
    bool             closed;
    lintel_stats_t   stats;
    lintel_region_t *regions; /* ascending */
    size_t           region_count;
} landscape_module_t;

typedef struct {
    landscape_module_t *modules; /* by base */
    size_t              module_count;
    ranges_t            mapped; /* everything that is mapped, joined */
} landscape_t;

/* A region, and whose it is. */
typedef struct {
    const landscape_module_t *module;
    const lintel_region_t    *region;
} landscape_region_t;

/* Bodies of all modules, bytes and so on. */
lintel_stats_t landscape_totals(const landscape_t *landscape);

/* All regions, and all images if wanted, joined. What memory is short for is missing. */
ranges_t landscape_ranges(const landscape_t *landscape, bool images);

/* What is mapped and is no region, joined. */
ranges_t landscape_others(const landscape_t *landscape);

/* Every module's regions in one list by address, to be freed; NULL when memory is short. */
landscape_region_t *landscape_regions(const landscape_t *landscape, size_t *count);

/* The offset of the last byte taken in the module's regions; 0 if there is none. */
uint64_t landscape_farthest(const landscape_module_t *module);

void landscape_module_free(landscape_module_t *module);
void landscape_free(landscape_t *landscape);

#endif
