/* SPDX-License-Identifier: MIT
 *
 * What a module does with bytes that are a body's no more, or never were.
 */
#include "module.h"

#include "code.h"
#include "module_growth.h"
#include "os.h"

static bool is_code(const module_t *module)
{
    return module->kind == LINTEL_CODE;
}

static const starts_t *starts_of(const module_t *module)
{
    return &module->space->starts;
}

static region_t *region_of(const module_t *module, range_t bytes)
{
    return codemap_lookup(&module->space->map, bytes.start);
}

/* What of the span cannot be kept is lost. */
static void put(module_t *module, region_t *region, range_t span)
{
    range_t lost = spare_put(&module->spares, &module->space->slab, span, region_pages(region));

    if (range_size(lost))
        /* relaxed: a figure. */
        atomic_fetch_add_relaxed(&module->books.lost, range_size(lost));
}

/* Sees to unused bytes of open pages that are still to be claimed from the region. */
static void sweep_cursor(module_t *module, region_t *region, range_t pages)
{
    for (;;) {
        range_t left = {bump_level(&region->bump), min_address(pages.end, bump_end(&region->bump))};
        if (left.start >= left.end)
            return;
        if (bump_claim_at(&region->bump, left)) {
            module_give_back(module, left);
            return;
        }
    }
}

/* Sees to those that are spare. */
static void sweep_spares(module_t *module, range_t pages)
{
    range_t span;

    for (; spare_take_lowest(&module->spares, pages, &span); pages.start = span.end)
        module_set_aside(module, span);
}

/* What is in its hands meanwhile may be all the room there is: who finds none looks again. */
static void sweep(module_t *module, range_t pages)
{
    module_begin_move(module);
    sweep_cursor(module, region_of(module, pages), pages);
    sweep_spares(module, pages);
    module_end_move(module);
}

/* The pages at the two ends of a span: other bodies may lie there too, so that they may be opened meanwhile. */
typedef struct {
    uintptr_t first;
    uintptr_t last;
    bool      first_closed;
    bool      last_closed;
} edges_t;

static edges_t edges_of(const module_t *module, range_t span)
{
    size_t  page = os_page_size();
    edges_t edges = {.first = align_down(span.start, page), .last = align_down(span.end - 1, page)};

    edges.first_closed = !code_has_open(starts_of(module), (range_t){span.start, span.start + 1});
    edges.last_closed = edges.last != edges.first &&
                        !code_has_open(starts_of(module), (range_t){span.end - 1, span.end});
    return edges;
}

/* Looks again, after the bytes went to where others take them (O3). */
static void look_again(module_t *module, const edges_t *edges)
{
    size_t page = os_page_size();

    if (edges->first_closed && code_is_open_now(starts_of(module), edges->first))
        sweep(module, (range_t){edges->first, edges->first + page});
    if (edges->last_closed && code_is_open_now(starts_of(module), edges->last))
        sweep(module, (range_t){edges->last, edges->last + page});
}

void module_set_aside(module_t *module, range_t span)
{
    if (span.start == span.end)
        return;
    region_t *region = region_of(module, span);
    if (!is_code(module)) {
        put(module, region, span);
        return;
    }
    edges_t edges = edges_of(module, span);
    code_leave(starts_of(module), region, span);
    put(module, region, span);
    look_again(module, &edges);
}

void module_give_back(module_t *module, range_t span)
{
    region_t *region = region_of(module, span);
    edges_t   edges = {0};

    if (is_code(module)) {
        edges = edges_of(module, span);
        code_leave(starts_of(module), region, span);
    }
    if (!bump_return(&region->bump, span))
        put(module, region, span);
    look_again(module, &edges);
}

void module_clear(const module_t *module, range_t bytes)
{
    region_t *region = region_of(module, bytes);

    if (is_code(module))
        code_bury(starts_of(module), region, bytes);
    else
        region_fill(region, bytes, 0);
}

void module_clear_end(const module_t *module, range_t body, size_t new_size, range_t freed)
{
    uintptr_t first = is_code(module) ? body.start + new_size : freed.start;

    module_clear(module, (range_t){first, freed.end});
}

void module_enter_body(const module_t *module, range_t body, size_t rounding)
{
    /* What can be said waits until the body is published; but then there is no writing in place any more. */
    size_t later = module_flips(module) ? 0 : STARTS_MOST_ROUNDING;

    if (rounding > later)
        region_fill(region_of(module, body), (range_t){body.end - rounding, body.end - later}, CODE_TRAP);
    starts_mark_body(starts_of(module), body, rounding);
}

bool module_has_memory(const module_t *module, range_t bytes)
{
    const region_t *region = region_of(module, bytes);

    return region && bytes.end <= region_committed(region);
}

uintptr_t module_writable(const module_t *module, uintptr_t byte)
{
    size_t  page = os_page_size();
    range_t bytes = {align_down(byte, page), align_down(byte, page) + page};

    if (module_flips(module) && starts_any(starts_of(module), bytes, STARTS_EXECUTABLE))
        return 0;
    return byte + region_distance(region_of(module, bytes));
}

/* Whether a body may begin at an address that the module owns: of code that is known. */
static bool may_begin(const module_t *module, uintptr_t start)
{
    starts_body_t body;

    return start % module->align == 0 &&
           (!is_code(module) || (starts_find(starts_of(module), start, &body) && body.start == start));
}

range_t module_shrinkable(const module_t *module, range_t body, size_t new_size)
{
    range_t freed = {body.start + align_up(new_size, module->align),
                     body.start + align_up(range_size(body), module->align)};
    bool    frees = new_size && freed.start < freed.end && module_owns(module, (range_t){body.start, freed.end}) &&
                 may_begin(module, body.start);
    bool fixed = frees && module_flips(module) &&
                 code_has_open(starts_of(module), (range_t){body.start + new_size, freed.end});

    return frees && !fixed ? freed : (range_t){0, 0};
}

void module_mark_shrunk(const module_t *module, range_t body, size_t new_size, range_t freed)
{
    if (!is_code(module))
        return;
    starts_mark_freed(starts_of(module), freed);
    module_enter_body(module, (range_t){body.start, freed.start}, freed.start - body.start - new_size);
}

void module_shrink(module_t *module, range_t body, size_t new_size, range_t freed)
{
    size_t shorter = range_size(body) - new_size;

    module_clear_end(module, body, new_size, freed);
    module_mark_shrunk(module, body, new_size, freed);
    /* relaxed, both: figures. What was lost behind the old end is not lost any more, what is behind the new one is. */
    atomic_fetch_sub_relaxed(&module->books.allocated, shorter);
    atomic_fetch_add_relaxed(&module->books.lost, shorter - range_size(freed));
    module_give_back(module, freed);
}

/* Whether every byte is in a body, of which there may be several, and still has memory. */
static bool are_bodies(const starts_t *starts, const region_t *region, range_t bytes)
{
    starts_body_t body = {.start = bytes.end};
    bool          found = bytes.end <= region_committed(region);

    while (found && body.start > bytes.start)
        found = starts_find(starts, body.start - 1, &body);
    return found;
}

bool module_owns(const module_t *module, range_t bytes)
{
    region_t *region = region_of(module, bytes);
    /* relaxed: constant since the module has regions; without one, nothing is compared to it. */
    spare_block_t *spares = atomic_load_relaxed(&module->spares.anchor);

    /* relaxed: the caller's reference keeps the module's own regions as they are, and another's differ at any time. */
    return region && atomic_load_relaxed(&region->spares) == spares && bytes.start < bytes.end &&
           range_contains((range_t){region_first(region), bump_level(&region->bump)}, bytes) &&
           (is_code(module) ? are_bodies(starts_of(module), region, bytes)
                            : !spare_overlaps(spares, bytes, NULL, NULL));
}

/* Fills what was asked for by nobody at the end of a body, if the bytes go up to there. */
static void trap_rounding(const module_t *module, const region_t *region, range_t bytes)
{
    uintptr_t     end = align_up(bytes.end, module->align);
    starts_body_t body;

    if (starts_find(starts_of(module), bytes.end - 1, &body) && body.rounding &&
        (end == bump_level(&region->bump) || starts_has(starts_of(module), end)))
        region_fill(region, (range_t){end - body.rounding, end}, CODE_TRAP);
}

void module_trap_unused(module_t *module, range_t pages)
{
    code_begin_to_open(starts_of(module), pages);
    sweep(module, pages);
}

void module_trap_rounding(const module_t *module, range_t bytes)
{
    if (!module_flips(module))
        trap_rounding(module, region_of(module, bytes), bytes);
}
