/* SPDX-License-Identifier: MIT
 *
 * find: the region that an address leads to is given up, and its cell is the next region, where the address is no
 * body's, or another module's block of spare spans.
 */
#include "find.h"

#include <errno.h>
#include <string.h>

#include "kernel.h"
#include "scenarios.h"
#include "space.h"

enum { OLD_KEY = 1, NEW_KEY = 2, BODY = 64, UNIT = STARTS_UNIT };

static const lintel_heap_options_t no_options;

static space_t   space;
static spare_t   old_spares, new_spares;
static region_t *old_region;
static range_t   page;

/* A base for each key, so that a mixture of two answers shows. */
static uintptr_t base_of(uint64_t key)
{
    return kernel_image() + key;
}

static region_t *add(uint64_t key, spare_t *spares, bool code)
{
    region_t       *region = NULL;
    region_origin_t origin = {.range = page, .limit = page.end, .base = base_of(key), .key = key, .code = code};

    explorer_check(!spare_start(spares, &space.slab, page.start), "there is a block");
    /* relaxed: this thread started it. */
    origin.spares = atomic_load_relaxed(&spares->anchor);
    explorer_check(!space_add_region(&space, &origin, &region), "there is a cell");
    return region;
}

static void start(void)
{
    range_t body;

    kernel_start(1);
    memset((void *)&space, 0, sizeof(space));
    space.options = &no_options;
    memset((void *)&old_spares, 0, sizeof(old_spares));
    memset((void *)&new_spares, 0, sizeof(new_spares));
    page = kernel_reserve_all();
    old_region = add(OLD_KEY, &old_spares, false);
    explorer_check(bump_claim(&old_region->bump, BODY, &body) == BUMP_CLAIMED, "there is room");
}

/* The page goes to another module, where the old body is a spare span, with a body behind it; of the old cells, the
 * region is a block now, and the block a region. */
static void replace(void)
{
    range_t span = {0};

    codemap_remove(&space.map, page, old_region);
    spare_end(&old_spares, &space.slab);
    slab_free(&space.slab, &old_region->cell);
    region_t *region = add(NEW_KEY, &new_spares, false);
    explorer_check(bump_claim(&region->bump, 2 * (size_t)BODY, &span) == BUMP_CLAIMED, "there is room");
    span.end -= BODY;
    explorer_check(!range_size(spare_put(&new_spares, &space.slab, span, page)), "the span is kept");
}

/* As above, and each cell is again what it was. */
static void replace_alike(void)
{
    range_t span = {0};

    codemap_remove(&space.map, page, old_region);
    slab_free(&space.slab, &old_region->cell);
    region_t *region = add(NEW_KEY, &old_spares, false);
    explorer_check(bump_claim(&region->bump, 2 * (size_t)BODY, &span) == BUMP_CLAIMED, "there is room");
}

static void look(bool in_old_body)
{
    lintel_location_t location;
    uintptr_t         address = page.start + (in_old_body ? 0 : BODY) + BODY / 2;

    if (find_body(&space, address, &location))
        return;
    /* The new region's bytes are nobody's for as long as they are on their way to the spare spans. */
    explorer_check(in_old_body || location.key == NEW_KEY, "S3: what was never handed out is not found");
    explorer_check(location.base == base_of(location.key), "S3: an answer is of one use of a cell");
    explorer_check(location.offset == address - location.base, "S3");
}

static void replace_or_look(unsigned self)
{
    if (self == 0)
        replace();
    else
        look(true);
}

static void replace_or_look_behind(unsigned self)
{
    if (self == 0)
        replace_alike();
    else
        look(false);
}

static void end(void)
{
    lintel_location_t location;

    explorer_check(find_body(&space, page.start, &location) == -ENOENT, "a spare span is no body");
    explorer_check(!find_body(&space, page.start + BODY, &location), "a body is found");
}

static void end_alike(void)
{
    lintel_location_t location;

    explorer_check(!find_body(&space, page.start + BODY, &location), "a body is found");
}

/* Of code, on both sides of the start of a block: three bodies, the last one across it; later others, one of them of a
 * chunk, and across it too. What an answer says of a body must be of the same use as its key. */
static range_t unit_range(size_t from, size_t to)
{
    uintptr_t middle = page.start + KERNEL_PAGE;

    return (range_t){middle - 8 * UNIT + from * UNIT, middle - 8 * UNIT + to * UNIT};
}

static void mark_body(range_t body)
{
    starts_mark_front(&space.starts, body.start);
    starts_mark_body(&space.starts, body, 0);
}

static void mark_bodies(const size_t *bounds)
{
    for (unsigned i = 0; bounds[i + 1]; i++)
        mark_body(unit_range(bounds[i], bounds[i + 1]));
}

static const size_t old_bounds[] = {0, 3, 6, 12, 0}, new_bounds[] = {0, 2, 0}, chunk_bounds[] = {2, 4, 5, 10, 0};

static region_t *add_code(uint64_t key)
{
    range_t   span;
    region_t *region = add(key, &old_spares, true);

    explorer_check(bump_claim(&region->bump, range_size(page) - UNIT, &span) == BUMP_CLAIMED, "there is room");
    return region;
}

static void start_code(void)
{
    kernel_start_across(2, 1);
    memset((void *)&space, 0, sizeof(space));
    space.options = &no_options;
    memset((void *)&old_spares, 0, sizeof(old_spares));
    page = kernel_reserve_all();
    old_region = add_code(OLD_KEY);
    mark_bodies(old_bounds);
}

static void replace_code(void)
{
    space_remove_region(&space, old_region);
    (void)kernel_reserve_all();
    (void)add_code(NEW_KEY);
    mark_bodies(new_bounds);
    range_t chunk = unit_range(2, 5);
    starts_mark_chunk(&space.starts, chunk);
    starts_mark_next(starts_marks(&space.starts, chunk), unit_range(2, 4).end - 1, 0);
    mark_body(unit_range(5, 10));
}

static void look_for(const lintel_location_t *location, const size_t *bounds, size_t unit)
{
    const void *expected = NULL;

    for (unsigned i = 0; bounds[i + 1]; i++)
        if (bounds[i] <= unit && unit < bounds[i + 1])
            expected = (const void *)unit_range(bounds[i], bounds[i] + 1).start;
    explorer_check(location->body == expected, "S3, K1: a body is of the same use as its key");
}

static void look_at_unit(size_t unit)
{
    lintel_location_t location;

    if (find_body(&space, unit_range(unit, unit + 1).start + UNIT / 2, &location))
        return;
    explorer_check(location.base == base_of(location.key), "S3: an answer is of one use of a cell");
    if (location.key == OLD_KEY)
        look_for(&location, old_bounds, unit);
    else
        look_for(&location, unit < 2 ? new_bounds : chunk_bounds, unit);
}

static void replace_or_look_in(unsigned self, size_t unit)
{
    if (self == 0)
        replace_code();
    else
        look_at_unit(unit);
}

static void replace_or_look_low(unsigned self)
{
    replace_or_look_in(self, 3);
}

static void replace_or_look_across(unsigned self)
{
    replace_or_look_in(self, 9);
}

static void end_code(void)
{
    for (size_t unit = 0; unit < 10; unit++)
        look_at_unit(unit);
}

const scenario_t scenario_reuse_code = {"reuse-code", 2, start_code, replace_or_look_low, end_code};
const scenario_t scenario_reuse_across = {"reuse-across", 2, start_code, replace_or_look_across, end_code};
const scenario_t scenario_reuse = {"reuse", 2, start, replace_or_look, end};
const scenario_t scenario_reuse_alike = {"reuse-alike", 2, start, replace_or_look_behind, end_alike};
