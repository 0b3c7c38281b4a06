/* SPDX-License-Identifier: MIT */
#include "chase.h"

#include <stdint.h>
#include <stdlib.h>

#include "clock.h"
#include "failure.h"
#include "random.h"

enum { STEPS = 1 << 20 };

/* One ring of all lines of some memory, in random order. */
static void **make_ring(size_t lines)
{
    void   **memory = must_allocate(lines, CHASE_LINE);
    size_t  *order = must_allocate(lines, sizeof(size_t));
    size_t   words = CHASE_LINE / sizeof(void *);
    uint64_t seed = 5;

    for (size_t i = 0; i < lines; i++) {
        size_t j = random_below(&seed, i + 1);
        order[i] = order[j];
        order[j] = i;
    }
    for (size_t i = 0; i < lines; i++)
        memory[order[i] * words] = &memory[order[(i + 1) % lines] * words];
    free(order);
    return memory;
}

/* Goes along the ring. Returns where it came to, so that it cannot be left out. */
static void *go_along(void *at)
{
    for (size_t i = 0; i < STEPS; i++)
        at = *(void **)at;
    return at;
}

double chase(size_t lines)
{
    void **ring = make_ring(lines);
    void  *at = go_along(ring);
    double began = clock_seconds();

    at = go_along(at);
    double took = clock_seconds() - began;
    free(at != NULL ? ring : NULL);
    return took / STEPS * 1e9;
}
