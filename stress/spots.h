/* SPDX-License-Identifier: MIT
 *
 * spots: a set of code addresses.
 */
#ifndef STRESS_SPOTS_H
#define STRESS_SPOTS_H

#include <stddef.h>
#include <stdint.h>

/* Zero-initialised it is empty. */
typedef struct {
    uintptr_t *items; /* ascending and different only after spots_settle */
    size_t     count;
    size_t     capacity;
} spots_t;

/* What cannot be kept, for want of memory, is left out. */
void spots_add(spots_t *spots, uintptr_t spot);

/* Sort, and keep each once. Returns how many there are. */
size_t spots_settle(spots_t *spots);

/* How many are in both, once they are settled. */
size_t spots_in_both(const spots_t *one, const spots_t *other);

void spots_free(spots_t *spots);

#endif
