/* SPDX-License-Identifier: MIT
 *
 * bump: hands out a range from its start upward, by one atomic addition. Stands alone on atomic.h and base.h.
 *
 *   B1  start <= cursor, and cursor never wraps: nobody adds where the sum did not fit just before
 *   B2  every byte of [start, min(cursor, end)) was handed to exactly one caller, as part of a claim or of the tail
 *   B3  at most one caller ever gets the tail: the one whose addition crosses the end
 */
#ifndef LINTEL_BUMP_H
#define LINTEL_BUMP_H

#include "atomic.h"
#include "base.h"

typedef struct {
    _Atomic uintptr_t cursor; /* first byte not handed out; beyond `end` once the range is used up */
    _Atomic uintptr_t end;    /* constant while the bump is in use */
} bump_t;

typedef enum {
    BUMP_CLAIMED, /* the range is the caller's */
    BUMP_TAIL,    /* it did not fit; the range, what was left at the end, is the caller's to set aside */
    BUMP_FULL     /* it did not fit, and nothing is the caller's */
} bump_outcome_t;

static inline uintptr_t bump_end(const bump_t *bump)
{
    /* relaxed: constant while in use; whoever may use the bump acquired it with the object around it. */
    return atomic_load_relaxed(&bump->end);
}

/* How far the bump has handed out: at most `end`. */
static inline uintptr_t bump_level(const bump_t *bump)
{
    /* acquire: pairs with bump_return's release; who sees the level go back sees what was done to the bytes. */
    return min_address(atomic_load_acquire(&bump->cursor), bump_end(bump));
}

static inline void bump_start(bump_t *bump, range_t range)
{
    /* release: a reader of a reused descriptor that sees these sees that it was reused (S3). */
    atomic_store_release(&bump->end, range.end);
    /* release: as above. */
    atomic_store_release(&bump->cursor, range.start);
}

/* Claims `size` bytes at the cursor. Wait-free. */
static inline bump_outcome_t bump_claim(bump_t *bump, size_t size, range_t *range)
{
    uintptr_t end = bump_end(bump);
    /* relaxed: only a guard against wrapping (B1); the addition below decides. */
    uintptr_t cursor = atomic_load_relaxed(&bump->cursor);

    if (cursor > end || size > end - cursor)
        return BUMP_FULL;

    /* acquire: pairs with bump_return's release; bytes that were given back are zero again. */
    cursor = atomic_fetch_add_acquire(&bump->cursor, size);
    if (cursor >= end)
        return BUMP_FULL;
    *range = (range_t){cursor, size <= end - cursor ? cursor + size : end};
    return size <= end - cursor ? BUMP_CLAIMED : BUMP_TAIL;
}

/* Claims from the cursor up to the end of `size` bytes at the next multiple of `align`: padding in front included.
 * Gives BUMP_CLAIMED or BUMP_FULL. Lock-free. */
static inline bump_outcome_t bump_claim_aligned(bump_t *bump, size_t size, size_t align, range_t *range)
{
    uintptr_t end = bump_end(bump);
    uintptr_t body;
    /* relaxed: the CAS below decides. */
    uintptr_t cursor = atomic_load_relaxed(&bump->cursor);

    do {
        body = align_up(cursor, align);
        if (body < cursor || body > end || size > end - body)
            return BUMP_FULL;
        /* acquire: pairs with bump_return's release, as in bump_claim. */
    } while (!atomic_cas_acquire(&bump->cursor, &cursor, body + size));
    *range = (range_t){cursor, body + size};
    return BUMP_CLAIMED;
}

/* Claims exactly `range`, if the cursor is at its start. Returns whether it was. Wait-free. */
static inline bool bump_claim_at(bump_t *bump, range_t range)
{
    uintptr_t expected = range.start;

    /* acquire: pairs with bump_return's release, as in bump_claim. */
    return range.end <= bump_end(bump) && atomic_cas_acquire(&bump->cursor, &expected, range.end);
}

/* Ends the bump: claims all that is left, and leaves the cursor beyond the end, so that no claim is taken back to
 * where nobody looks any more. Gives BUMP_TAIL or BUMP_FULL. Lock-free. */
static inline bump_outcome_t bump_seal(bump_t *bump, range_t *range)
{
    uintptr_t end = bump_end(bump);
    /* relaxed: the CAS below decides. */
    uintptr_t cursor = atomic_load_relaxed(&bump->cursor);

    do {
        if (cursor > end)
            return BUMP_FULL;
        /* acquire: pairs with bump_return's release, as in bump_claim. */
    } while (!atomic_cas_acquire(&bump->cursor, &cursor, end + 1));
    if (cursor == end)
        return BUMP_FULL;
    *range = (range_t){cursor, end};
    return BUMP_TAIL;
}

/* Takes a claim back, if it was the last one. Returns whether it did; if not, the range is still the caller's. */
static inline bool bump_return(bump_t *bump, range_t range)
{
    uintptr_t expected = range.end;

    /* release: pairs with the claims' acquire; what the caller did to the bytes (zeroing) comes before. */
    return atomic_cas_release(&bump->cursor, &expected, range.start);
}

#endif
