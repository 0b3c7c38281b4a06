/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <errno.h>
#include <string.h>

#include "code.h"
#include "os.h"

/* A thread that finds no room while others are about to publish some looks again, at most so often. */
#define MOST_WAITS 1000

#define LARGEST_COMMIT_STEP   ((size_t)1 << 20)
#define LARGEST_POPULATE_STEP ((size_t)32 << 10)
#define HUGE_MODULE           ((size_t)8 << 20)

/* One allocation on its way. */
typedef struct {
    module_t *module;
    size_t    size; /* a multiple of the module's alignment */
    size_t    align;
} claim_t;

static region_t *newest_region(const module_t *module)
{
    /* acquire: pairs with publish's release; the region is filled in. */
    return atomic_load_acquire(&module->regions);
}

/* Whether the module has earned huge pages. */
static bool is_huge(const module_t *module)
{
    return module->space->options.huge == LINTEL_ON && module->kind == LINTEL_DATA &&
           module_handed_out(module) >= HUGE_MODULE;
}

/* Memory is committed in steps that grow with the module: at most a quarter of what it has handed out, so that what is
 * committed and not used stays in proportion, and system calls get rare. */
static commit_policy_t commit_policy(const module_t *module)
{
    const lintel_heap_options_t *options = &module->space->options;
    bool                         populate = options->populate == LINTEL_ON && module->kind == LINTEL_DATA;
    bool                         resident = populate || module->kind == LINTEL_CODE;
    size_t                       least = options->commit_step;
    size_t                       most = max_address(least, resident ? LARGEST_POPULATE_STEP : LARGEST_COMMIT_STEP);
    size_t                       step = least;

    if (is_huge(module))
        return (commit_policy_t){max_address(least, OS_HUGE_PAGE), populate};
    for (size_t share = module_handed_out(module) / 4; 2 * step <= share && step < most;)
        step *= 2;
    return (commit_policy_t){step, populate};
}

static int commit(module_t *module, region_t *region, uintptr_t address)
{
    uintptr_t committed = region_committed(region);

    if (address <= committed)
        return 0;
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

/* The tail of a region goes to the spare spans, by whoever got it (B3). */
static void seal(module_t *module, region_t *region)
{
    range_t tail;

    if (bump_seal(&region->bump, &tail) == BUMP_TAIL)
        module_set_aside(module, tail);
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
        starts_clear(&module->space->starts, (range_t){body->start + STARTS_UNIT, body->end});
    if (ready(module, codemap_lookup(&space->map, body->start), *body)) {
        module_set_aside(module, *body);
        return -ENOMEM;
    }
    return 0;
}

/* How much address space the next region should have: as much as there is already, within the heap's limits. */
static size_t next_region_size(const module_t *module, size_t need)
{
    const lintel_heap_options_t *options = &module->space->options;
    /* relaxed: a figure. */
    size_t reserved = atomic_load_relaxed(&module->reserved);

    return max_address(need, min_address(options->region_limit, max_address(options->first_region, reserved)));
}

/* Makes the region the newest one, if `expected` still is. */
static bool publish(module_t *module, region_t *expected, region_t *region)
{
    /* release: lintel_find may still look at the cell's former use (S3). */
    atomic_store_release(&region->next, expected);
    /* release: pairs with newest_region's acquire; publishes the region. */
    return atomic_cas_release(&module->regions, &expected, region);
}

/* Reserves a region for at least `need` bytes and puts it in front of `newest`, all or nothing. Returns as
 * module_allocate, or -EAGAIN (somebody else's region is there now). */
static int grow_from(module_t *module, region_t *newest, size_t need, size_t want)
{
    region_origin_t origin = {.limit = module->window.end,
                              .base = module->base,
                              .key = module->key,
                              .module = (uintptr_t)module,
                              .cache_place = module->cache_place,
                              .code = module->kind == LINTEL_CODE};
    region_t       *region;
    int             result = spare_start(&module->spares, &module->space->slab, module->base);

    if (!result)
        result = space_reserve(module->space, module->window, need, want, &origin.range);
    if (result)
        return result;
    if (is_huge(module))
        os_prefer_huge(origin.range);
    /* relaxed: constant since spare_start, which acquired it. */
    origin.spares = atomic_load_relaxed(&module->spares.anchor);
    result = space_add_region(module->space, &origin, &region);
    if (result) {
        space_release(module->space, origin.range);
        return result;
    }
    if (!publish(module, newest, region)) {
        space_remove_region(module->space, region);
        return -EAGAIN;
    }
    /* relaxed: a figure. */
    atomic_fetch_add_relaxed(&module->reserved, range_size(origin.range));
    if (newest)
        seal(module, newest);
    return 0;
}

static int grow(module_t *module, region_t *newest, size_t need, size_t want)
{
    /* relaxed: a hint to the others that room may be about to appear. */
    atomic_fetch_add_relaxed(&module->growing, 1);
    int result = grow_from(module, newest, need, want);
    /* Code is limited by RLIMIT_FSIZE: what is too much in one region may do in several. */
    while (result == -EFBIG && want > need) {
        want = max_address(need, want / 2);
        result = grow_from(module, newest, need, want);
    }
    /* release: pairs with worth_looking_again's acquire; who sees this gone sees the region. */
    atomic_fetch_sub_release(&module->growing, 1);
    return result;
}

/* Whether room may have appeared since `newest` was the newest region, or is about to. */
static bool worth_looking_again(const module_t *module, const region_t *newest, int waits)
{
    /* acquire: pairs with grow's release; if nobody grows any more, their regions are in sight. */
    bool growing = atomic_load_acquire(&module->growing);

    if (newest_region(module) != newest)
        return true;
    if (!growing || waits >= MOST_WAITS)
        return false;
    os_yield();
    return true;
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
        result = grow(module, newest, claim->size, next_region_size(module, claim->size));
        if (result && result != -EAGAIN && !worth_looking_again(module, newest, waits))
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
    if (module->kind == LINTEL_CODE)
        module_enter_body(module, range, request.size - size);
    module_count(module, &(books_delta_t){size, 1, request.size - size});
    *body = (void *)range.start;
    return 0;
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
    return desc->reserve ? grow(module, NULL, desc->reserve, desc->reserve) : 0;
}

void module_end(module_t *module)
{
    for (region_t *region = newest_region(module), *next; region; region = next) {
        /* relaxed: nobody else uses the list any more. */
        next = atomic_load_relaxed(&region->next);
        space_remove_region(module->space, region);
    }
    spare_end(&module->spares, &module->space->slab);
}
