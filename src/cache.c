/* SPDX-License-Identifier: MIT */
#include "cache.h"

#include <errno.h>

#include "code.h"
#include "os.h"

#define SMALLEST_CHUNK ((size_t)1 << 10)
#define USUAL_CHUNK    ((size_t)16 << 10) /* no chunk is larger, for a thread that has not drawn much of the module */
#define LARGEST_CHUNK  ((size_t)64 << 10)
#define EARNED_SHARE   64 /* a chunk is at most this part of what the module has handed out */
#define LARGE_SHARE    8  /* a body over this part of a chunk comes straight from the module */

static_assert(2 * (SLOT_TALLY_MUCH + LARGEST_CHUNK) < SLOT_TALLY_ONE, "T7");

static inline uintptr_t load_own(const _Atomic uintptr_t *word)
{
    /* relaxed: only this thread writes it (T2). */
    return atomic_load_relaxed(word);
}

/* The size of chunk that the module has earned, and the thread, by what it has drawn, if it is a large one; 0 if it is
 * to be served exactly, as code is whose rounding may be more than can be marked. */
static size_t earned_chunk(cache_slot_t *slot, const module_t *module)
{
    size_t most = max_address(USUAL_CHUNK, min_address(cache_slot_drawn(slot, module) / EARNED_SHARE, LARGEST_CHUNK));
    size_t share = min_address(module_handed_out(module) / EARNED_SHARE, most);

    if (module->kind == LINTEL_DATA)
        return align_down(share, max_address(SMALLEST_CHUNK, module->align));
    return module->align <= STARTS_MOST_ROUNDING ? align_down(share, os_page_size()) : 0;
}

/* Whether the slot has a chunk of the module, be it opened or not. */
static bool is_of(const cache_slot_t *slot, const module_t *module)
{
    return cache_slot_module(cache_slot_own(slot)) == (uintptr_t)module;
}

/* Whether a slot's word says that it has a chunk of the module, and that it is opened. */
static bool says_opened(uintptr_t word, const module_t *module)
{
    return cache_slot_module(word) == (uintptr_t)module && (word & SLOT_OPENED);
}

/* Has what is left of an opened chunk trap, unless it does (T6). */
static void trap_chunk(cache_slot_t *slot, const module_t *module)
{
    range_t left = {load_own(&slot->cursor), load_own(&slot->end)};

    if (cache_slot_own(slot) & SLOT_TRAPPED)
        return;
    if (range_size(left))
        region_fill(codemap_lookup(&module->space->map, left.start), left, CODE_TRAP);
    /* relaxed: the thread's own. */
    atomic_store_relaxed(&slot->module, cache_slot_word(module) | SLOT_OPENED | SLOT_TRAPPED);
}

/* Hands out of an opened chunk. Returns whether it had room. */
static bool take_opened(cache_slot_t *slot, const module_t *module, size_t size, void **body)
{
    uintptr_t first = load_own(&slot->cursor);

    trap_chunk(slot, module);
    if (!module_has_memory(module, (range_t){first, first + size}) || !cache_slot_take_marked(slot, size, body))
        return false;
    region_fill(codemap_lookup(&module->space->map, first), (range_t){first, load_own(&slot->cursor)}, 0);
    return true;
}

/* Hands out of a slot, if it is the module's and has room. */
static bool take(cache_slot_t *slot, const module_t *module, size_t size, void **body)
{
    /* One look: who opens the chunk after it opens it for later calls (O2). */
    uintptr_t word = cache_slot_own(slot);

    if (says_opened(word, module))
        return take_opened(slot, module, size, body);
    /* Whoever wants the slot will not get it, with the thread inside its page. */
    return cache_take_from(slot, word & ~SLOT_WANTED, module, size, body);
}

/* Bytes of the slot's chunk that got there just now may be on open pages (T6). */
static void look_whether_open(cache_slot_t *slot, const module_t *module, range_t fresh)
{
    const starts_t *starts = &module->space->starts;

    /* Others may have bodies on the first page, and be opening it just now (O3). */
    if (module->kind != LINTEL_CODE || (!code_is_open_now(starts, fresh.start) && !code_has_open(starts, fresh)))
        return;
    /* relaxed: the thread's own. */
    atomic_store_relaxed(&slot->module, cache_slot_word(module) | SLOT_OPENED);
    trap_chunk(slot, module);
}

/* Gives the chunk back where bytes of it that came just now, of code, have lost their memory since they were claimed,
 * to a fork by a handler. Returns whether it was kept. */
static bool keep_with_memory(cache_slot_t *slot, const module_t *module, range_t fresh)
{
    if (module->kind == LINTEL_DATA || module_has_memory(module, fresh))
        return true;
    cache_slot_leave(slot);
    return false;
}

/* By how much the chunk is to be longer for a body that it has no room for: by a chunk, or by the body, if that is
 * large, so that no more is left of it than before. For code by whole pages. */
static size_t extension(const cache_slot_t *slot, const module_t *module, size_t chunk, size_t claimed)
{
    size_t unit = module->kind == LINTEL_CODE ? os_page_size() : 1;
    size_t missing = claimed - (load_own(&slot->end) - load_own(&slot->cursor));

    return claimed <= chunk / LARGE_SHARE ? chunk : max_address(align_down(claimed, unit), align_up(missing, unit));
}

/* Makes the chunk longer, where nobody has claimed what is behind it: a thread that is alone leaves no gaps. */
static bool extend(cache_slot_t *slot, module_t *module, size_t chunk, size_t claimed)
{
    uintptr_t end = load_own(&slot->end);

    if (cache_slot_own(slot) != cache_slot_word(module) || claimed >= SLOT_TALLY_MUCH)
        return false;
    range_t more = {end, end + extension(slot, module, chunk, claimed)};
    if (slot->size > UINT32_MAX - range_size(more) || !module_extend_chunk(module, load_own(&slot->cursor), more))
        return false;
    cache_slot_extend(slot, module, more);
    look_whether_open(slot, module, more);
    return keep_with_memory(slot, module, more);
}

/* Puts a chunk in the slot, of `least` bytes or more. Returns whether the module gave one. */
static bool refill(cache_slot_t *slot, module_t *module, size_t chunk, size_t least)
{
    range_t range;

    if (!module_claim_chunk(module, chunk, least, &range))
        return false;
    if (cache_slot_own(slot) == cache_slot_word(module)) {
        cache_slot_exchange(slot, module, range);
    } else {
        cache_slot_leave(slot);
        cache_slot_enter(slot, module, range);
    }
    look_whether_open(slot, module, range);
    return keep_with_memory(slot, module, range);
}

/* Whether the slot has so much of its chunk left that this body better goes by it; but not for ever. Another module's
 * chunk goes once as many bytes went by it as it has left: modules that are used in turns do not scatter chunks. */
static bool keep_chunk(cache_slot_t *slot, const module_t *module, size_t claimed)
{
    if (!cache_slot_own(slot) || load_own(&slot->end) - load_own(&slot->cursor) <= slot->tolerance)
        return false;
    slot->tolerance += is_of(slot, module) ? slot->tolerance : (uint32_t)claimed;
    return true;
}

/* Straight from the module. The slot counts it, if it is the module's: the module's books are everybody's. */
static int allocate_beside(cache_slot_t *slot, module_t *module, size_t size, size_t align, void **body)
{
    if (!is_of(slot, module) || size >= SLOT_TALLY_MUCH)
        return module_allocate(module, size, align, body);
    int result = module_claim(module, size, align, body);
    if (!result)
        cache_slot_count(slot, module, size);
    return result;
}

/* Whether the body better goes by chunks. One of code may be cut down to a page, where a block of marks ends. */
static bool is_large(const module_t *module, size_t chunk, size_t claimed)
{
    return claimed > chunk / LARGE_SHARE || (module->kind == LINTEL_CODE && claimed > os_page_size());
}

/* What the slot has no room for. */
static int allocate_slowly(cache_slot_t *slot, module_t *module, size_t size, void **body)
{
    size_t chunk = earned_chunk(slot, module);
    size_t claimed = align_up(size, module->align);

    if (!extend(slot, module, chunk, claimed) &&
        (is_large(module, chunk, claimed) || keep_chunk(slot, module, claimed) ||
         !refill(slot, module, chunk, claimed * LARGE_SHARE)))
        return allocate_beside(slot, module, size, 1, body);
    return take(slot, module, size, body) ? 0 : -ENOSPC;
}

int cache_allocate(module_t *module, size_t size, size_t align, void **body)
{
    cache_page_get(false);
    cache_page_t *page = cache_page_enter(&cache_page_own);
    cache_slot_t *slot = cache_page_slot(page, module->cache_place);
    int           result = 0;
    if (!cache_page_is_real(page) || !cache_slot_regain(slot))
        result = module_allocate(module, size, align, body);
    else if (align > module->align)
        result = allocate_beside(slot, module, size, align, body);
    else if (!take(slot, module, size, body))
        result = allocate_slowly(slot, module, size, body);
    cache_page_leave(&cache_page_own, page);
    return result;
}

/* Gives the freed bytes back to the chunk that they were taken from last. Returns whether they were. */
static bool untake(cache_page_t *page, module_t *module, range_t body, size_t new_size, range_t freed)
{
    size_t        shorter = range_size(body) - new_size;
    cache_slot_t *slot = cache_page_slot(page, module->cache_place);

    if (cache_slot_own(slot) != cache_slot_word(module) || load_own(&slot->cursor) != freed.end ||
        freed.start < load_own(&slot->end) - slot->size)
        return false;
    module_clear_end(module, body, new_size, freed);
    /* Inside of a chunk nothing is marked but bodies; its end is. */
    module_mark_shrunk(module, body, new_size, freed, freed.end == load_own(&slot->end) ? STARTS_FREE : STARTS_NOTHING);
    /* relaxed: the thread's own, and a figure to others. */
    atomic_store_relaxed(&slot->tally, atomic_load_relaxed(&slot->tally) - shorter);
    /* release: pairs with cache_overlaps's acquire; the bytes read as zero again (T1). */
    atomic_store_release(&slot->cursor, freed.start);
    look_whether_open(slot, module, freed);
    return true;
}

size_t cache_shrink(module_t *module, range_t body, size_t new_size)
{
    range_t freed = module_shrinkable(module, body, new_size);

    if (!range_size(freed))
        return 0;
    cache_page_t *page = cache_page_enter(&cache_page_own);
    bool          untaken = untake(page, module, body, new_size, freed);
    cache_page_leave(&cache_page_own, page);
    if (untaken)
        return range_size(freed);
    /* Bytes of a chunk are no body's; they would be given away twice. */
    if (cache_overlaps(module, module->cache_place, freed))
        return 0;
    module_shrink(module, body, new_size, freed);
    return range_size(freed);
}

void cache_flush(void)
{
    cache_page_t *page = cache_page_enter(&cache_page_own);

    cache_page_flush(page);
    cache_page_leave(&cache_page_own, page);
}

bool cache_forget(const module_t *module)
{
    bool forgotten = true;

    for (cache_page_t *page = cache_page_first(); page; page = page->next) {
        _Atomic uintptr_t *slot = &cache_page_slot(page, module->cache_place)->module;
        /* acquire: pairs with empty's release; a chunk of the module may have been given back just now. */
        uintptr_t word = atomic_load_acquire(slot);
        while (cache_slot_module(word) == (uintptr_t)module && !(word & SLOT_LEAVING))
            /* acq_rel: pairs with begin_to_leave's; either it goes first and is waited for, or it finds nothing. */
            if (atomic_cas_acq_rel(slot, &word, 0))
                word = 0;
        forgotten = forgotten && cache_slot_module(word) != (uintptr_t)module;
    }
    return forgotten;
}

/* What of a slot can be read by others, if it is all of one chunk. */
typedef struct {
    uintptr_t module;
    uintptr_t end;
    uintptr_t cursor;
    uintptr_t counted;
    uint64_t  tally;
} sighting_t;

/* Returns whether what was seen belongs together. */
static bool look_at(const cache_slot_t *slot, sighting_t *seen)
{
    /* acquire, all: pair with the releases in set_chunk, cache_slot_enter and cache_slot_leave. Who sees a word of the
     * next chunk sees that the end, which went to 0 before, is not the same any more. */
    seen->module = atomic_load_acquire(&slot->module);
    seen->end = atomic_load_acquire(&slot->end);
    seen->tally = atomic_load_acquire(&slot->tally);
    /* acquire, all: as above. */
    seen->counted = atomic_load_acquire(&slot->counted);
    seen->cursor = atomic_load_acquire(&slot->cursor);
    return atomic_load_acquire(&slot->end) == seen->end && atomic_load_acquire(&slot->module) == seen->module;
}

void cache_count(const module_t *module, lintel_stats_t *stats)
{
    for (cache_page_t *page = cache_page_first(); page; page = page->next) {
        sighting_t seen;
        if (!look_at(cache_page_slot(page, module->cache_place), &seen) ||
            (seen.module & ~(SLOT_OPENED | SLOT_TRAPPED | SLOT_WANTED)) != cache_slot_word(module))
            continue;
        books_delta_t books = cache_slot_books(seen.tally, seen.counted, seen.cursor);
        stats->allocated += books.allocated;
        stats->allocations += books.allocations;
        /* While the chunk is being exchanged, the other words do not belong together. */
        stats->lost += seen.end ? books.lost : 0;
        stats->spare += max_address(seen.end, seen.cursor) - seen.cursor;
    }
}

bool cache_overlaps(const module_t *module, size_t place, range_t range)
{
    for (cache_page_t *page = cache_page_first(); page; page = page->next) {
        sighting_t seen;
        /* A chunk that is being left is not yet among the spare spans, or is already: both are right. */
        if (look_at(cache_page_slot(page, place), &seen) && cache_slot_module(seen.module) == (uintptr_t)module &&
            seen.cursor < range.end && range.start < seen.end)
            return true;
    }
    return false;
}

range_t cache_widen(const module_t *module, range_t pages)
{
    cache_page_t       *page = cache_page_enter(&cache_page_own);
    const cache_slot_t *slot = cache_page_slot(page, module->cache_place);

    if (is_of(slot, module) &&
        range_contains((range_t){load_own(&slot->end) - slot->size, load_own(&slot->end)}, pages))
        pages.end = load_own(&slot->end);
    cache_page_leave(&cache_page_own, page);
    return pages;
}

static void trap_own_chunk(const module_t *module)
{
    cache_page_t *page = cache_page_enter(&cache_page_own);
    cache_slot_t *slot = cache_page_slot(page, module->cache_place);

    if (says_opened(cache_slot_own(slot), module))
        trap_chunk(slot, module);
    cache_page_leave(&cache_page_own, page);
}

void cache_trap_unused(const module_t *module, range_t pages)
{
    for (cache_page_t *page = cache_page_first(); page; page = page->next) {
        cache_slot_t *slot = cache_page_slot(page, module->cache_place);
        uintptr_t     word = cache_slot_word(module);
        sighting_t    seen;
        if (look_at(slot, &seen) && seen.module == word && seen.cursor < pages.end && pages.start < seen.end)
            /* acq_rel: the thread sees it at its next call, or it gave the chunk back and saw the pages' state (O3). */
            (void)atomic_cas_acq_rel(&slot->module, &word, word | SLOT_OPENED);
    }
    trap_own_chunk(module);
}
