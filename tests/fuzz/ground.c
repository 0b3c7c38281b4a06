/* SPDX-License-Identifier: MIT */
#include "ground.h"

#include "../unit/arena.h"
#include "../unit/unit.h"

#define GROUND_SIZE (16 * MIB)

static range_t  ground;
static range_t  holes[MOST_HOLES];
static unsigned hole_count;

range_t ground_take(void)
{
    if (ground.end == 0)
        ground = arena_take(GROUND_SIZE);
    return ground;
}

void ground_free(range_t pages)
{
    arena_free(pages);
    holes[hole_count++] = pages;
}

void ground_restore(void)
{
    while (hole_count)
        arena_fill(holes[--hole_count]);
}
