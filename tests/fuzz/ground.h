/* SPDX-License-Identifier: MIT
 *
 * ground: address space that is the target's alone, with the same holes in it for each input.
 */
#ifndef FUZZ_GROUND_H
#define FUZZ_GROUND_H

#include "base.h"

enum { MOST_HOLES = 3 };

/* Taken once; every input starts with all of it taken but for the holes that it makes. */
range_t ground_take(void);

/* Takes up what is free, and fails where a hole is not. */
void ground_restore(void);

void ground_free(range_t pages);

#endif
