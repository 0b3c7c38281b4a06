/* SPDX-License-Identifier: MIT
 *
 * cache_page: a thread's slots, each with a chunk of one module.
 *
 * Pages are chained for good, and go on to another thread when theirs ends; a module has the same slot in each.
 *
 *   T1  [cursor, end) of a slot belongs to the page's thread alone, reads as zero, and is committed
 *   T2  only the page's thread writes a slot, save that cache_forget takes `module` to 0, and cache_trap_unused adds
 *       SLOT_OPENED to it
 *   T3  while a slot's module is M, flags aside, M is not freed
 *   T4  while the thread is inside its page, cache_page_own is not the page but one with nothing in it: a signal
 *       handler that interrupts it there stays out
 *   T5  end - cursor is a multiple of the module's alignment, and a chunk is smaller than SLOT_TALLY_ONE
 *   T6  of a chunk of code, a page may be open only with SLOT_OPENED; with SLOT_TRAPPED, which the thread adds at its
 *       next call, all of [cursor, end) traps instead of reading as zero
 */
#ifndef LINTEL_CACHE_PAGE_H
#define LINTEL_CACHE_PAGE_H

#include "module.h"

#define CACHE_SLOTS    32
#define SLOT_LEAVING   ((uintptr_t)1)
#define SLOT_OPENED    ((uintptr_t)2)
#define SLOT_TRAPPED   ((uintptr_t)4)
#define SLOT_CODE      ((uintptr_t)8)
#define SLOT_FLAGS     ((uintptr_t)15)
#define SLOT_TALLY_ONE (UINT64_C(1) << 24)

typedef struct {
    alignas(CACHE_LINE) _Atomic uintptr_t module; /* 0: nothing here; of code with SLOT_CODE */
    _Atomic uintptr_t cursor;
    _Atomic uintptr_t end;
    _Atomic uint64_t  tally;     /* bodies of this chunk, times SLOT_TALLY_ONE, plus the bytes that callers asked for */
    uintptr_t         low_bits;  /* the module's alignment less one; only the page's thread looks at it */
    _Atomic uintptr_t start;     /* of the chunk */
    _Atomic uintptr_t tolerance; /* bytes that may be left of the chunk when it is exchanged */
    starts_block_t   *marks;     /* of a chunk of code; else NULL. The thread's own too */
} cache_slot_t;

typedef struct cache_page cache_page_t;

struct cache_page {
    cache_page_t *next; /* constant once chained */
    _Atomic bool  owned;
    cache_slot_t  slots[CACHE_SLOTS];
};

/* The calling thread's page; cache_page_none while it never had one, cache_page_shut while it is inside, while it gets
 * one, and when it has ended. */
extern _Thread_local _Atomic(cache_page_t *) cache_page_own;

/* Pages without chunks, and nobody's: they are never written. */
extern cache_page_t cache_page_none, cache_page_shut;

/* Ready the handing on of pages when threads end, unless it is. Where the C library has no key left for that, threads
 * get no pages. */
void cache_page_start(void);

/* Get the thread a page if it never had one; `may_block` is false where that must be lock-free. */
void cache_page_get(bool may_block);

/* Where the modules with this serial number have their slots: a distance into the page. */
size_t cache_slot_place(uint64_t serial);

/* Fill an empty slot. */
void cache_slot_enter(cache_slot_t *slot, const module_t *module, range_t chunk);

/* Give the slot's chunk and figures back to its module, whichever that is. */
void cache_slot_leave(cache_slot_t *slot);

/* Leave all slots of the thread's own page. */
void cache_page_flush(cache_page_t *page);

/* The one that was made last, in front of the list of all pages. */
extern _Atomic(cache_page_t *) cache_page_newest;

/* The first of all pages, NULL if there is none. */
cache_page_t *cache_page_first(void);

/* In the child of a fork: free the pages of threads that do not exist there, and give the own chunks back. */
void cache_page_after_fork(void);

/* Whether it is a thread's, and can have chunks. */
static inline bool cache_page_is_real(const cache_page_t *page)
{
    return page != &cache_page_none && page != &cache_page_shut;
}

static inline cache_slot_t *cache_page_slot(cache_page_t *page, size_t place)
{
    return (cache_slot_t *)(void *)((char *)page + place);
}

/* Bodies and bytes handed out of a chunk; `cursor` is the slot's. */
static inline books_delta_t cache_slot_books(uint64_t tally, uintptr_t start, uintptr_t cursor)
{
    uint64_t allocated = tally % SLOT_TALLY_ONE;

    return (books_delta_t){allocated, tally / SLOT_TALLY_ONE, cursor - start - allocated};
}

/* What a slot's word says of its module, flags aside. */
static inline uintptr_t cache_slot_module(uintptr_t word)
{
    return word & ~SLOT_FLAGS;
}

/* What a slot's word is while it has a chunk of the module, and nothing else is to be said of it. */
static inline uintptr_t cache_slot_word(const module_t *module)
{
    return (uintptr_t)module | (module->kind == LINTEL_CODE ? SLOT_CODE : 0);
}

/* Whether it has a chunk of the module, which is not of code. */
static inline bool cache_slot_is(const cache_slot_t *slot, const module_t *module)
{
    /* relaxed: the thread's own, and nobody forgets a module that the caller has a reference to (T2). */
    return atomic_load_relaxed(&slot->module) == (uintptr_t)module;
}

/* Hands out of the chunk of a slot that is the module's; of code it has to be marked. Returns whether it had room. */
static inline bool cache_slot_take(cache_slot_t *slot, size_t size, void **body)
{
    /* relaxed, here and below: the thread's own. Whoever learns of the body from this thread learns of it by an edge of
     * their own. */
    uintptr_t cursor = atomic_load_relaxed(&slot->cursor);
    uintptr_t end = atomic_load_relaxed(&slot->end);
    uintptr_t last = (size - 1) | slot->low_bits;

    /* A size of 0 wraps; one that fits does so rounded up too (T5). */
    if (last >= end - cursor)
        return false;
    /* relaxed: as above. */
    atomic_store_relaxed(&slot->cursor, cursor + last + 1);
    atomic_store_relaxed(&slot->tally, atomic_load_relaxed(&slot->tally) + size + SLOT_TALLY_ONE);
    *body = (void *)cursor;
    return true;
}

/* Takes the thread's page, so that its signal handlers stay out (T4). One without chunks if it has none, or is inside
 * already. */
static inline cache_page_t *cache_page_enter(void)
{
    /* relaxed, both: only this thread and its signal handlers look at it. */
    cache_page_t *page = atomic_load_relaxed(&cache_page_own);
    atomic_store_relaxed(&cache_page_own, &cache_page_shut);
    atomic_order_for_signals();
    return page;
}

/* Puts back what cache_page_enter gave. */
static inline void cache_page_leave(cache_page_t *page)
{
    atomic_order_for_signals();
    /* relaxed: as above. */
    atomic_store_relaxed(&cache_page_own, page);
}

#endif
