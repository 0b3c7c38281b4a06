/* SPDX-License-Identifier: MIT
 *
 * random: small seeded generator (xoshiro256**). A seed and a stream number give the same numbers every time, so a
 * run can be repeated; every thread draws from a stream of its own.
 */
#ifndef STRESS_RANDOM_H
#define STRESS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t state[4];
} random_t;

random_t random_stream(uint64_t seed, uint64_t stream);

uint64_t random_next(random_t *random);

/* Evenly distributed in [0, limit); limit is not 0. */
uint64_t random_below(random_t *random, uint64_t limit);

/* Evenly distributed in [least, most]. */
uint64_t random_between(random_t *random, uint64_t least, uint64_t most);

/* Put the `count` numbers in random order. */
void random_shuffle(random_t *random, uint32_t *numbers, size_t count);

/* A seed nobody chose, short enough to type. */
uint64_t random_fresh_seed(void);

#endif
