/* SPDX-License-Identifier: MIT
 *
 * ground: address space that a scenario lays out for itself: pieces that stay reserved (stand-ins for images and other
 * people's mappings) and holes between them that lintel can have.
 */
#ifndef STRESS_GROUND_H
#define STRESS_GROUND_H

#include "ranges.h"

typedef struct {
    range_t   whole;
    uintptr_t cursor; /* where the next piece goes */
    ranges_t  kept;   /* ascending */
} ground_t;

/* Reserve `size` bytes, whole pages, to lay out from the start upward. Returns 0 or a negative errno. */
int ground_reserve(ground_t *ground, size_t size);

/* The next `size` bytes, whole pages, stay reserved; stores where they start in *start. Returns 0; -ENOMEM; -ENOSPC. */
int ground_keep(ground_t *ground, size_t size, uintptr_t *start);

/* The next `size` bytes, whole pages, become a hole. */
void ground_skip(ground_t *ground, size_t size);

/* Give back all but the kept pieces: from now on anybody may get the holes. Returns 0 or a negative errno. */
int ground_open(ground_t *ground);

/* Give back the kept pieces; only after ground_open. */
void ground_release(ground_t *ground);

#endif
