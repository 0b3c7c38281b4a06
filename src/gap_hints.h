/* SPDX-License-Identifier: MIT
 *
 * gap_hints: where reserved ranges ended lately, and free ones may begin. They are never believed: a search begins at
 * one only where nothing is free between the window's start and it.
 */
#ifndef LINTEL_GAP_HINTS_H
#define LINTEL_GAP_HINTS_H

#include "atomic.h"
#include "base.h"

/* Modules lie in a few places, each with its own next free range. */
#define GAP_HINTS 8

/* Zero-initialised, there is none. */
typedef struct {
    _Atomic uintptr_t places[GAP_HINTS];
    _Atomic uint32_t  next; /* the one to be forgotten next, modulo their number */
} gap_hints_t;

typedef struct {
    uintptr_t place; /* 0: there is none */
    unsigned  index;
} gap_hint_t;

/* The nearest one inside a window; `hints` may be NULL. Wait-free. */
gap_hint_t gap_hints_find(const gap_hints_t *hints, range_t window);

/* Keep a place, instead of the hint that led there, or of the oldest for GAP_HINTS; `hints` may be NULL. Wait-free. */
void gap_hints_keep(gap_hints_t *hints, unsigned index, uintptr_t place);

#endif
