/* SPDX-License-Identifier: MIT */
#include "space.h"

#include <errno.h>

#include "code.h"
#include "gap.h"
#include "options.h"
#include "os.h"
#include "probe.h"

static int start_pool(space_t *space)
{
    const lintel_heap_options_t *options = space->options;
    uintptr_t                    page = os_page_size();
    uintptr_t                    first = align_up(add_saturating(options->pool_near, 1), page);
    gap_request_t                request = {
                       .window = {first, add_saturating(add_saturating(options->pool_near, options->pool_reach), 1)},
                       .need = options->pool_size,
                       .want = options->pool_size,
                       .finder = options->gap};
    range_t pages;
    int     result = gap_reserve(&request, &pages);

    if (result)
        return result;
    result = pool_start(&space->pool, &space->slab, pages);
    if (result)
        os_release(pages);
    return result;
}

int space_start(space_t *space, const lintel_heap_options_t *options)
{
    int result = options_keep(options, &space->options);

    if (result)
        return result;
    if (space->options->perf == LINTEL_PERF_MAP)
        os_code_be_nameless();
    if (space->options->pool_size)
        result = start_pool(space);
    if (result)
        space_end(space);
    return result;
}

/* Gives up the oldest range that is held back from the window. Returns whether there was one. */
static bool give_up_held(space_t *space, range_t window)
{
    range_t held;
    bool    any = quarantine_take(&space->quarantine, window, &held);

    if (any)
        space_release(space, held);
    return any;
}

bool space_give_up_held(space_t *space)
{
    return give_up_held(space, os_addresses());
}

void space_end(space_t *space)
{
    while (space_give_up_held(space))
        continue;
    pool_end(&space->pool, &space->slab);
    codemap_end(&space->map);
    starts_end(&space->starts);
    slab_end(&space->slab);
    options_end(space->options);
}

static uintptr_t clamp(uintptr_t address, range_t window)
{
    return max_address(window.start, min_address(address, window.end));
}

/* Of what nobody has. Returns as space_reserve. */
static int reserve_free(space_t *space, range_t window, size_t need, size_t want, range_t *pages)
{
    range_t       pool = space->pool.range;
    lintel_gap_t  finder = space->options->gap;
    gap_request_t below = {{window.start, clamp(pool.start, window)}, need, want, finder, &space->hints};
    gap_request_t above = {{clamp(pool.end, window), window.end}, need, want, finder, &space->hints};
    int           result = gap_reserve(&below, pages);

    if (result && !pool_take(&space->pool, &space->slab, window, need, want, pages))
        return 0;
    if (result == -ENOSPC)
        result = gap_reserve(&above, pages);
    return result;
}

/* What the kernel refuses it may refuse for the sake of any range that is held back. */
static range_t in_the_way(range_t window, int result)
{
    return result == -ENOSPC ? window : os_addresses();
}

int space_reserve(space_t *space, range_t window, size_t need, size_t want, range_t *pages)
{
    gap_request_t whole = {window, need, want, space->options->gap, NULL};
    int           result = reserve_free(space, window, need, want, pages);

    while (result && give_up_held(space, in_the_way(window, result)))
        result = reserve_free(space, window, need, want, pages);
    return result == -ENOSPC ? gap_reserve_clearance(&whole, pages) : result;
}

void space_release(space_t *space, range_t pages)
{
    if (pool_owns(&space->pool, pages))
        pool_return(&space->pool, &space->slab, pages);
    else
        os_release(pages);
}

/* Returns as space_add_region. */
static int enter_region(space_t *space, const region_origin_t *origin, region_t **region)
{
    region_t *added = (region_t *)(void *)slab_allocate(&space->slab);

    if (!added)
        return -ENOMEM;
    region_start(added, origin);
    if (codemap_insert(&space->map, origin->range, added)) {
        slab_free(&space->slab, &added->cell);
        return -ENOMEM;
    }
    *region = added;
    return 0;
}

/* Gives the pages a name, and code its memory. What is written in place is committed whole, so that no late commit
 * makes writable again what was flipped. Returns as space_add_region. */
static int back(const space_t *space, const region_origin_t *origin, uintptr_t *writable)
{
    bool named = space->options->names != LINTEL_OFF && origin->name;

    if (origin->code && space->options->code == LINTEL_CODE_DOUBLE)
        return os_code_map(origin->range, named ? origin->name : "", writable);
    if (named)
        os_name(origin->range, origin->name);
    return origin->code ? os_commit(origin->range) : 0;
}

static int try_to_add(space_t *space, const region_origin_t *origin, region_t **region)
{
    region_origin_t complete = *origin;
    int             result = 0;

    complete.writable = 0;
    if (origin->code)
        result = starts_cover(&space->starts, origin->range);
    if (!result)
        result = back(space, origin, &complete.writable);
    if (!result)
        result = enter_region(space, &complete, region);
    if (result && complete.writable)
        os_release(os_code_second(origin->range, complete.writable));
    return result;
}

/* What is held back is no reason to be refused memory or a mapping. */
int space_add_region(space_t *space, const region_origin_t *origin, region_t **region)
{
    int result = try_to_add(space, origin, region);

    while (result == -ENOMEM && space_give_up_held(space))
        result = try_to_add(space, origin, region);
    return result;
}

/* So many bytes are held back at most. */
static size_t most_held(const space_t *space)
{
    return align_down(min_address(space->options->quarantine, QUARANTINE_MOST), os_page_size());
}

/* Keeps addresses from being used again at once; what cannot be emptied, or is more than may be kept, is released. So
 * are the pool's, which is used from below upward: it would come apart. */
static void hold_back(space_t *space, range_t pages)
{
    range_t out;

    if (pool_owns(&space->pool, pages) || range_size(pages) > most_held(space) || os_reset(pages)) {
        space_release(space, pages);
        return;
    }
    out = quarantine_put(&space->quarantine, pages);
    do
        if (range_size(out))
            space_release(space, out);
    while (quarantine_is_over(&space->quarantine, most_held(space)) &&
           quarantine_take(&space->quarantine, os_addresses(), &out));
}

/* Takes a region out of the map; its addresses go where `let_go` has them go. */
static void take_out(space_t *space, region_t *region, void (*let_go)(space_t *space, range_t pages))
{
    range_t   pages = region_pages(region);
    range_t   whole = {pages.start, region_guard(region).end};
    uintptr_t writable = region_writable(region);
    bool      code = region_is_code(region);

    probe_region_release(region_base(region), pages);
    codemap_remove(&space->map, pages, region);
    slab_free(&space->slab, &region->cell);
    if (code)
        starts_forget(&space->starts, pages);
    if (writable)
        let_go(space, os_code_second(pages, writable));
    let_go(space, whole);
}

void space_remove_region(space_t *space, region_t *region)
{
    take_out(space, region, space_release);
}

void space_retire_region(space_t *space, region_t *region)
{
    take_out(space, region, hold_back);
}

bool space_has_code(const space_t *space)
{
    return starts_first(&space->starts);
}

/* Those of a block's regions that begin there. */
static void copy_regions(space_t *space, uintptr_t base, bool copy)
{
    for (uintptr_t at = base; at < base + STARTS_BLOCK; at += os_page_size()) {
        region_t *region = codemap_lookup(&space->map, at);
        if (region && region_writable(region) && region_first(region) == at)
            code_after_fork(&space->starts, region, copy);
    }
}

void space_after_fork(space_t *space, bool copy)
{
    for (const starts_block_t *block = starts_first(&space->starts); block; block = block->next)
        copy_regions(space, block->base, copy);
}
