/* SPDX-License-Identifier: MIT */
#include "region.h"

#include <errno.h>
#include <string.h>

#include "os.h"
#include "probe.h"

/* The distance of a region that has no memory any more: others are whole pages. */
#define NO_MEMORY ((uintptr_t)1)

/* What is already committed is so whole. */
static uintptr_t first_committed(const region_origin_t *origin)
{
    uintptr_t end = align_up(min_address(origin->range.end, origin->limit), os_page_size());

    return origin->code && !origin->writable ? end : origin->range.start;
}

void region_start(region_t *region, const region_origin_t *origin)
{
    /* release, all of them: lintel_find may still be looking at the cell's former use; seeing one of these it sees the
     * changed version too (S3). Whoever uses the region gets it by the module's list or by the codemap. */
    atomic_store_release(&region->next, NULL);
    atomic_store_release(&region->start, origin->range.start);
    atomic_store_release(&region->base, origin->base);
    /* release: as above. */
    atomic_store_release(&region->key, origin->key);
    atomic_store_release(&region->spares, origin->spares);
    /* release: as above. */
    atomic_store_release(&region->module, origin->module);
    atomic_store_release(&region->cache_place, origin->cache_place);
    /* release, all: as above. */
    atomic_store_release(&region->code, origin->code);
    atomic_store_release(&region->guard, origin->guard != 0);
    /* release: as above. */
    atomic_store_release(&region->marked, 0);
    /* release, all: as above. */
    atomic_store_release(&region->distance, origin->writable ? origin->writable - origin->range.start : 0);
    atomic_store_release(&region->committed, first_committed(origin));
    bump_start(&region->bump, (range_t){origin->range.start, min_address(origin->range.end, origin->limit)});
}

uintptr_t region_first(const region_t *region)
{
    /* relaxed: constant while the region is in use; whoever has it acquired it. */
    return atomic_load_relaxed(&region->start);
}

uintptr_t region_base(const region_t *region)
{
    /* relaxed: constant while the region is in use. */
    return atomic_load_relaxed(&region->base);
}

range_t region_pages(const region_t *region)
{
    return (range_t){region_first(region), align_up(bump_end(&region->bump), os_page_size())};
}

range_t region_bounds(const region_t *region)
{
    return (range_t){region_first(region), bump_end(&region->bump)};
}

range_t region_guard(const region_t *region)
{
    uintptr_t end = region_pages(region).end;
    /* relaxed: there is nothing in the page that could be seen too early. */
    bool guard = atomic_load_relaxed(&region->guard);

    return (range_t){end, guard ? end + os_page_size() : end};
}

void region_keep_marks(region_t *region, uintptr_t end)
{
    uintptr_t marked = region_marked(region);

    /* relaxed: bump_return's release, and the claims' acquire, order it. */
    while (marked < end && !atomic_cas_relaxed(&region->marked, &marked, end))
        continue;
}

uintptr_t region_marked(const region_t *region)
{
    /* relaxed: as above. */
    return atomic_load_relaxed(&region->marked);
}

bool region_yield_guard(region_t *region)
{
    bool there = true;

    /* relaxed: one caller gets the page, in which there is nothing to be seen. */
    return atomic_cas_relaxed(&region->guard, &there, false);
}

uintptr_t region_committed(const region_t *region)
{
    /* acquire: pairs with raise_committed's release; the pages below are accessible. */
    return atomic_load_acquire(&region->committed);
}

/* Code that lost its memory to a fork has bodies, and nothing committed. */
bool region_is_untouched(const region_t *region)
{
    uintptr_t first = region_first(region);

    return region_committed(region) == first && bump_level(&region->bump) == first;
}

uintptr_t region_distance(const region_t *region)
{
    /* relaxed: constant while the region is in use; whoever has it acquired it. */
    return atomic_load_relaxed(&region->distance);
}

uintptr_t region_writable(const region_t *region)
{
    uintptr_t distance = region_distance(region);

    return distance && distance != NO_MEMORY ? region_first(region) + distance : 0;
}

bool region_is_code(const region_t *region)
{
    /* relaxed: as in region_distance. */
    return atomic_load_relaxed(&region->code);
}

void region_fill(const region_t *region, range_t bytes, int value)
{
    uintptr_t distance = region_distance(region);

    if (distance != NO_MEMORY)
        memset((void *)(bytes.start + distance), value, range_size(bytes));
}

static void raise_committed(region_t *region, uintptr_t committed)
{
    /* relaxed: the CAS decides. */
    uintptr_t found = atomic_load_relaxed(&region->committed);

    /* release: pairs with region_committed's acquire; the pages below are accessible (R3). */
    while (found < committed && !atomic_cas_release(&region->committed, &found, committed))
        continue;
}

/* Where a step that begins at `committed` and has `address` in it ends. */
static uintptr_t step_end(const region_t *region, uintptr_t committed, uintptr_t address, size_t step)
{
    uintptr_t end = committed + align_up(address - committed, step);

    /* A huge page is to be had only where all of it is committed before its first use. */
    if (step >= OS_HUGE_PAGE)
        end = align_up(end, OS_HUGE_PAGE);
    return min_address(end, region_pages(region).end);
}

static int commit_pages(const region_t *region, range_t pages)
{
    uintptr_t distance = region_distance(region);

    if (distance == NO_MEMORY)
        return -ENOMEM;
    return distance ? os_code_commit((range_t){pages.start + distance, pages.end + distance}) : os_commit(pages);
}

int region_commit(region_t *region, uintptr_t address, commit_policy_t policy)
{
    uintptr_t committed = region_committed(region);

    if (address <= committed)
        return 0;

    uintptr_t target = step_end(region, committed, address, policy.step);
    /* Threads may overlap here: to commit twice changes nothing. */
    if (commit_pages(region, (range_t){committed, target})) {
        target = align_up(address, os_page_size());
        if (commit_pages(region, (range_t){committed, target}))
            return -ENOMEM;
    }
    if (policy.populate)
        os_populate((range_t){committed, target});
    raise_committed(region, target);
    probe_region_commit(region_base(region), region_first(region), (range_t){committed, target});
    region_check(region);
    return 0;
}

void region_after_fork(region_t *region, uintptr_t writable)
{
    /* relaxed, both: in the child there is but one thread. */
    atomic_store_relaxed(&region->distance, writable ? writable - region_first(region) : NO_MEMORY);
    if (!writable)
        atomic_store_relaxed(&region->committed, region_first(region));
}

void region_check(const region_t *region)
{
    range_t pages = region_pages(region);

    assert(region_base(region) < pages.start);
    assert(pages.start <= bump_level(&region->bump));
    assert(pages.start <= region_committed(region) && region_committed(region) <= pages.end);
    (void)pages;
}
