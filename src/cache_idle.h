/* SPDX-License-Identifier: MIT
 *
 * cache_idle: takes back what threads have of a module and do not use.
 *
 * A thread takes bodies from its chunk without a word to anybody, so whoever wants the chunk back pays for both:
 *
 *   1  SLOT_WANTED is added to the slot's word, by which the thread's fast path no longer knows it
 *   2  after a barrier in every thread, each either sees that when it next enters its page, or is inside
 *   3  one whose own word is its page is not inside: SLOT_WANTED becomes SLOT_TAKEN, unless the thread has come back
 *      for its chunk meanwhile, by taking SLOT_WANTED away
 *   4  after a second barrier, all is seen that the thread has written in the slot
 *   5  the chunk goes back to the module, and the slot is empty
 */
#ifndef LINTEL_CACHE_IDLE_H
#define LINTEL_CACHE_IDLE_H

#include "cache_page.h"

/* Give back those chunks of a module of data that nothing was taken from since the last time. Does nothing where the
 * kernel has no barriers for other threads. For one caller for a module at a time, while nobody can fork and the module
 * stays. Lock-free. */
void cache_reclaim_idle(module_t *module);

#endif
