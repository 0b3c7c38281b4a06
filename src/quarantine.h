/* SPDX-License-Identifier: MIT
 *
 * quarantine: address ranges that nobody has any more and nobody is to get yet, so that who still uses them is stopped
 * and does not meet others' bytes. They stay reserved, without memory and without access, until others have come after
 * them: so many ranges, and so many bytes, that it is bounded.
 *
 *   Q1  a range is in one place: in a slot, or its taker's
 */
#ifndef LINTEL_QUARANTINE_H
#define LINTEL_QUARANTINE_H

#include "atomic.h"
#include "base.h"

#define QUARANTINE_RANGES 32

/* The largest limit. */
#define QUARANTINE_MOST ((size_t)1 << 35)

/* A zero-initialised one is empty. */
typedef struct {
    _Atomic uint64_t ranges[QUARANTINE_RANGES]; /* first page << 24 | count of pages; 0: none */
    _Atomic uint32_t next;                      /* the slot after the one filled last, modulo their number */
    _Atomic size_t   bytes;
} quarantine_t;

/* Keep reserved pages back, without memory, of at most the limit. What comes out for it is the caller's to release: the
 * oldest, or nothing. Wait-free. */
range_t quarantine_put(quarantine_t *quarantine, range_t pages);

/* Whether there are more bytes in it than the limit. Wait-free. */
bool quarantine_is_over(const quarantine_t *quarantine, size_t limit);

/* Take the oldest range that has pages in the window. Returns whether there was one. Lock-free. */
bool quarantine_take(quarantine_t *quarantine, range_t window, range_t *pages);

#endif
