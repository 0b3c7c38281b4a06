/* SPDX-License-Identifier: MIT */
#include "module_growth.h"

#include <errno.h>

#include "guard.h"
#include "os.h"
#include "probe.h"

/* A thread that finds no room while others are about to publish some looks again, at most so often. */
#define MOST_WAITS 1000

/* A region lies on any page, so that up to one huge page is lost at each end. */
#define LEAST_HUGE_REGION (16 * OS_HUGE_PAGE)

/* The tail of a region goes to the spare spans, by whoever got it (B3). */
static void seal(module_t *module, region_t *region)
{
    range_t tail;

    if (bump_seal(&region->bump, &tail) == BUMP_TAIL)
        module_set_aside(module, tail);
}

size_t module_next_region_size(const module_t *module, size_t need)
{
    const lintel_heap_options_t *options = module->space->options;
    /* relaxed: a figure. */
    size_t reserved = atomic_load_relaxed(&module->reserved);
    size_t least = module_is_huge(module) ? LEAST_HUGE_REGION : options->first_region;

    return max_address(need, min_address(options->region_limit, max_address(least, reserved)));
}

/* Makes the region the newest one, if `expected` still is. */
static bool publish(module_t *module, region_t *expected, region_t *region)
{
    /* release: lintel_find may still look at the cell's former use (S3). */
    atomic_store_release(&region->next, expected);
    /* release: pairs with newest_region's acquire; publishes the region. */
    return atomic_cas_release(&module->regions, &expected, region);
}

/* What every region of the module is made of, but for its range. */
static region_origin_t origin_of(const module_t *module)
{
    return (region_origin_t){.limit = module->window.end,
                             .base = module->base,
                             .key = module->key,
                             .name = module->name,
                             .module = (uintptr_t)module,
                             .cache_place = module->cache_place,
                             .code = module->kind == LINTEL_CODE,
                             /* relaxed: constant since spare_start, which acquired it. */
                             .spares = atomic_load_relaxed(&module->spares.anchor)};
}

/* A region over reserved pages that is in no list yet. Returns as space_add_region; if it failed the pages are gone. */
static int add_region(module_t *module, const region_origin_t *origin, region_t **region)
{
    int result = space_add_region(module->space, origin, region);

    if (result)
        space_release(module->space, (range_t){origin->range.start, origin->range.end + origin->guard});
    return result;
}

/* A region for at least `need` bytes that is in no list yet. Returns 0; -ENOSPC; -ENOMEM; for code, as os_code_map. */
static int make_region(module_t *module, size_t need, size_t want, region_t **region)
{
    int result = spare_start(&module->spares, &module->space->slab, module->base);

    if (result)
        return result;
    region_origin_t origin = origin_of(module);
    result = guard_reserve(module->space, module->window, need, want, &origin);
    if (result)
        return result;
    probe_region_reserve(module->name, module->base, origin.range);
    if (module_is_huge(module))
        os_prefer_huge(origin.range);
    return add_region(module, &origin, region);
}

/* A region over the guard of one that the module has: when there is no room but that. Returns as make_region. */
static int make_region_of_guard(module_t *module, size_t need, region_t **region)
{
    region_origin_t origin = origin_of(module);

    if (module->space->options->guard != LINTEL_DEFAULT)
        return -ENOSPC;
    /* relaxed: constant since the region was published, which newest_region acquired. */
    for (region_t *other = newest_region(module); other; other = atomic_load_relaxed(&other->next))
        if (guard_take(other, module->window, need, &origin.range))
            return add_region(module, &origin, region);
    return -ENOSPC;
}

/* Takes the prepared region: it is the caller's then (M4), and NULL if there is none. */
static region_t *take_prepared(module_t *module)
{
    /* acq_rel: pairs with keep_prepared's release; the region is filled in. And with another's that took it: who finds
     * none sees that the other is growing, or what became of it. */
    return atomic_exchange_acq_rel(&module->prepared, NULL);
}

uint32_t module_moves(const module_t *module)
{
    /* acquire: pairs with count_move's release; the room, or the region, is there. */
    return atomic_load_acquire(&module->moves);
}

static void count_move(module_t *module)
{
    /* release: pairs with module_moves's acquire; who sees it finds the room, or the region. */
    atomic_fetch_add_release(&module->moves, 1);
}

/* Leaves a region that is in no list for whoever needs one next, unless there is one. */
static void keep_prepared(module_t *module, region_t *region)
{
    region_t *none = NULL;

    /* release: pairs with take_prepared's acquire; publishes the region. */
    if (!atomic_cas_release(&module->prepared, &none, region))
        space_remove_region(module->space, region);
    count_move(module);
}

/* A region for at least `need` bytes: the prepared one, or a new one. Returns as make_region. */
static int next_region(module_t *module, size_t need, size_t want, region_t **region)
{
    region_t *prepared = take_prepared(module);

    if (prepared && bump_end(&prepared->bump) - region_first(prepared) >= need) {
        *region = prepared;
        return 0;
    }
    if (prepared)
        keep_prepared(module, prepared);
    int result = make_region(module, need, want, region);
    return result == -ENOSPC ? make_region_of_guard(module, need, region) : result;
}

/* Puts a region for at least `need` bytes in front of `newest`, all or nothing. Returns as make_region; -EAGAIN
 * (somebody else's region is there now). */
static int grow_from(module_t *module, region_t *newest, size_t need, size_t want)
{
    region_t *region;
    int       result = next_region(module, need, want, &region);

    if (result)
        return result;
    range_t pages = region_pages(region);
    if (!publish(module, newest, region)) {
        space_remove_region(module->space, region);
        /* Somebody may have looked for space while this was taken, and have seen that region already. */
        count_move(module);
        return -EAGAIN;
    }
    /* relaxed: a figure. */
    atomic_fetch_add_relaxed(&module->reserved, range_size(pages));
    probe_region_grow(module->name, module->base, pages);
    if (newest)
        seal(module, newest);
    return 0;
}

static void begin_growing(module_t *module)
{
    /* relaxed: a hint to the others that room may be about to appear. */
    atomic_fetch_add_relaxed(&module->growing, 1);
}

static void end_growing(module_t *module)
{
    /* release: pairs with module_worth_looking_again's acquire; who sees this gone sees the region. */
    atomic_fetch_sub_release(&module->growing, 1);
}

void module_begin_move(module_t *module)
{
    begin_growing(module);
}

void module_end_move(module_t *module)
{
    count_move(module);
    end_growing(module);
}

bool module_unprepare(module_t *module)
{
    begin_growing(module);
    region_t *prepared = take_prepared(module);
    if (prepared) {
        space_remove_region(module->space, prepared);
        count_move(module);
    }
    end_growing(module);
    return prepared;
}

static bool give_up_guard(module_t *module)
{
    range_t guard;

    if (module->space->options->guard != LINTEL_DEFAULT)
        return false;
    /* relaxed: as in make_region_of_guard. */
    for (region_t *region = newest_region(module); region; region = atomic_load_relaxed(&region->next))
        if (guard_take(region, os_addresses(), 1, &guard)) {
            space_release(module->space, guard);
            return true;
        }
    return false;
}

bool module_give_up_mapping(module_t *module)
{
    return os_lacks_mappings() &&
           (space_give_up_held(module->space) || module_unprepare(module) || give_up_guard(module));
}

int module_grow(module_t *module, region_t *newest, size_t need, size_t want)
{
    begin_growing(module);
    int result = grow_from(module, newest, need, want);
    /* Code is limited by RLIMIT_FSIZE: what is too much in one region may do in several. */
    while (result == -EFBIG && want > need) {
        want = max_address(need, want / 2);
        result = grow_from(module, newest, need, want);
    }
    end_growing(module);
    return result;
}

/* Has the first bytes of a region committed, and of those the first `resident` resident. */
static void ready_first(region_t *region, size_t resident, size_t committed, size_t step)
{
    uintptr_t first = region_first(region);
    uintptr_t end = min_address(first + max_address(resident, committed), region_pages(region).end);

    if (!region_commit(region, align_up(end, os_page_size()), (commit_policy_t){.step = step}))
        os_populate((range_t){first, min_address(align_up(first + resident, step), region_committed(region))});
}

bool module_is_prepared(const module_t *module)
{
    /* relaxed: only whether there is one. */
    return atomic_load_relaxed(&module->prepared);
}

int module_prepare(module_t *module, size_t resident, size_t committed)
{
    region_t *region;

    begin_growing(module);
    int result = make_region(module, os_page_size(), module_next_region_size(module, resident), &region);
    if (!result) {
        ready_first(region, resident, committed, module_is_huge(module) ? OS_HUGE_PAGE : os_page_size());
        keep_prepared(module, region);
    }
    end_growing(module);
    return result;
}

bool module_worth_looking_again(module_t *module, const region_t *newest, uint32_t moves, int waits)
{
    if (module_unprepare(module))
        return true;
    /* acquire: pairs with end_growing's release; if nobody grows any more, their regions are in sight, and their moves.
     */
    bool growing = atomic_load_acquire(&module->growing);
    if (newest_region(module) != newest || module_moves(module) != moves)
        return true;
    if (!growing || waits >= MOST_WAITS)
        return false;
    os_yield();
    return true;
}
