/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <errno.h>
#include <string.h>

#include "code.h"
#include "module_growth.h"
#include "os.h"
#include "probe.h"

#define LARGEST_COMMIT_STEP   ((size_t)1 << 20)
#define LARGEST_POPULATE_STEP ((size_t)32 << 10)
#define HUGE_MODULE           ((size_t)3 << 20)
#define SERVED_MODULE         ((size_t)256 << 10)

/* One allocation on its way. */
typedef struct {
    module_t *module;
    size_t    size; /* a multiple of the module's alignment */
    size_t    align;
} claim_t;

bool module_is_huge(const module_t *module)
{
    return module->space->options->huge == LINTEL_ON && module->kind == LINTEL_DATA &&
           module_handed_out(module) >= HUGE_MODULE;
}

/* Memory is committed in steps that grow with the module: at most a quarter of what it has handed out, so that what is
 * committed and not used stays in proportion, and system calls get rare. */
static commit_policy_t commit_policy(const module_t *module)
{
    const lintel_heap_options_t *options = module->space->options;
    bool                         populate = options->populate == LINTEL_ON && module->kind == LINTEL_DATA;
    bool                         resident = populate || module->kind == LINTEL_CODE;
    size_t                       least = options->commit_step;
    size_t                       most = max_address(least, resident ? LARGEST_POPULATE_STEP : LARGEST_COMMIT_STEP);
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

    /* acquire: pairs with dismiss's release; the service is done with the module's link. */
    if (space->options->service != LINTEL_ON || module->kind != LINTEL_DATA ||
        module_handed_out(module) < SERVED_MODULE || !atomic_cas_acquire(&module->announced, &no, true))
        return;
    /* relaxed: the CAS decides. */
    module->ahead.next = atomic_load_relaxed(&space->announced);
    /* release: pairs with admit's acquire; the module's `next` is set. */
    while (!atomic_cas_release(&space->announced, &module->ahead.next, module))
        continue;
}

static int commit(module_t *module, region_t *region, uintptr_t address)
{
    uintptr_t committed = region_committed(region);

    if (address <= committed)
        return 0;
    announce(module);
    int result = region_commit(region, address, commit_policy(module));
    if (!result && module->kind == LINTEL_CODE)
        starts_populate(&module->space->starts, (range_t){committed, region_committed(region)});
    return result;
}

/* Has claimed bytes be committed, and read as zero. Returns 0; -ENOMEM. */
static int ready(module_t *module, region_t *region, range_t bytes)
{
    if (commit(module, region, bytes.end))
        return -ENOMEM;
    if (module->kind == LINTEL_CODE)
        code_take(&module->space->starts, region, bytes);
    return 0;
}

/* Forgets what may be marked inside of bytes that came from the region's bump, to which bodies of code give back. */
static void clear_returned(const module_t *module, const region_t *region, range_t bytes)
{
    uintptr_t marked = min_address(region_marked(region), bytes.end - STARTS_UNIT);

    if (bytes.start < marked)
        starts_clear(&module->space->starts, (range_t){bytes.start, marked});
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
    clear_returned(module, region, range);
    if (ready(module, region, (range_t){range.end - claim->size, range.end})) {
        module_give_back(module, range);
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
    if (module->kind == LINTEL_CODE)
        starts_clear_inside(&module->space->starts, *body);
    if (ready(module, codemap_lookup(&space->map, body->start), *body)) {
        module_set_aside(module, *body);
        return -ENOMEM;
    }
    return 0;
}

/* From the newest region, else from the spare spans, else from a new region. Returns as module_allocate. */
static int claim(const claim_t *claim, range_t *body)
{
    module_t *module = claim->module;

    for (int waits = 0;; waits++) {
        uint32_t  moves = module_moves(module);
        region_t *newest = newest_region(module);
        int       result = newest ? claim_fresh(claim, newest, body) : -ENOSPC;
        if (result == -ENOSPC)
            result = claim_spare(claim, false, body);
        if (result == -ENOMEM && !claim_spare(claim, true, body))
            result = 0;
        if (!result)
            return 0;
        if (result == -ENOSPC) {
            /* Regions start on pages, which no alignment exceeds. */
            result = module_grow(module, newest, claim->size, module_next_region_size(module, claim->size));
            if (!result || result == -EAGAIN || module_worth_looking_again(module, newest, moves, waits))
                continue;
        }
        if (result != -ENOMEM || !module_give_up_mapping(module))
            return result;
    }
}

static int count_failure(module_t *module, size_t size, int result)
{
    probe_allocation_failure(module->name, module->base, size, -result);
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

int module_claim(module_t *module, size_t size, size_t align, void **body)
{
    claim_t request = {module, align_up(size, module->align), max_address(align, module->align)};
    range_t range;

    if (size > range_size(module->window))
        return count_failure(module, size, -ENOSPC);
    int result = claim(&request, &range);
    if (result)
        return count_failure(module, size, result);
    if (module->kind == LINTEL_CODE)
        module_enter_body(module, range, request.size - size);
    *body = (void *)range.start;
    return 0;
}

int module_allocate(module_t *module, size_t size, size_t align, void **body)
{
    int result = module_claim(module, size, align, body);

    if (!result)
        module_count(module, &(books_delta_t){size, 1, align_up(size, module->align) - size});
    return result;
}

/* What is left to claim from; 0 without a region. */
static size_t left_in(const region_t *region)
{
    return region ? bump_end(&region->bump) - bump_level(&region->bump) : 0;
}

/* What is left for chunks: those of code are whole pages, so that no two threads have chunks on one. */
static size_t left_for_chunks(const module_t *module, const region_t *region)
{
    size_t page = os_page_size();

    if (!region || module->kind == LINTEL_DATA)
        return left_in(region);
    uintptr_t first = align_up(bump_level(&region->bump), page);
    return max_address(first, align_down(bump_end(&region->bump), page)) - first;
}

/* Those of code also lie in one block of marks. */
static void enter_chunk(module_t *module, range_t *chunk)
{
    uintptr_t block_end = align_down(chunk->start, STARTS_BLOCK) + STARTS_BLOCK;

    if (module->kind == LINTEL_DATA)
        return;
    if (chunk->end > block_end) {
        module_set_aside(module, (range_t){block_end, chunk->end});
        chunk->end = block_end;
    }
    module_mark_front(module, *chunk);
    starts_mark_chunk(&module->space->starts, *chunk);
}

static bool claim_chunk(module_t *module, size_t size, size_t least, range_t *chunk)
{
    region_t *newest = newest_region(module);
    size_t    left = left_for_chunks(module, newest);
    size_t    align = module->kind == LINTEL_CODE ? os_page_size() : module->align;
    claim_t   fresh = {module, min_address(size, left), align};
    claim_t   spare = {module, size, align};

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

bool module_claim_chunk(module_t *module, size_t size, size_t least, range_t *chunk)
{
    bool claimed = claim_chunk(module, size, least, chunk);

    if (claimed)
        enter_chunk(module, chunk);
    return claimed;
}

/* A load goes before the CAS: one that is sure to fail would take the line from others. Where a region begins, the
 * chunk is another region's. Code on open pages is readied by the cache (T6). */
static bool claim_behind(module_t *module, range_t more)
{
    region_t *newest = newest_region(module);

    if (!newest || more.start == region_first(newest) || bump_level(&newest->bump) != more.start ||
        !bump_claim_at(&newest->bump, more))
        return false;
    if (!commit(module, newest, more.end)) {
        clear_returned(module, newest, more);
        return true;
    }
    module_give_back(module, more);
    return false;
}

bool module_extend_chunk(module_t *module, uintptr_t cursor, range_t more)
{
    starts_t *starts = &module->space->starts;

    if (module->kind == LINTEL_CODE && more.end > align_up(more.start, STARTS_BLOCK))
        return false;
    if (!claim_behind(module, more))
        return false;
    if (module->kind == LINTEL_CODE)
        starts_mark_chunk(starts, more);
    if (module->kind == LINTEL_CODE && cursor != more.start)
        starts_clear(starts, (range_t){more.start - STARTS_UNIT, more.start});
    return true;
}

size_t module_handed_out(const module_t *module)
{
    const region_t *newest = newest_region(module);
    /* relaxed: a figure. */
    size_t reserved = atomic_load_relaxed(&module->reserved);
    size_t left = left_in(newest);

    return reserved > left ? reserved - left : 0;
}

/* Beyond the last byte within reach that a body, a multiple of the alignment, can use. */
static uintptr_t window_end(const lintel_module_desc_t *desc, size_t align)
{
    uint64_t usual = desc->kind == LINTEL_CODE ? LINTEL_REACH_REL32 : LINTEL_REACH_RVA32;
    uint64_t reach = desc->reach ? desc->reach : usual;

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
    module->kind = desc->kind;
    module->base = desc->base;
    module->key = desc->key ? desc->key : desc->base;
    module->align = desc->align ? desc->align : 16;
    if (module->kind == LINTEL_CODE)
        module->align = max_address(module->align, module_flips(module) ? page : STARTS_UNIT);
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
        if (region_is_untouched(region))
            space_remove_region(module->space, region);
        else
            space_retire_region(module->space, region);
    }
    spare_end(&module->spares, &module->space->slab);
}
