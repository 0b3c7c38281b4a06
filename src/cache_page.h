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
 *   T4  `busy` is set while the thread is inside its page: a signal handler that interrupts it there stays out
 *   T6  of a chunk of code, a page may be open only with SLOT_OPENED; with SLOT_TRAPPED, which the thread adds at its
 *       next call, all of [cursor, end) traps instead of reading as zero
 *   T5  end - cursor is a multiple of the module's alignment, and a chunk is smaller than SLOT_TALLY_ONE
 */
#ifndef LINTEL_CACHE_PAGE_H
#define LINTEL_CACHE_PAGE_H

#include "module.h"

#define CACHE_SLOTS    32
#define SLOT_LEAVING   ((uintptr_t)1)
#define SLOT_OPENED    ((uintptr_t)2)
#define SLOT_TRAPPED   ((uintptr_t)4)
#define SLOT_FLAGS     ((uintptr_t)7)
#define SLOT_TALLY_ONE (UINT64_C(1) << 24)

typedef struct {
    alignas(CACHE_LINE) _Atomic uintptr_t module; /* 0: nothing here */
    _Atomic uintptr_t cursor;
    _Atomic uintptr_t end;
    _Atomic uint64_t  tally;     /* bodies of this chunk, times SLOT_TALLY_ONE, plus the bytes that callers asked for */
    _Atomic uintptr_t mask;      /* the module's alignment, negative */
    _Atomic uintptr_t start;     /* of the chunk */
    _Atomic uintptr_t tolerance; /* bytes that may be left of the chunk when it is exchanged */
    _Atomic(starts_block_t *) marks; /* of a chunk of code; else NULL */
} cache_slot_t;

typedef struct cache_page cache_page_t;

struct cache_page {
    cache_page_t    *next; /* constant once chained */
    _Atomic bool     owned;
    _Atomic unsigned busy;
    cache_slot_t     slots[CACHE_SLOTS];
};

/* The calling thread's page; while it has none, one that is always busy. */
extern _Thread_local _Atomic(cache_page_t *) cache_page_own;

/* Ready the handing on of pages when threads end, unless it is. Where the C library has no key left for that, threads
 * get no pages. */
void cache_page_start(void);

/* The thread's page, got for it if it has none; `may_block` is false where that must be lock-free. NULL if there is
 * none to be had; one that is always busy in a handler that interrupts this, and while the thread ends. */
cache_page_t *cache_page_get(bool may_block);

/* Where the modules with this serial number have their slots: a distance into the page. */
size_t cache_slot_place(uint64_t serial);

/* Fill an empty slot. */
void cache_slot_enter(cache_slot_t *slot, const module_t *module, range_t chunk);

/* Give the slot's chunk and figures back to its module, whichever that is. */
void cache_slot_leave(cache_slot_t *slot);

/* Leave all slots of the thread's own page. */
void cache_page_flush(cache_page_t *page);

/* The first of all pages, NULL if there is none. */
cache_page_t *cache_page_first(void);

/* In the child of a fork: free the pages of threads that do not exist there. */
void cache_page_after_fork(void);

static inline cache_page_t *cache_page_mine(void)
{
    /* relaxed: only this thread and its signal handlers use it. */
    return atomic_load_relaxed(&cache_page_own);
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

static inline bool cache_slot_is(const cache_slot_t *slot, const module_t *module)
{
    /* relaxed: the thread's own, and nobody forgets a module that the caller has a reference to (T2). */
    return atomic_load_relaxed(&slot->module) == (uintptr_t)module;
}

/* Hands out of the chunk of a slot that is the module's. Returns whether it had room. */
static inline bool cache_slot_take(cache_slot_t *slot, size_t size, void **body)
{
    /* relaxed, here and below: the thread's own. Whoever learns of the body from this thread learns of it by an edge of
     * their own. */
    uintptr_t cursor = atomic_load_relaxed(&slot->cursor);
    uintptr_t end = atomic_load_relaxed(&slot->end);
    uintptr_t mask = atomic_load_relaxed(&slot->mask);

    /* A size of 0 wraps; one that fits does so rounded up too (T5). */
    if (size - 1 >= end - cursor)
        return false;
    uintptr_t next = (cursor + (size - 1) - mask) & mask;
    /* relaxed: as above. */
    starts_block_t *marks = atomic_load_relaxed(&slot->marks);
    atomic_store_relaxed(&slot->cursor, next);
    /* relaxed: as above. */
    atomic_store_relaxed(&slot->tally, atomic_load_relaxed(&slot->tally) + size + SLOT_TALLY_ONE);
    if (marks)
        starts_mark_next(marks, (range_t){cursor, next}, next - cursor - size, end);
    *body = (void *)cursor;
    return true;
}

/* Keeps the thread's signal handlers out of its page. Returns whether it is free: not if the thread has none, nor if it
 * is inside already. */
static inline bool cache_page_enter(cache_page_t *page)
{
    /* relaxed, both: only this thread and its signal handlers look at it. */
    if (atomic_load_relaxed(&page->busy))
        return false;
    atomic_store_relaxed(&page->busy, 1);
    atomic_order_for_signals();
    return true;
}

static inline void cache_page_leave(cache_page_t *page)
{
    atomic_order_for_signals();
    /* relaxed: as above. */
    atomic_store_relaxed(&page->busy, 0);
}

#endif
