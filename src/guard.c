/* SPDX-License-Identifier: MIT */
#include "guard.h"

#include "os.h"

/* Where the window ends there may be a page behind it. One behind the pool's pages is the pool's. */
static bool add_behind(const space_t *space, range_t window, range_t *pages)
{
    range_t behind = {pages->end, add_saturating(pages->end, os_page_size())};

    if (pages->end < window.end || pool_owns(&space->pool, *pages) || os_reserve(behind))
        return false;
    pages->end = behind.end;
    return true;
}

int guard_reserve(space_t *space, range_t window, size_t need, size_t want, region_origin_t *origin)
{
    size_t  page = os_page_size();
    bool    always = space->options->guard == LINTEL_ON;
    bool    never = space->options->guard == LINTEL_OFF;
    size_t  guarded = add_saturating(align_up(need, page), page);
    size_t  most = add_saturating(align_up(max_address(need, want), page), never ? 0 : page);
    range_t pages;
    int     result = space_reserve(space, window, always ? guarded : need, most, &pages);

    if (result)
        return result;
    bool has_guard = !never && (add_behind(space, window, &pages) || range_size(pages) >= guarded);
    origin->guard = has_guard ? page : 0;
    origin->range = (range_t){pages.start, pages.end - origin->guard};
    return 0;
}

bool guard_take(region_t *region, range_t window, size_t need, range_t *page)
{
    range_t   guard = region_guard(region);
    uintptr_t end = min_address(guard.end, window.end);

    if (guard.start >= end || need > end - guard.start || !region_yield_guard(region))
        return false;
    *page = guard;
    return true;
}
