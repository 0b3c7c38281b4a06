/* SPDX-License-Identifier: MIT
 *
 * cache_page: a thread's slots, each with a chunk of one module.
 *
 * Pages are chained for good, and go on to another thread when theirs ends; a module has the same slot in each.
 *
 *   T1  [cursor, end) of a slot belongs to the page's thread alone, reads as zero, and is committed
 *   T2  only the page's thread writes a slot, save that cache_forget takes `module` to 0, cache_trap_unused adds
 *       SLOT_OPENED to it, and cache_idle SLOT_WANTED, and that with SLOT_TAKEN it is cache_idle's until it is empty
 *   T3  while a slot's module is M, flags aside, M is not freed
 *   T4  while the thread is inside its page, cache_page_own is not the page but one with nothing in it: a signal
 *       handler that interrupts it there stays out
 *   T5  end - cursor is a multiple of the module's alignment
 *   T6  of a chunk of code, a page may be open only with SLOT_OPENED; with SLOT_TRAPPED, which the thread adds at its
 *       next call, all of [cursor, end) traps instead of reading as zero
 *   T7  bodies that a slot's tally counts are not in the module's books; it stays below SLOT_TALLY_ONE bytes
 */
#ifndef LINTEL_CACHE_PAGE_H
#define LINTEL_CACHE_PAGE_H

#include "module.h"
#include "static_tls.h"

#define CACHE_SLOTS    32
#define SLOT_LEAVING   ((uintptr_t)1)
#define SLOT_OPENED    ((uintptr_t)2)
#define SLOT_TRAPPED   ((uintptr_t)4)
#define SLOT_CODE      ((uintptr_t)8)
#define SLOT_WANTED    ((uintptr_t)16)
#define SLOT_TAKEN     (SLOT_WANTED | SLOT_LEAVING)
#define SLOT_FLAGS     ((uintptr_t)31)
#define SLOT_TALLY_ONE (UINT64_C(1) << 30)

/* A tally of so many bytes goes into the module's books at the next chunk. */
#define SLOT_TALLY_MUCH (UINT64_C(1) << 20)

typedef struct {
    alignas(CACHE_LINE) _Atomic uintptr_t module; /* 0: nothing here; of code with SLOT_CODE */
    _Atomic uintptr_t cursor;
    _Atomic uintptr_t end;
    _Atomic uint64_t  tally;   /* bodies, times SLOT_TALLY_ONE, plus the bytes that callers asked for: of the slot's
                                * chunks of this module, and of what went by them, since the books were settled */
    _Atomic uintptr_t counted; /* where those bodies would start if they all lay together, in front of the cursor */
    /* Only the page's thread looks at these. */
    uintptr_t low_bits;  /* the module's alignment less one */
    uintptr_t marks;     /* of a chunk of code, as starts_marks gives them */
    uint32_t  size;      /* of the chunk, without what came in front when the books were settled (T7) */
    uint32_t  tolerance; /* bytes that may be left of the chunk when it is exchanged */
} cache_slot_t;

typedef struct cache_page       cache_page_t;
typedef _Atomic(cache_page_t *) cache_place_t;

struct cache_page {
    cache_page_t            *next;  /* constant once chained */
    _Atomic(cache_place_t *) place; /* where its thread keeps it: its cache_page_own; NULL: it is nobody's */
    cache_slot_t             slots[CACHE_SLOTS];
    _Atomic uintptr_t        seen[CACHE_SLOTS];  /* cursors, when cache_idle looked last */
    size_t                   drawn[CACHE_SLOTS]; /* bytes of chunks since a slot is its module's; the thread's alone */
};

/* The calling thread's page; cache_page_none while it never had one, cache_page_shut while it is inside, while it gets
 * one, and when it has ended. */
extern _Thread_local _Atomic(cache_page_t *) cache_page_own;

/* How far from every thread's thread pointer that is; 0 if that is not known, or not so. Hidden: the compiler need not
 * ask where it is. */
extern __attribute__((visibility("hidden"))) _Atomic intptr_t cache_page_distance;

/* Pages without chunks, and nobody's: they are never written. */
extern cache_page_t cache_page_none, cache_page_shut;

/* Ready the handing on of pages when threads end, unless it is. Where the C library has no key left for that, threads
 * get no pages. */
void cache_page_start(void);

/* Get the thread a page if it never had one; `may_block` is false where that must be lock-free. */
void cache_page_get(bool may_block);

/* Where the modules with this serial number have their slots: a distance into the page. */
size_t cache_slot_place(uint64_t serial);

/* Bytes of all the chunks that the slot got since it is the module's, which it is; 0 if it is not. */
size_t cache_slot_drawn(cache_slot_t *slot, const module_t *module);

/* Fill an empty slot. */
void cache_slot_enter(cache_slot_t *slot, const module_t *module, range_t chunk);

/* Give what is left of the slot's chunk back to its module, which the caller has a reference to, and have another chunk
 * of the same module in its place. The books stay. */
void cache_slot_exchange(cache_slot_t *slot, module_t *module, range_t chunk);

/* Make the slot's chunk longer, by bytes behind it that are the caller's. */
void cache_slot_extend(cache_slot_t *slot, module_t *module, range_t more);

/* Count a body of the slot's module that is not of its chunk, of less than SLOT_TALLY_MUCH bytes. */
void cache_slot_count(cache_slot_t *slot, module_t *module, size_t size);

/* Give the slot's chunk and figures back to its module, whichever that is. */
void cache_slot_leave(cache_slot_t *slot);

/* Finish that for a slot that was taken from its thread. */
void cache_slot_settle(cache_slot_t *slot);

/* Take back what others want of a slot of the thread's own page. Returns whether it is the thread's: a chunk that was
 * taken is still being given back. Lock-free. */
bool cache_slot_regain(cache_slot_t *slot);

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

/* What a slot counts. To others, one of the words may be older than the others. */
static inline books_delta_t cache_slot_books(uint64_t tally, uintptr_t counted, uintptr_t cursor)
{
    uint64_t allocated = tally % SLOT_TALLY_ONE;

    return (books_delta_t){allocated, tally / SLOT_TALLY_ONE, max_address(cursor - counted, allocated) - allocated};
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

/* The thread's own slot's word. */
static inline uintptr_t cache_slot_own(const cache_slot_t *slot)
{
    /* relaxed: nobody forgets a module that the caller has a reference to (T2); SLOT_OPENED, which others may add, is
     * for later calls too (O2). */
    return atomic_load_relaxed(&slot->module);
}

/* A body of a chunk, by its first byte and how far behind that its last one is, rounding included. */
typedef struct {
    uintptr_t first;
    size_t    last;
} cache_taken_t;

/* Takes and counts the next body of a slot's chunk. Returns whether it had room. */
static inline bool cache_slot_advance(cache_slot_t *slot, size_t size, cache_taken_t *taken)
{
    /* relaxed, here and below: the thread's own. Whoever learns of the body from this thread learns of it by an edge of
     * their own. */
    uintptr_t cursor = atomic_load_relaxed(&slot->cursor);
    uintptr_t end = atomic_load_relaxed(&slot->end);
    size_t    last = (size - 1) | slot->low_bits;

    /* A size of 0 wraps; one that fits does so rounded up too (T5). */
    if (__builtin_expect(last >= end - cursor, false))
        return false;
    *taken = (cache_taken_t){cursor, last};
    /* relaxed: as above. */
    atomic_store_relaxed(&slot->cursor, cursor + last + 1);
    atomic_store_relaxed(&slot->tally, atomic_load_relaxed(&slot->tally) + size + SLOT_TALLY_ONE);
    return true;
}

/* Hands out of the chunk of a slot that is the module's, and not of code. Returns whether it had room. */
static inline bool cache_slot_take(cache_slot_t *slot, size_t size, void **body)
{
    cache_taken_t taken;

    if (!cache_slot_advance(slot, size, &taken))
        return false;
    *body = (void *)taken.first;
    return true;
}

/* Hands out of a chunk of code, and marks where the body ends. Returns whether it had room. */
static inline bool cache_slot_take_marked(cache_slot_t *slot, size_t size, void **body)
{
    cache_taken_t taken;

    if (!cache_slot_advance(slot, size, &taken))
        return false;
    starts_mark_next(slot->marks, taken.first + taken.last, taken.last + 1 - size);
    *body = (void *)taken.first;
    return true;
}

/* Where the thread keeps its page, if that can be said without a call, and there is a module; else NULL. */
static inline cache_place_t *cache_page_near(const void *module)
{
    /* relaxed: a number that says all there is to know. */
    intptr_t distance = atomic_load_relaxed(&cache_page_distance);

    return __builtin_expect(static_tls_both(distance, module), true) ? static_tls_at(distance) : NULL;
}

/* Takes the thread's page from where it is kept, so that its signal handlers stay out (T4). One without chunks if it
 * has none, or is inside already. */
static inline cache_page_t *cache_page_enter(cache_place_t *own)
{
    /* relaxed, both: only this thread and its signal handlers look at it. */
    cache_page_t *page = atomic_load_relaxed(own);
    atomic_store_relaxed(own, &cache_page_shut);
    atomic_order_for_signals();
    return page;
}

/* Puts back what cache_page_enter gave. */
static inline void cache_page_leave(cache_place_t *own, cache_page_t *page)
{
    atomic_order_for_signals();
    /* relaxed: as above. */
    atomic_store_relaxed(own, page);
}

#endif
