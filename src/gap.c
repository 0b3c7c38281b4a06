/* SPDX-License-Identifier: MIT */
#include "gap.h"

#include <errno.h>

#include "os.h"

/* So often somebody may map what was seen to be free before the finder is taken to be blind. */
#define MOST_RACES 256

#define PROBE_STEP ((size_t)64 << 10)

/* Ranges to keep clear of what grows. */
typedef struct {
    range_t heap;
    range_t stack;
} clearance_t;

/* Looks for free ranges, upward. */
typedef struct {
    os_maps_t   maps;
    clearance_t clear;
    uintptr_t   end;
} search_t;

static clearance_t clearance_now(void)
{
    uintptr_t now = align_up(os_break(), os_page_size());

    return (clearance_t){.heap = {now, now ? add_saturating(now, HEAP_CLEARANCE) : 0}, .stack = os_stack()};
}

static range_t intersection(range_t a, range_t b)
{
    uintptr_t start = max_address(a.start, b.start);

    return (range_t){start, max_address(start, min_address(a.end, b.end))};
}

/* If `keep` lies nearer to `at` than the obstacle found so far, it is the obstacle. */
static void consider(range_t keep, uintptr_t at, range_t *obstacle)
{
    if (keep.end > at && keep.start < obstacle->start)
        *obstacle = keep;
}

/* The free range at or above `at`. Returns 0; -ENOSPC (none before the end); -EIO (the source of mappings broke). */
static int next_free(search_t *search, uintptr_t at, range_t *free)
{
    while (at < search->end) {
        range_t obstacle = {search->end, search->end};
        int     result = os_maps_next(&search->maps, at, &obstacle);
        if (result && result != -ENOENT)
            return result;
        consider(search->clear.heap, at, &obstacle);
        consider(search->clear.stack, at, &obstacle);
        if (obstacle.start > at) {
            *free = (range_t){at, min_address(obstacle.start, search->end)};
            return 0;
        }
        at = obstacle.end;
    }
    return -ENOSPC;
}

/* Reserves from the start of `free`, as much of `want` as the kernel allows. */
static int reserve_most(const gap_request_t *request, range_t free, range_t *reserved)
{
    size_t page = os_page_size();
    size_t need = align_up(request->need, page);
    size_t size = min_address(align_up(request->want, page), align_up(range_size(free), page));

    for (;;) {
        range_t range = {free.start, free.start + size};
        int     result = os_reserve(range);
        if (result == 0)
            *reserved = range;
        if (result != -ENOMEM || size <= need)
            return result;
        size = max_address(need, align_down(size / 2, page));
    }
}

/* Finds and reserves in one go through the mappings. Returns as gap_reserve, or -EEXIST (somebody was faster), or -EIO.
 */
static int reserve_next(search_t *search, const gap_request_t *request, range_t *reserved)
{
    range_t free = {0, request->window.start};

    for (;;) {
        int result = next_free(search, free.end, &free);
        if (result)
            return result;
        if (range_size(free) >= request->need)
            return reserve_most(request, free, reserved);
    }
}

/* Looks again whenever somebody maps what was seen to be free. Returns as gap_reserve, or -ENOSYS (not to be had here),
 * or -EIO (broke, or blind). */
static int reserve_seen(const gap_request_t *request, os_maps_source_t source, const clearance_t *clear,
                        range_t *reserved)
{
    int result = -EEXIST;

    for (int races = 0; result == -EEXIST && races < MOST_RACES; races++) {
        search_t search = {.clear = *clear, .end = request->window.end};
        result = os_maps_open(&search.maps, source);
        if (result)
            return result;
        result = reserve_next(&search, request, reserved);
        os_maps_close(&search.maps);
    }
    return result == -EEXIST ? -EIO : result;
}

/* Extends a reservation as far towards `want` bytes as goes by halves, and not beyond the page of `limit`. */
static void extend(size_t want, uintptr_t limit, range_t *reserved)
{
    size_t    page = os_page_size();
    uintptr_t end = align_up(min_address(add_saturating(reserved->start, want), limit), page);

    for (; end > reserved->end; end = align_down(reserved->end + (end - reserved->end) / 2, page))
        if (!os_reserve((range_t){reserved->end, end})) {
            reserved->end = end;
            return;
        }
}

/* Tries one place after the other; an obstacle to keep clear of is stepped over. */
static int reserve_probing(const gap_request_t *request, const clearance_t *clear, range_t *reserved)
{
    range_t window = request->window;

    for (uintptr_t at = window.start; at < window.end && request->need <= window.end - at;
         at = align_down(at, PROBE_STEP) + PROBE_STEP) {
        range_t obstacle = {window.end, window.end};
        consider(clear->heap, at, &obstacle);
        consider(clear->stack, at, &obstacle);
        range_t range = {at, align_up(at + request->need, os_page_size())};
        if (obstacle.start < range.end && obstacle.start < window.end) {
            at = min_address(obstacle.end, window.end) - 1;
            continue;
        }
        int result = os_reserve(range);
        if (result == -EEXIST)
            continue;
        if (result == 0) {
            extend(request->want, min_address(obstacle.start, window.end), &range);
            *reserved = range;
        }
        return result;
    }
    return -ENOSPC;
}

/* Whether every page of the range is mapped, or to be kept clear. */
static bool is_full(range_t range, const clearance_t *clear)
{
    for (uintptr_t at = range.start; at < range.end;) {
        range_t obstacle = {range.end, range.end};
        consider(clear->heap, at, &obstacle);
        consider(clear->stack, at, &obstacle);
        if (obstacle.start > at && !os_is_mapped((range_t){at, obstacle.start}))
            return false;
        at = obstacle.end;
    }
    return true;
}

/* Goes from one way of looking to the next where one is not to be had. */
static int reserve_any(const gap_request_t *request, range_t within, const clearance_t *clear, range_t *reserved)
{
    gap_request_t clipped = *request;
    bool          automatic = request->finder == LINTEL_GAP_AUTO;
    int           result = -ENOSYS;

    clipped.window = intersection(intersection(request->window, within), os_addresses());
    if (range_size(clipped.window) < request->need)
        return -ENOSPC;
    if (automatic || request->finder == LINTEL_GAP_QUERY)
        result = reserve_seen(&clipped, OS_MAPS_QUERY, clear, reserved);
    if ((automatic && (result == -ENOSYS || result == -EIO)) || request->finder == LINTEL_GAP_TEXT)
        result = reserve_seen(&clipped, OS_MAPS_TEXT, clear, reserved);
    if ((automatic && (result == -ENOSYS || result == -EIO)) || request->finder == LINTEL_GAP_PROBE)
        result = reserve_probing(&clipped, clear, reserved);
    return result == -ENOSYS || result == -EIO ? -ENOSPC : result;
}

/* Moves the window's start on to the last hint before which there is nothing free. Returns its index; GAP_HINTS if
 * there is none. */
static unsigned pass_over(const gap_hints_t *hints, const clearance_t *clear, range_t *window)
{
    unsigned last = GAP_HINTS;

    for (;;) {
        gap_hint_t hint = gap_hints_find(hints, *window);
        if (!hint.place || !is_full((range_t){window->start, hint.place}, clear))
            return last;
        window->start = hint.place;
        last = hint.index;
    }
}

/* Reserves all that is wanted at the window's start, without a look at the mappings. Returns whether it could. */
static bool reserve_at_start(const gap_request_t *request, const clearance_t *clear, range_t *reserved)
{
    range_t   usable = intersection(request->window, os_addresses());
    uintptr_t end = align_up(add_saturating(request->window.start, request->want), os_page_size());
    range_t   range = {request->window.start, end};
    range_t   obstacle = {usable.end, usable.end};

    consider(clear->heap, range.start, &obstacle);
    consider(clear->stack, range.start, &obstacle);
    if (!range_contains(usable, range) || obstacle.start < range.end || os_reserve(range))
        return false;
    *reserved = range;
    return true;
}

/* Where a hint leads, all before it is passed over: what begins there is the nearest range, if it is free. */
int gap_reserve(const gap_request_t *request, range_t *reserved)
{
    if (range_size(request->window) < request->need)
        return -ENOSPC;

    clearance_t   clear = clearance_now();
    gap_request_t rest = *request;
    unsigned      hint = pass_over(request->hints, &clear, &rest.window);
    int           result = 0;

    if (hint == GAP_HINTS || !reserve_at_start(&rest, &clear, reserved))
        result = reserve_any(&rest, os_addresses(), &clear, reserved);
    if (!result)
        gap_hints_keep(request->hints, hint, reserved->end);
    return result;
}

int gap_reserve_clearance(const gap_request_t *request, range_t *reserved)
{
    clearance_t clear = clearance_now();
    clearance_t stack_only = {.heap = {0, 0}, .stack = clear.stack};
    clearance_t nothing = {{0, 0}, {0, 0}};
    int         result = -ENOSPC;

    if (range_size(intersection(request->window, clear.heap)) == 0)
        return reserve_any(request, clear.stack, &nothing, reserved);
    /* Leave brk half of its clearance, then a quarter, and so on. */
    for (uintptr_t keep = range_size(clear.heap); keep && result == -ENOSPC;) {
        keep = keep < PROBE_STEP ? 0 : keep / 2;
        range_t beyond = {align_up(clear.heap.start + keep, os_page_size()), UINTPTR_MAX};
        result = reserve_any(request, beyond, &stack_only, reserved);
    }
    return result == -ENOSPC ? reserve_any(request, clear.stack, &nothing, reserved) : result;
}
