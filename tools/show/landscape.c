/* SPDX-License-Identifier: MIT */
#include "landscape.h"

#include <stdlib.h>

lintel_stats_t landscape_totals(const landscape_t *landscape)
{
    lintel_stats_t totals = {.modules = landscape->module_count};

    for (size_t i = 0; i < landscape->module_count; i++) {
        const lintel_stats_t *stats = &landscape->modules[i].stats;

        totals.regions += stats->regions;
        totals.reserved += stats->reserved;
        totals.committed += stats->committed;
        totals.allocated += stats->allocated;
        totals.allocations += stats->allocations;
        totals.spare += stats->spare;
        totals.lost += stats->lost;
        totals.failures += stats->failures;
    }
    return totals;
}

ranges_t landscape_ranges(const landscape_t *landscape, bool images)
{
    ranges_t ranges = {0};

    for (size_t i = 0; i < landscape->module_count; i++) {
        const landscape_module_t *module = &landscape->modules[i];

        if (images)
            ranges_add(&ranges, module->base, module->base + module->image_size);
        for (size_t j = 0; j < module->region_count; j++)
            ranges_add(&ranges, module->regions[j].start, module->regions[j].start + module->regions[j].reserved);
    }
    ranges_join(&ranges);
    return ranges;
}

ranges_t landscape_others(const landscape_t *landscape)
{
    ranges_t regions = landscape_ranges(landscape, false);
    ranges_t others = {0};

    ranges_subtract(&landscape->mapped, &regions, &others);
    ranges_free(&regions);
    return others;
}

static int by_start(const void *left, const void *right)
{
    const landscape_region_t *a = left;
    const landscape_region_t *b = right;

    return (a->region->start > b->region->start) - (a->region->start < b->region->start);
}

landscape_region_t *landscape_regions(const landscape_t *landscape, size_t *count)
{
    landscape_region_t *regions;
    size_t              capacity = 1;

    for (size_t i = 0; i < landscape->module_count; i++)
        capacity += landscape->modules[i].region_count;
    regions = calloc(capacity, sizeof(*regions));
    *count = 0;
    for (size_t i = 0; regions != NULL && i < landscape->module_count; i++)
        for (size_t j = 0; j < landscape->modules[i].region_count; j++)
            regions[(*count)++] = (landscape_region_t){&landscape->modules[i], &landscape->modules[i].regions[j]};
    if (*count > 0)
        qsort(regions, *count, sizeof(*regions), by_start);
    return regions;
}

uint64_t landscape_farthest(const landscape_module_t *module)
{
    for (size_t i = module->region_count; i > 0; i--)
        if (module->regions[i - 1].used > 0)
            return module->regions[i - 1].start + module->regions[i - 1].used - 1 - module->base;
    return 0;
}

void landscape_module_free(landscape_module_t *module)
{
    free(module->name);
    free(module->regions);
    *module = (landscape_module_t){0};
}

void landscape_free(landscape_t *landscape)
{
    for (size_t i = 0; i < landscape->module_count; i++)
        landscape_module_free(&landscape->modules[i]);
    free(landscape->modules);
    ranges_free(&landscape->mapped);
    *landscape = (landscape_t){0};
}
