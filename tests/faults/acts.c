/* SPDX-License-Identifier: MIT */
#include "acts.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/team.h"
#include "../unit/unit.h"

void act_create(world_t *world, const lintel_heap_options_t *options)
{
    world_create(world, options);
}

void act_open_one(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_open(world, 1, 0);
}

void act_open_with_reserve(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_open(world, 1, 100 * KIB);
}

/* The map needs two more tables for it. */
void act_open_with_large_reserve(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_open(world, 1, 3 * MIB / 2);
}

void act_create_and_open(world_t *world, const lintel_heap_options_t *options)
{
    act_create(world, options);
    act_open_one(world, options);
}

void act_first_body(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 100, 0);
}

void act_fill_first_region(world_t *world, const lintel_heap_options_t *options)
{
    act_create_and_open(world, options);
    world_allocate(world, 0, 60 * KIB, 0);
}

void act_grow(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 16 * KIB, 0);
    world_allocate(world, 0, 300 * KIB, 0);
    world_allocate(world, 0, 100, 0);
}

/* From here on the module gives chunks to threads. */
void act_earn_chunks(world_t *world, const lintel_heap_options_t *options)
{
    act_create_and_open(world, options);
    world_hand_out(world, 0, 200 * KIB);
}

void act_refill(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate_many(world, 0, 200, 48);
    world_flush();
    world_allocate_many(world, 0, 1500, 160);
}

void act_allocate_aligned(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 100, 0);
    world_allocate(world, 0, 5000, 4096);
    world_allocate(world, 0, 100, 64);
    world_allocate(world, 0, 40 * KIB, 256);
    world_allocate(world, 0, 16, 2048);
}

enum { SHRUNK = 60 };

/* Enough spans for several blocks of them. */
void act_shrink(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate_many(world, 0, SHRUNK, 1000);
    for (unsigned i = 0; i < SHRUNK; i++)
        world_shrink(world, i, 10 * (i % 7) + 1);
}

/* Spans between bodies, and a tail that is not committed. */
void act_leave_spans(world_t *world, const lintel_heap_options_t *options)
{
    act_fill_first_region(world, options);
    world_allocate_many(world, 0, 8, 400);
    for (unsigned i = 0; i < 8; i++)
        world_shrink(world, i, 17);
    world_allocate(world, 0, 20 * KIB, 0);
    world_allocate(world, 0, 80 * KIB, 0);
}

void act_use_spans(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    for (size_t size = 16; size < 12 * KIB; size *= 3)
        world_allocate(world, 0, size, 0);
    world_allocate(world, 0, 60, 128);
    world_allocate_many(world, 0, 6, 15 * KIB);
}

static void open_and_fill(world_t *world, uint64_t key)
{
    unsigned owner = world->owner_count;

    if (!world_open(world, key, 0))
        return;
    world_allocate(world, owner, 100, 0);
    world_allocate(world, owner, 70 * KIB, 0);
}

void act_close_and_open_again(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    for (unsigned i = 0; i < 2; i++) {
        open_and_fill(world, 7);
        for (unsigned owner = 0; owner < world->owner_count; owner++)
            if (world->owners[owner].key == 7)
                world_close(world, owner);
    }
    open_and_fill(world, 7);
}

/* All there is but the guard. */
void act_fill_to_the_guard(world_t *world, const lintel_heap_options_t *options)
{
    act_create_and_open(world, options);
    world_allocate(world, 0, 4 * KIB, 0);
}

void act_use_guard(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 4 * KIB, 0);
}

/* Most of what there is. */
void act_leave_quarantine(world_t *world, const lintel_heap_options_t *options)
{
    act_create(world, options);
    open_and_fill(world, 7);
    world_close(world, 0);
    world_open(world, 8, 0);
}

void act_use_quarantine(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 1, 180 * KIB, 0);
}

/* Past what it takes to be given huge pages. */
void act_earn_huge_pages(world_t *world, const lintel_heap_options_t *options)
{
    act_create_and_open(world, options);
    world_hand_out(world, 0, 7 * MIB / 2);
}

void act_use_huge_pages(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 8 * MIB, 0);
    world_allocate(world, 0, 100, 0);
}

void act_look(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_look(world);
    world_print(world);
}

void act_destroy(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_destroy(world);
}

static void *thread_main(void *argument)
{
    world_t *world = argument;

    world_allocate_many(world, 0, 30, 64);
    world_shrink(world, 3, 10);
    /* What it does at its end counts too. */
    calls_watch(true);
    return NULL;
}

void act_run_thread(world_t *world, const lintel_heap_options_t *options)
{
    pthread_t thread;

    (void)options;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&thread, NULL, thread_main, world), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
        calls_watch(false);
    }
    world_allocate_many(world, 0, 30, 64);
}

static void live(world_t *world, const lintel_heap_options_t *options)
{
    act_first_body(world, options);
    act_grow(world, options);
    act_allocate_aligned(world, options);
    act_look(world, options);
    act_close_and_open_again(world, options);
}

static void go_on(world_t *world)
{
    world_allocate(world, 0, 100 * KIB, 0);
    open_and_fill(world, 8);
    world_close(world, world->owner_count - 1);
}

/* Both sides go on, one after the other, so that each run makes the same calls. */
void act_fork_and_live(world_t *world, const lintel_heap_options_t *options)
{
    int status;

    act_run_thread(world, options);
    calls_watch(true);
    pid_t child = fork();
    calls_watch(false);
    assert_true(child >= 0);
    if (!child) {
        go_on(world);
        world_destroy(world);
        keep_counts();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    go_on(world);
}

void act_whole_life(world_t *world, const lintel_heap_options_t *options)
{
    act_create_and_open(world, options);
    live(world, options);
    if (world->heap)
        world_destroy(world);
}
