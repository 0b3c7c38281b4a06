/* SPDX-License-Identifier: MIT */
#include "ahead.h"

#include "module_growth.h"
#include "os.h"

#define LEAST_AHEAD ((size_t)64 << 10)
#define MOST_AHEAD  ((size_t)8 << 20)
#define SHARE_AHEAD 32 /* at most this part of what the module has handed out, and LEAST_AHEAD */
#define SMALL_SHARE 8  /* of a module for which LEAST_AHEAD is much */
#define LOOKS_AHEAD 8  /* for so many looks to come, as the module moves */

/* Committed beyond the cursor, further than what is resident where that is little; anew when half of it is used. Who
 * faults, or changes mappings, meanwhile waits, and where it sleeps for that, far longer than the change takes: so
 * seldom, and much at once. */
#define COMMIT_SHARE 5
#define MOST_COMMIT  ((size_t)16 << 20)

/* Who commits waits while the kernel populates, and a fork waits for the whole look. */
#define POPULATE_STEP ((size_t)64 << 10)
#define MOST_A_LOOK   ((size_t)1 << 20)
#define MOST_HUGE     ((size_t)8 << 20) /* the same, of huge pages: a byte costs a quarter */
#define MOST_PREPARED ((size_t)256 << 10)

static size_t grain(const module_t *module)
{
    return module_is_huge(module) ? OS_HUGE_PAGE : os_page_size();
}

/* How many bytes beyond the cursor should be ready. */
static size_t wanted(size_t handed_out, size_t moved)
{
    size_t least = min_address(LEAST_AHEAD, handed_out / SMALL_SHARE);
    size_t most = max_address(least, min_address(MOST_AHEAD, handed_out / SHARE_AHEAD));

    return min_address(most, max_address(least, LOOKS_AHEAD * moved));
}

/* How many bytes beyond the cursor should be committed. */
static size_t to_commit(const module_t *module)
{
    return min_address(MOST_COMMIT, module->ahead.handed_out / COMMIT_SHARE);
}

static void commit_until(const module_t *module, region_t *region, uintptr_t address)
{
    uintptr_t end = min_address(align_down(address, os_page_size()), region_pages(region).end);

    (void)region_commit(region, end, (commit_policy_t){.step = grain(module)});
}

static void commit_ahead(const module_t *module, region_t *region)
{
    uintptr_t level = bump_level(&region->bump);
    size_t    size = to_commit(module);

    if (region_committed(region) < level + size / 2)
        commit_until(module, region, level + size);
}

static void populate(range_t range, size_t step)
{
    for (uintptr_t from = range.start; from < range.end; from += step)
        os_populate((range_t){from, min_address(from + step, range.end)});
}

/* Has the range committed, and resident. */
static void make_ready(const module_t *module, region_t *region, range_t range)
{
    commit_until(module, region, range.end);
    range.end = min_address(range.end, region_committed(region));
    populate(range, max_address(grain(module), POPULATE_STEP));
}

/* From where on nothing has been made ready, in whole pages. */
static uintptr_t ready_until(const ahead_t *ahead, const region_t *region)
{
    uintptr_t level = align_down(bump_level(&region->bump), os_page_size());

    return ahead->region == region ? max_address(level, ahead->ready) : level;
}

/* Makes ready what is missing of `size` bytes beyond the region's cursor, unless that is little. Returns how much was
 * missing. */
static size_t catch_up(module_t *module, region_t *region, size_t size)
{
    ahead_t  *ahead = &module->ahead;
    uintptr_t level = bump_level(&region->bump);
    uintptr_t from = ready_until(ahead, region);
    uintptr_t to = min_address(align_up(level + size, grain(module)), region_pages(region).end);
    size_t    missing = to > from ? to - from : 0;
    size_t    most = module_is_huge(module) ? MOST_HUGE : MOST_A_LOOK;

    if (missing < size / 4)
        return missing;
    to = min_address(to, from + most);
    make_ready(module, region, (range_t){from, to});
    ahead->region = region;
    ahead->ready = to;
    return missing;
}

/* Has a region prepared where the newest one has less than `size` left. Returns how much was missing. */
static size_t look_beyond(module_t *module, const region_t *region, size_t size)
{
    size_t left = bump_end(&region->bump) - bump_level(&region->bump);

    if (left >= size || module_is_prepared(module))
        return 0;
    (void)module_prepare(module, min_address(size - left, MOST_PREPARED), to_commit(module));
    return size - left;
}

ahead_pace_t ahead_look(module_t *module)
{
    ahead_t  *ahead = &module->ahead;
    region_t *region = newest_region(module);
    size_t    handed_out = module_handed_out(module);
    size_t    moved = handed_out > ahead->handed_out ? handed_out - ahead->handed_out : 0;
    size_t    size = wanted(handed_out, moved);

    ahead->handed_out = handed_out;
    if (!moved)
        return AHEAD_STILL;
    commit_ahead(module, region);
    size_t missing = catch_up(module, region, size) + look_beyond(module, region, size);
    return missing < size / 4 ? AHEAD_CALM : missing < size / 2 ? AHEAD_STEADY : AHEAD_PRESSED;
}
