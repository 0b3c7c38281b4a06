/* SPDX-License-Identifier: MIT */
#include "stats.h"

#include "cache.h"
#include "os.h"

const region_t *stats_first_region(const module_t *module)
{
    /* acquire: pairs with publish's release; the region is filled in. */
    return atomic_load_acquire(&module->regions);
}

const region_t *stats_next_region(const region_t *region)
{
    /* relaxed: constant since the region was published, which the caller acquired. */
    return atomic_load_relaxed(&region->next);
}

lintel_region_t stats_of_region(const region_t *region)
{
    range_t pages = region_pages(region);

    return (lintel_region_t){.start = pages.start,
                             .reserved = range_size(pages),
                             .committed = region_committed(region) - pages.start,
                             .used = bump_level(&region->bump) - pages.start};
}

bool stats_of_prepared(const module_t *module, lintel_region_t *figures)
{
    /* acquire, both: pair with keep_prepared's release; the region is filled in. */
    region_t *region = atomic_load_acquire(&module->prepared);
    uint64_t  version = region ? slab_version(&region->cell) : 0;

    /* acquire: as above; the version is that of a use as this module's. */
    if (!region || atomic_load_acquire(&module->prepared) != region)
        return false;
    /* acquire, all: pair with region_start's releases. One that is given up meanwhile has another version (S3). */
    uintptr_t start = atomic_load_acquire(&region->start);
    uintptr_t end = align_up(atomic_load_acquire(&region->bump.end), os_page_size());
    uintptr_t committed = atomic_load_acquire(&region->committed);
    if (slab_version(&region->cell) != version)
        return false;
    *figures = (lintel_region_t){.start = start, .reserved = end - start, .committed = committed - start};
    return true;
}

static void add_region(lintel_stats_t *stats, const lintel_region_t *figures)
{
    stats->regions++;
    stats->reserved += figures->reserved;
    stats->committed += figures->committed;
}

lintel_stats_t stats_of_module(const module_t *module)
{
    const books_t *books = &module->books;
    /* relaxed, all: figures; exact only when no call is in flight (M2). */
    lintel_stats_t stats = {.modules = 1,
                            .allocated = atomic_load_relaxed(&books->allocated),
                            .allocations = atomic_load_relaxed(&books->allocations),
                            /* relaxed: as above. */
                            .lost = atomic_load_relaxed(&books->lost),
                            .failures = atomic_load_relaxed(&books->failures),
                            .spare = spare_total(&module->spares)};

    cache_count(module, &stats);
    for (const region_t *region = stats_first_region(module); region; region = stats_next_region(region)) {
        lintel_region_t figures = stats_of_region(region);
        add_region(&stats, &figures);
    }
    lintel_region_t prepared;
    if (stats_of_prepared(module, &prepared))
        add_region(&stats, &prepared);
    return stats;
}

static void add_module(lintel_module_t *module, void *context)
{
    lintel_stats_t *sum = context;
    lintel_stats_t  one = stats_of_module(module->module);

    sum->modules += one.modules;
    sum->regions += one.regions;
    sum->reserved += one.reserved;
    sum->committed += one.committed;
    sum->allocated += one.allocated;
    sum->allocations += one.allocations;
    sum->spare += one.spare;
    sum->lost += one.lost;
    sum->failures += one.failures;
}

lintel_stats_t stats_of_heap(const lintel_heap_t *heap)
{
    lintel_stats_t sum = {.reserved = pool_left(&heap->space.pool)};

    registry_visit(&heap->registry, add_module, &sum);
    return sum;
}
