/* SPDX-License-Identifier: MIT
 *
 * The thread is ended before it has anything to do, and its work done here, a pass at a time: so that each run makes
 * the same calls.
 */
#include <errno.h>

#include "../unit/unit.h"
#include "acts.h"
#include "stats.h"

/* Whoever is refused a thread has a heap all the same, and may ask again. */
void act_ask_for_service(world_t *world, const lintel_heap_options_t *options)
{
    act_create_and_open(world, options);
    if (!world->heap)
        return;
    calls_watch(true);
    int result = lintel_heap_service(world->heap);
    calls_watch(false);
    assert_true(!result || (result == -EAGAIN && world->report->refused));
    act_grow(world, options);
}

/* Not quite what it takes to be looked after. */
void act_earn_service(world_t *world, const lintel_heap_options_t *options)
{
    act_create_and_open(world, options);
    service_stop(&world->heap->service);
    world_hand_out(world, 0, 200 * KIB);
}

static void pass(world_t *world)
{
    calls_watch(true);
    (void)service_pass(&world->heap->service);
    calls_watch(false);
}

void act_be_served(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    for (unsigned i = 0; i < 12; i++) {
        world_allocate(world, 0, 20 * KIB, 0);
        world_allocate(world, 0, 1000, 0);
        pass(world);
    }
}

/* A region is ready to follow the newest one. */
void act_prepare_next(world_t *world, const lintel_heap_options_t *options)
{
    lintel_region_t figures;

    act_earn_service(world, options);
    while (!stats_of_prepared(world->owners[0].module->module, &figures)) {
        world_allocate(world, 0, 20 * KIB, 0);
        pass(world);
    }
}

/* A body that fits neither there nor beside it. */
void act_drop_prepared(world_t *world, const lintel_heap_options_t *options)
{
    lintel_region_t figures;

    (void)options;
    assert_true(stats_of_prepared(world->owners[0].module->module, &figures));
    world_allocate(world, 0, world->hole.end - figures.start, 0);
    pass(world);
    world_allocate(world, 0, 1000, 0);
}

void act_close_prepared(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_close(world, 0);
    world_open(world, 2, 0);
    world_allocate(world, 1, 1000, 0);
}
