/* SPDX-License-Identifier: MIT */
#include "cache_idle.h"

#include "os.h"

/* What a word is to be, and what it becomes. */
typedef struct {
    uintptr_t from;
    uintptr_t to;
} turn_t;

/* Whether nothing was taken of the slot's chunk since this was asked last. */
static bool is_idle(cache_page_t *page, const cache_slot_t *slot)
{
    _Atomic uintptr_t *seen = &page->seen[slot - page->slots];
    /* relaxed, all: a guess by which nothing but the choice of chunks is made. */
    uintptr_t cursor = atomic_load_relaxed(&slot->cursor);

    return atomic_exchange_relaxed(seen, cursor) == cursor;
}

static bool turn_word(cache_slot_t *slot, turn_t turn)
{
    /* acq_rel: pairs with those of the page's thread, in cache_slot_regain and begin_to_leave: one of them goes first,
     * and the other finds another word. */
    return atomic_cas_acq_rel(&slot->module, &turn.from, turn.to);
}

/* Says of idle chunks that they are wanted. Returns whether there are any. */
static bool want(const module_t *module)
{
    turn_t turn = {(uintptr_t)module, (uintptr_t)module | SLOT_WANTED};
    bool   any = false;

    for (cache_page_t *page = cache_page_first(); page; page = page->next) {
        cache_slot_t *slot = cache_page_slot(page, module->cache_place);
        /* relaxed: looked at again by the CAS. */
        if (atomic_load_relaxed(&slot->module) == turn.from && is_idle(page, slot))
            any = turn_word(slot, turn) || any;
    }
    return any;
}

/* Whether the page's thread is not inside it. Its thread-local memory may be gone if the page is not its own any more;
 * then the slot is not wanted any more either. */
static bool is_outside(const cache_page_t *page)
{
    uintptr_t own;

    /* acquire: pairs with cache_page_get's release; the word belongs to the thread that has the page. */
    return !os_peek(atomic_load_acquire(&page->place), sizeof(own), &own) && own == (uintptr_t)page;
}

/* Takes the slot where its thread is outside, and else lets it be. Returns whether it was taken. */
static bool take_wanted(const module_t *module, cache_page_t *page, bool may_take)
{
    cache_slot_t *slot = cache_page_slot(page, module->cache_place);
    turn_t        turn = {(uintptr_t)module | SLOT_WANTED, (uintptr_t)module};

    /* relaxed: looked at again by the CAS. */
    if (atomic_load_relaxed(&slot->module) != turn.from)
        return false;
    bool take = may_take && is_outside(page);
    if (take)
        turn.to = (uintptr_t)module | SLOT_TAKEN;
    return turn_word(slot, turn) && take;
}

static bool take_all_wanted(const module_t *module, bool may_take)
{
    bool any = false;

    for (cache_page_t *page = cache_page_first(); page; page = page->next)
        any = take_wanted(module, page, may_take) || any;
    return any;
}

static void settle_taken(const module_t *module)
{
    for (cache_page_t *page = cache_page_first(); page; page = page->next) {
        cache_slot_t *slot = cache_page_slot(page, module->cache_place);
        /* relaxed: nobody else says so. */
        if (atomic_load_relaxed(&slot->module) == ((uintptr_t)module | SLOT_TAKEN))
            cache_slot_settle(slot);
    }
}

void cache_reclaim_idle(module_t *module)
{
    if (module->kind != LINTEL_DATA || !want(module))
        return;
    /* Without the second barrier the first was for nothing: there is either both or none. */
    if (take_all_wanted(module, !os_barrier())) {
        (void)os_barrier();
        settle_taken(module);
    }
}
