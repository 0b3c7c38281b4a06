/* SPDX-License-Identifier: MIT
 *
 * cache: bodies from the calling thread's private chunks, so that threads do not meet at every body.
 *
 * A chunk is claimed from its module like a body, and handed out by plain additions. Its size is earned: at most a 64th
 * of what the module has handed out, so that small modules are served exactly and waste nothing.
 */
#ifndef LINTEL_CACHE_H
#define LINTEL_CACHE_H

#include "cache_page.h"

/* Take a body from a slot whose word this is, if it has a chunk of the module. Returns whether that could be. */
static inline bool cache_take_from(cache_slot_t *slot, uintptr_t word, const module_t *module, size_t size, void **body)
{
    /* Laid out in this order: code is not far, and costs data nothing. */
    if (__builtin_expect_with_probability(word == (uintptr_t)module, true, 0.6))
        return cache_slot_take(slot, size, body);
    return __builtin_expect(word == ((uintptr_t)module | SLOT_CODE), true) && cache_slot_take_marked(slot, size, body);
}

/* Allocate a body at the module's alignment from the thread's chunk, if the module's slots are at `place` of the page
 * that is kept at `own`. Returns whether that could be: not without a chunk, nor where it has no room or unused bytes
 * trap, nor for size 0, nor if the thread was interrupted inside. Touches nothing of the module. Wait-free. */
static inline bool cache_take(cache_place_t *own, const module_t *module, size_t place, size_t size, void **body)
{
    cache_page_t *page = cache_page_enter(own);
    cache_slot_t *slot = cache_page_slot(page, place);
    bool          taken = cache_take_from(slot, cache_slot_own(slot), module, size, body);

    cache_page_leave(own, page);
    return __builtin_expect(taken, true);
}

/* Allocate a body at a multiple of `align`, from the thread's chunk or a new one where that can be, else from the
 * module. Returns 0; -ENOSPC; -ENOMEM. Lock-free. */
int cache_allocate(module_t *module, size_t size, size_t align, void **body);

/* Take back the end of a body, into the thread's chunk where it lies right in front of it. Returns the bytes that are
 * available again; 0 where it is no body. Lock-free. */
size_t cache_shrink(module_t *module, range_t body, size_t new_size);

/* Give the calling thread's chunks back to their modules. Lock-free. */
void cache_flush(void);

/* Let go of every thread's chunk of a module that nobody references any more. Returns whether none is left: a thread
 * may be about to give one back. Lock-free. */
bool cache_forget(const module_t *module);

/* Add what threads have of the module, and have handed out of it, to its figures. Lock-free. */
void cache_count(const module_t *module, lintel_stats_t *stats);

/* Pages of code, and with them those of the thread's own chunk behind them, if they are in it: to be opened at once. */
range_t cache_widen(const module_t *module, range_t pages);

/* Have what threads have left of chunks on these pages of code trap: the calling thread's at once, another one's from
 * its next call on. Lock-free. */
void cache_trap_unused(const module_t *module, range_t pages);

/* Whether bytes of `range` are in a thread's chunk of `module`, whose slots are at `place`. It is only compared: it may
 * be gone. Wait-free, and safe from signal handlers. */
bool cache_overlaps(const module_t *module, size_t place, range_t range);

#endif
