/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <errno.h>
#include <string.h>

#include "module_growth.h"
#include "os.h"

#define LARGEST_COMMIT_STEP   ((size_t)1 << 20)
#define LARGEST_POPULATE_STEP ((size_t)32 << 10)
#define HUGE_MODULE           ((size_t)8 << 20)
#define SERVED_MODULE         ((size_t)256 << 10)

/* One allocation on its way. */
typedef struct {
    module_t *module;
    size_t    size; /* a multiple of the module's alignment */
    size_t    align;
} claim_t;

/* What of the span cannot be kept is lost. */
void module_set_aside(module_t *module, range_t span)
{
    space_t *space = module->space;

    if (span.start == span.end)
        return;
    range_t lost = spare_put(&module->spares, &space->slab, span,
                             region_pages(codemap_lookup(&space->map, span.start)));
    /* relaxed: a figure. */
    atomic_fetch_add_relaxed(&module->books.lost, range_size(lost));
}

bool module_is_huge(const module_t *module)
{
    return module->space->options.huge == LINTEL_ON && module_handed_out(module) >= HUGE_MODULE;
}

/* Memory is committed in steps that grow with the module: at most a quarter of what it has handed out, so that what is
 * committed and not used stays in proportion, and system calls get rare. */
static commit_policy_t commit_policy(const module_t *module)
{
    const lintel_heap_options_t *options = &module->space->options;
    bool                         populate = options->populate == LINTEL_ON;
    size_t                       least = options->commit_step;
    size_t                       most = max_address(least, populate ? LARGEST_POPULATE_STEP : LARGEST_COMMIT_STEP);
    size_t                       step = least;

    if (module_is_huge(module))
        return (commit_policy_t){max_address(least, OS_HUGE_PAGE), populate};
    for (size_t share = module_handed_out(module) / 4; 2 * step <= share && step < most;)
        step *= 2;
    return (commit_policy_t){step, populate};
}

/* Tells the heap's service thread, if it is to have one, of a module that has earned it. */
static void announce(module_t *module)
{
    space_t *space = module->space;
    bool     no = false;

    /* relaxed: one thread announces; it publishes the module below. */
    if (space->options.service != LINTEL_ON || module_handed_out(module) < SERVED_MODULE ||
        !atomic_cas_relaxed(&module->announced, &no, true))
        return;
    /* relaxed: the CAS decides. */
    module->ahead.next = atomic_load_relaxed(&space->announced);
    /* release: pairs with admit's acquire; the module's `next` is set. */
    while (!atomic_cas_release(&space->announced, &module->ahead.next, module))
        continue;
}

static int commit(module_t *module, region_t *region, uintptr_t address)
{
    if (address <= region_committed(region))
        return 0;
    announce(module);
    return region_commit(region, address, commit_policy(module));
}

/* Claims from a region's bump. Returns 0 with the body; -ENOSPC (does not fit); -ENOMEM (commit refused). */
static int claim_fresh(const claim_t *claim, region_t *region, range_t *body)
{
    module_t      *module = claim->module;
    bool           aligned = claim->align > module->align;
    range_t        range;
    bump_outcome_t outcome = aligned ? bump_claim_aligned(&region->bump, claim->size, claim->align, &range)
                                     : bump_claim(&region->bump, claim->size, &range);

    if (outcome == BUMP_TAIL)
        module_set_aside(module, range);
    if (outcome != BUMP_CLAIMED)
        return -ENOSPC;
    if (commit(module, region, range.end)) {
        if (!bump_return(&region->bump, range))
            module_set_aside(module, range);
        return -ENOMEM;
    }
    *body = (range_t){range.end - claim->size, range.end};
    if (aligned)
        module_set_aside(module, (range_t){range.start, body->start});
    return 0;
}

static bool is_committed(void *context, range_t body)
{
    const space_t *space = context;

    return region_committed(codemap_lookup(&space->map, body.start)) >= body.end;
}

/* Claims from the spare spans, or only from those that need no commit. Returns as claim_fresh. */
static int claim_spare(const claim_t *claim, bool committed_only, range_t *body)
{
    module_t       *module = claim->module;
    space_t        *space = module->space;
    spare_request_t request = {claim->size, claim->align, module->window, committed_only ? is_committed : NULL, space};
    range_t         front;

    if (!spare_take(&module->spares, &request, body, &front))
        return -ENOSPC;
    module_set_aside(module, front);
    if (commit(module, codemap_lookup(&space->map, body->start), body->end)) {
        module_set_aside(module, *body);
        return -ENOMEM;
    }
    return 0;
}

/* From the newest region, else from the spare spans, else from a new region. Returns 0; -ENOSPC; -ENOMEM. */
static int claim(const claim_t *claim, range_t *body)
{
    module_t *module = claim->module;

    for (int waits = 0;; waits++) {
        region_t *newest = newest_region(module);
        int       result = newest ? claim_fresh(claim, newest, body) : -ENOSPC;
        if (result == -ENOSPC)
            result = claim_spare(claim, false, body);
        if (result == -ENOMEM && !claim_spare(claim, true, body))
            result = 0;
        if (result != -ENOSPC)
            return result;

        /* Regions start on pages, which no alignment exceeds. */
        result = module_grow(module, newest, claim->size, module_next_region_size(module, claim->size));
        if (result && result != -EAGAIN && !module_worth_looking_again(module, newest, waits))
            return result;
    }
}

static int count_failure(module_t *module, int result)
{
    /* relaxed: a figure. */
    atomic_fetch_add_relaxed(&module->books.failures, 1);
    return result;
}

void module_count(module_t *module, const books_delta_t *delta)
{
    /* relaxed, all: figures; exact only when no call is in flight (M2). */
    atomic_fetch_add_relaxed(&module->books.allocated, delta->allocated);
    atomic_fetch_add_relaxed(&module->books.allocations, delta->allocations);
    if (delta->lost)
        /* relaxed: as above. */
        atomic_fetch_add_relaxed(&module->books.lost, delta->lost);
}

int module_allocate(module_t *module, size_t size, size_t align, void **body)
{
    claim_t request = {module, align_up(size, module->align), max_address(align, module->align)};
    range_t range;

    if (size > range_size(module->window))
        return count_failure(module, -ENOSPC);
    int result = claim(&request, &range);
    if (result)
        return count_failure(module, result);
    module_count(module, &(books_delta_t){size, 1, request.size - size});
    *body = (void *)range.start;
    return 0;
}

/* What is left to claim from; 0 without a region. */
static size_t left_in(const region_t *region)
{
    return region ? bump_end(&region->bump) - bump_level(&region->bump) : 0;
}

bool module_claim_chunk(module_t *module, size_t size, size_t least, range_t *chunk)
{
    region_t *newest = newest_region(module);
    size_t    left = left_in(newest);
    claim_t   fresh = {module, min_address(size, left), module->align};
    claim_t   spare = {module, size, module->align};

    if (newest && left >= least && !claim_fresh(&fresh, newest, chunk))
        return true;
    /* relaxed: a hint, against looking through all spare spans at every call. */
    if (atomic_load_relaxed(&module->exhausted) == newest)
        return false;
    if (!claim_spare(&spare, false, chunk))
        return true;
    /* relaxed: as above. */
    atomic_store_relaxed(&module->exhausted, newest);
    return false;
}

size_t module_handed_out(const module_t *module)
{
    const region_t *newest = newest_region(module);
    /* relaxed: a figure. */
    size_t reserved = atomic_load_relaxed(&module->reserved);
    size_t left = left_in(newest);

    return reserved > left ? reserved - left : 0;
}

range_t module_shrinkable(const module_t *module, range_t body, size_t new_size)
{
    range_t freed = {body.start + align_up(new_size, module->align),
                     body.start + align_up(range_size(body), module->align)};
    bool    frees = new_size && freed.start < freed.end && module_owns(module, (range_t){body.start, freed.end});

    return frees ? freed : (range_t){0, 0};
}

void module_shrink(module_t *module, range_t body, size_t new_size, range_t freed)
{
    region_t *region = codemap_lookup(&module->space->map, body.start);
    size_t    shorter = range_size(body) - new_size;

    memset((void *)freed.start, 0, range_size(freed));
    /* relaxed, both: figures. What was lost behind the old end is not lost any more, what is behind the new one is. */
    atomic_fetch_sub_relaxed(&module->books.allocated, shorter);
    atomic_fetch_add_relaxed(&module->books.lost, shorter - range_size(freed));
    if (!bump_return(&region->bump, freed))
        module_set_aside(module, freed);
}

bool module_owns(const module_t *module, range_t bytes)
{
    region_t *region = codemap_lookup(&module->space->map, bytes.start);
    /* relaxed: constant since the module has regions; without one, nothing is compared to it. */
    spare_block_t *spares = atomic_load_relaxed(&module->spares.anchor);

    /* relaxed: the caller's reference keeps the module's own regions as they are, and another's differ at any time. */
    return region && atomic_load_relaxed(&region->spares) == spares && bytes.start < bytes.end &&
           range_contains((range_t){region_first(region), bump_level(&region->bump)}, bytes) &&
           !spare_overlaps(spares, bytes, NULL, NULL);
}

/* Beyond the last byte within reach that a body, a multiple of the alignment, can use. */
static uintptr_t window_end(const lintel_module_desc_t *desc, size_t align)
{
    uint64_t reach = desc->reach ? desc->reach : LINTEL_REACH_RVA32;

    return align_down(add_saturating(add_saturating(desc->base, reach), 1), align);
}

size_t module_size(const char *name)
{
    return max_address(sizeof(module_t), offsetof(module_t, name) + (name ? strlen(name) : 0) + 1);
}

int module_start(module_t *module, space_t *space, const lintel_module_desc_t *desc)
{
    size_t    page = os_page_size();
    uintptr_t image_end = desc->base + (desc->image_size ? desc->image_size : 1);

    module->space = space;
    module->base = desc->base;
    module->key = desc->key ? desc->key : desc->base;
    module->align = desc->align ? desc->align : 16;
    if (desc->name)
        memcpy(module->name, desc->name, strlen(desc->name) + 1);
    module->window.start = align_up(image_end, page);
    module->window.end = window_end(desc, module->align);
    module->window.end = max_address(module->window.start, module->window.end);
    return desc->reserve ? module_grow(module, NULL, desc->reserve, desc->reserve) : 0;
}

void module_end(module_t *module)
{
    module_unprepare(module);
    for (region_t *region = newest_region(module), *next; region; region = next) {
        /* relaxed: nobody else uses the list any more. */
        next = atomic_load_relaxed(&region->next);
        space_remove_region(module->space, region);
    }
    spare_end(&module->spares, &module->space->slab);
}
