/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include <errno.h>

#include "os.h"

int pool_start(pool_t *pool, slab_t *slab, range_t pages)
{
    int result = spare_start(&pool->returned, slab, pages.start);

    if (result)
        return result;
    pool->range = pages;
    bump_start(&pool->bump, pages);
    return 0;
}

static bool take_returned(pool_t *pool, slab_t *slab, range_t window, size_t size, range_t *pages)
{
    spare_request_t request = {.size = size, .align = os_page_size(), .window = window};
    range_t         front;

    if (!spare_take(&pool->returned, &request, pages, &front))
        return false;
    /* What cannot be listed stays reserved and unused until the pool ends. */
    (void)spare_put(&pool->returned, slab, front, pool->range);
    return true;
}

static bool take_fresh(pool_t *pool, range_t window, size_t need, size_t want, range_t *pages)
{
    size_t page = os_page_size();

    for (;;) {
        uintptr_t start = bump_level(&pool->bump);
        uintptr_t end = min_address(window.end, pool->range.end);
        if (start < window.start || start >= end || need > end - start)
            return false;
        range_t claim = {start, min_address(align_up(end, page), align_up(add_saturating(start, want), page))};
        if (bump_claim_at(&pool->bump, claim)) {
            *pages = claim;
            return true;
        }
    }
}

int pool_take(pool_t *pool, slab_t *slab, range_t window, size_t need, size_t want, range_t *pages)
{
    size_t page = os_page_size();

    if (take_returned(pool, slab, window, align_up(want, page), pages) || take_fresh(pool, window, need, want, pages) ||
        take_returned(pool, slab, window, align_up(need, page), pages))
        return 0;
    return -ENOSPC;
}

void pool_return(pool_t *pool, slab_t *slab, range_t pages)
{
    /* What cannot be reset or listed stays reserved and unused until the pool ends. */
    if (!os_reset(pages))
        (void)spare_put(&pool->returned, slab, pages, pool->range);
}

bool pool_owns(const pool_t *pool, range_t pages)
{
    return range_contains(pool->range, pages);
}

uint64_t pool_left(const pool_t *pool)
{
    return pool->range.end - bump_level(&pool->bump) + spare_total(&pool->returned);
}

void pool_end(pool_t *pool, slab_t *slab)
{
    spare_end(&pool->returned, slab);
    if (range_size(pool->range))
        os_release(pool->range);
}
