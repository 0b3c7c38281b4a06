/* SPDX-License-Identifier: MIT */
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/team.h"
#include "../unit/unit.h"
#include "acts.h"

/* Publishes the bodies from `first` on, every `step`th. */
static void publish(world_t *world, unsigned first, unsigned step)
{
    for (unsigned i = first; i < world->body_count; i += step)
        world_publish(world, i);
}

void act_first_code(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 100, 0);
    publish(world, 0, 1);
}

void act_open_and_use_code(world_t *world, const lintel_heap_options_t *options)
{
    world_open(world, 1, 100 * KIB);
    act_first_code(world, options);
}

void act_name(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate_many(world, 0, 4, 100);
    for (unsigned i = 0; i < world->body_count; i++)
        world_name(world, i);
    world_take_map(world);
}

void act_grow_code(world_t *world, const lintel_heap_options_t *options)
{
    act_grow(world, options);
    publish(world, 0, 1);
    world_allocate(world, 0, 100, 0);
}

/* From here on the module gives chunks to threads: those of code are whole pages. */
void act_earn_code_chunks(world_t *world, const lintel_heap_options_t *options)
{
    act_create_and_open(world, options);
    world_hand_out(world, 0, 600 * KIB);
}

void act_refill_code(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate_many(world, 0, 150, 48);
    publish(world, 0, 50);
    world_flush();
    world_allocate_many(world, 0, 150, 160);
    publish(world, 1, 50);
}

/* On a page that was opened before, and on others. */
void act_publish_many(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate_many(world, 0, 20, 700);
    publish(world, 0, 3);
    world_allocate_many(world, 0, 4, 700);
    publish(world, 1, 3);
}

enum { SHRUNK = 20 };

/* Of those that are published, some on pages that the others opened. */
void act_shrink_code(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate_many(world, 0, SHRUNK, 10000);
    for (unsigned i = 0; i < SHRUNK; i++) {
        world_shrink(world, i, 900 * (i % 7) + 1);
        if (i % 2)
            world_publish(world, i);
    }
}

/* Spans between bodies, on open pages and closed ones, and a tail that has no memory yet. */
void act_leave_code_spans(world_t *world, const lintel_heap_options_t *options)
{
    act_fill_first_region(world, options);
    world_allocate_many(world, 0, 6, 9000);
    for (unsigned i = 0; i < world->body_count; i++)
        world_shrink(world, i, 17);
    publish(world, 1, 2);
    world_allocate(world, 0, 20 * KIB, 0);
    world_allocate(world, 0, 80 * KIB, 0);
}

void act_use_code_spans(world_t *world, const lintel_heap_options_t *options)
{
    act_use_spans(world, options);
    publish(world, 0, 4);
}

void act_reopen_code(world_t *world, const lintel_heap_options_t *options)
{
    act_close_and_open_again(world, options);
    publish(world, 0, 1);
}

void act_prepare_code_fork(world_t *world, const lintel_heap_options_t *options)
{
    act_earn_code_chunks(world, options);
    world_allocate_many(world, 0, 10, 700);
    world_allocate_many(world, 0, 10, 40);
    publish(world, 0, 2);
}

static void live_in_child(world_t *world)
{
    world_drop_lost(world);
    world_check_bodies(world);
    world_allocate(world, 0, 5000, 0);
    publish(world, 0, 1);
    world_open(world, 8, 0);
    world_allocate(world, world->owner_count - 1, 100, 0);
    publish(world, world->body_count - 1, 1);
    world_check_bodies(world);
    world_destroy(world);
    world_check_unmapped(world);
}

/* The child has a copy, or has lost what could not be copied; the parent notices nothing of either. */
void act_fork_with_code(world_t *world, const lintel_heap_options_t *options)
{
    int status;

    (void)options;
    calls_watch(true);
    pid_t child = fork();
    calls_watch(false);
    assert_true(child >= 0);
    if (!child) {
        live_in_child(world);
        keep_counts();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    world_check_bodies(world);
    world_allocate(world, 0, 100 * KIB, 0);
    publish(world, 0, 1);
}

void act_whole_life_of_code(world_t *world, const lintel_heap_options_t *options)
{
    act_create_and_open(world, options);
    act_first_code(world, options);
    act_grow_code(world, options);
    act_allocate_aligned(world, options);
    act_reopen_code(world, options);
    if (world->heap)
        world_destroy(world);
}
