/* SPDX-License-Identifier: MIT
 *
 * slab: cells taken and given back, in the orders in which a free list without tags gives one cell to two; and the race
 * for the first chunk.
 */
#include "kernel.h"
#include "scenarios.h"
#include "slab.h"

enum { CELLS = 6 };

static slab_t       slab;
static slab_cell_t *had[MOST_THREADS + 1][CELLS];

static void take(unsigned self, unsigned place)
{
    slab_cell_t *cell = slab_allocate(&slab);

    explorer_check(cell, "there is a cell");
    for (unsigned i = 0; i <= MOST_THREADS; i++)
        for (unsigned j = 0; j < CELLS; j++)
            explorer_check(had[i][j] != cell, "S1: a cell is in one place");
    had[self][place] = cell;
    plain_write(cell, SLAB_CELL_SIZE);
}

static void give(unsigned self, unsigned place)
{
    slab_cell_t *cell = had[self][place];

    plain_write(cell, SLAB_CELL_SIZE);
    had[self][place] = NULL;
    slab_free(&slab, cell);
}

static void start_fresh(void)
{
    kernel_start(1);
    slab = (slab_t){0};
    for (unsigned i = 0; i <= MOST_THREADS; i++)
        for (unsigned j = 0; j < CELLS; j++)
            had[i][j] = NULL;
}

/* Two cells on the free list. */
static void start(void)
{
    start_fresh();
    take(NOBODY, 0);
    take(NOBODY, 1);
    give(NOBODY, 1);
    give(NOBODY, 0);
}

static void thread(unsigned self)
{
    take(self, 0);
    take(self, 1);
    give(self, 0);
}

static void thread_fresh(unsigned self)
{
    take(self, 0);
    give(self, 0);
}

/* All that nobody has can be had again, once, before there are fresh ones. */
static void end(void)
{
    /* relaxed: alone. */
    unsigned fresh = atomic_load_relaxed(&slab.fresh);
    unsigned left = fresh;

    for (unsigned i = 0; i < MOST_THREADS; i++)
        for (unsigned j = 0; j < CELLS; j++)
            left -= had[i][j] != NULL;
    for (unsigned i = 0; i < left; i++)
        take(NOBODY, i);
    /* relaxed: as above. */
    explorer_check(atomic_load_relaxed(&slab.fresh) == fresh, "S1: no cell is lost");
}

const scenario_t scenario_slab = {"slab", 2, start, thread, end};
const scenario_t scenario_slab_fresh = {"slab-fresh", 2, start_fresh, thread_fresh, end};
