/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include <errno.h>
#include <stdlib.h>

static int by_base(const void *left, const void *right)
{
    const landscape_module_t *a = left;
    const landscape_module_t *b = right;

    if (a->base != b->base)
        return a->base < b->base ? -1 : 1;
    return a->serial < b->serial ? -1 : a->serial > b->serial;
}

static int by_start(const void *left, const void *right)
{
    const lintel_region_t *a = left;
    const lintel_region_t *b = right;

    return (a->start > b->start) - (a->start < b->start);
}

/* Room for a power of two of them. */
int snapshot_add(snapshot_t *snapshot, landscape_module_t *module)
{
    landscape_t *landscape = &snapshot->landscape;
    size_t       count = landscape->module_count;

    if ((count & (count - 1)) == 0) {
        size_t              capacity = count > 0 ? 2 * count : 1;
        landscape_module_t *grown = realloc(landscape->modules, capacity * sizeof(*grown));

        if (grown == NULL) {
            landscape_module_free(module);
            return -ENOMEM;
        }
        landscape->modules = grown;
    }
    if (module->region_count > 0)
        qsort(module->regions, module->region_count, sizeof(*module->regions), by_start);
    landscape->modules[landscape->module_count++] = *module;
    *module = (landscape_module_t){0};
    return 0;
}

void snapshot_finish(snapshot_t *snapshot, uint64_t pool)
{
    landscape_t *landscape = &snapshot->landscape;

    if (landscape->module_count > 0)
        qsort(landscape->modules, landscape->module_count, sizeof(*landscape->modules), by_base);
    snapshot->totals = landscape_totals(landscape);
    snapshot->totals.reserved += pool;
    clock_gettime(CLOCK_REALTIME, &snapshot->taken);
}

void snapshot_free(snapshot_t *snapshot)
{
    landscape_free(&snapshot->landscape);
    *snapshot = (snapshot_t){0};
}
