/* SPDX-License-Identifier: MIT */
#include "scenarios.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/unit.h"

static void create(world_t *world, const lintel_heap_options_t *options)
{
    world_create(world, options);
}

static void open_one(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_open(world, 1, 0);
}

static void open_with_reserve(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_open(world, 1, 100 * KIB);
}

/* The map needs two more tables for it. */
static void open_with_large_reserve(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_open(world, 1, 3 * MIB / 2);
}

static void create_and_open(world_t *world, const lintel_heap_options_t *options)
{
    create(world, options);
    open_one(world, options);
}

static void first_body(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 100, 0);
}

static void fill_first_region(world_t *world, const lintel_heap_options_t *options)
{
    create_and_open(world, options);
    world_allocate(world, 0, 60 * KIB, 0);
}

static void grow(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 16 * KIB, 0);
    world_allocate(world, 0, 300 * KIB, 0);
    world_allocate(world, 0, 100, 0);
}

/* From here on the module gives chunks to threads. */
static void earn_chunks(world_t *world, const lintel_heap_options_t *options)
{
    create_and_open(world, options);
    world_hand_out(world, 0, 200 * KIB);
}

static void refill(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate_many(world, 0, 200, 48);
    world_flush();
    world_allocate_many(world, 0, 1500, 160);
}

static void allocate_aligned(world_t *world, const lintel_heap_options_t *options)
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
static void shrink(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate_many(world, 0, SHRUNK, 1000);
    for (unsigned i = 0; i < SHRUNK; i++)
        world_shrink(world, i, 10 * (i % 7) + 1);
}

/* Spans between bodies, and a tail that is not committed. */
static void leave_spans(world_t *world, const lintel_heap_options_t *options)
{
    fill_first_region(world, options);
    world_allocate_many(world, 0, 8, 400);
    for (unsigned i = 0; i < 8; i++)
        world_shrink(world, i, 17);
    world_allocate(world, 0, 20 * KIB, 0);
    world_allocate(world, 0, 80 * KIB, 0);
}

static void use_spans(world_t *world, const lintel_heap_options_t *options)
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

static void close_and_open_again(world_t *world, const lintel_heap_options_t *options)
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
static void fill_to_the_guard(world_t *world, const lintel_heap_options_t *options)
{
    create_and_open(world, options);
    world_allocate(world, 0, 4 * KIB, 0);
}

static void use_guard(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 4 * KIB, 0);
}

/* Most of what there is. */
static void leave_quarantine(world_t *world, const lintel_heap_options_t *options)
{
    create(world, options);
    open_and_fill(world, 7);
    world_close(world, 0);
    world_open(world, 8, 0);
}

static void use_quarantine(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 1, 180 * KIB, 0);
}

/* Past what it takes to be given huge pages. */
static void earn_huge_pages(world_t *world, const lintel_heap_options_t *options)
{
    create_and_open(world, options);
    world_hand_out(world, 0, 9 * MIB);
}

static void use_huge_pages(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_allocate(world, 0, 8 * MIB, 0);
    world_allocate(world, 0, 100, 0);
}

static void look(world_t *world, const lintel_heap_options_t *options)
{
    (void)options;
    world_look(world);
    world_print(world);
}

static void destroy(world_t *world, const lintel_heap_options_t *options)
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

static void run_thread(world_t *world, const lintel_heap_options_t *options)
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
    first_body(world, options);
    grow(world, options);
    allocate_aligned(world, options);
    look(world, options);
    close_and_open_again(world, options);
}

static void go_on(world_t *world)
{
    world_allocate(world, 0, 100 * KIB, 0);
    open_and_fill(world, 8);
    world_close(world, world->owner_count - 1);
}

/* Both sides go on, one after the other, so that each run makes the same calls. */
static void fork_and_live(world_t *world, const lintel_heap_options_t *options)
{
    int status;

    run_thread(world, options);
    calls_watch(true);
    pid_t child = fork();
    calls_watch(false);
    assert_true(child >= 0);
    if (!child) {
        go_on(world);
        world_destroy(world);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    go_on(world);
}

static void whole_life(world_t *world, const lintel_heap_options_t *options)
{
    create_and_open(world, options);
    live(world, options);
    if (world->heap)
        world_destroy(world);
}

#define HOLE ((size_t)1 << 20)

const scenario_t scenarios[] = {
    {.name = "create", .act = create, .hole = HOLE},
    {.name = "create with a pool", .act = create, .hole = HOLE, .pooled = true},
    {.name = "open", .prepare = create, .act = open_one, .hole = HOLE},
    {.name = "open with a reserve", .prepare = create, .act = open_with_reserve, .hole = HOLE},
    {.name = "open with a large one", .prepare = create, .act = open_with_large_reserve, .hole = 2 * HOLE},
    {.name = "first body", .prepare = create_and_open, .act = first_body, .hole = HOLE},
    {.name = "growth", .prepare = fill_first_region, .act = grow, .hole = HOLE},
    {.name = "growth by text", .prepare = fill_first_region, .act = grow, .hole = HOLE, .query_hidden = true},
    {.name = "growth by text alone",
     .prepare = fill_first_region,
     .act = grow,
     .hole = HOLE,
     .options = {.gap = LINTEL_GAP_TEXT}},
    {.name = "growth by trial",
     .prepare = fill_first_region,
     .act = grow,
     .hole = HOLE,
     .options = {.gap = LINTEL_GAP_PROBE}},
    {.name = "refill", .prepare = earn_chunks, .act = refill, .hole = HOLE},
    {.name = "aligned", .prepare = create_and_open, .act = allocate_aligned, .hole = HOLE},
    {.name = "shrink", .prepare = create_and_open, .act = shrink, .hole = HOLE},
    {.name = "spare spans", .prepare = leave_spans, .act = use_spans, .hole = HOLE},
    {.name = "close and reopen", .prepare = create_and_open, .act = close_and_open_again, .hole = HOLE},
    {.name = "guard", .prepare = fill_to_the_guard, .act = use_guard, .hole = 8 * KIB},
    {.name = "quarantine", .prepare = leave_quarantine, .act = use_quarantine, .hole = 256 * KIB},
    {.name = "pool", .prepare = create_and_open, .act = close_and_open_again, .hole = HOLE, .pooled = true},
    {.name = "huge pages",
     .prepare = earn_huge_pages,
     .act = use_huge_pages,
     .hole = 32 * HOLE,
     .options = {.huge = LINTEL_ON}},
    {.name = "populate", .prepare = create_and_open, .act = grow, .hole = HOLE, .options = {.populate = LINTEL_ON}},
    {.name = "look", .prepare = leave_spans, .act = look, .hole = HOLE},
    {.name = "destroy", .prepare = leave_spans, .act = destroy, .hole = HOLE},
    {.name = "threads", .prepare = earn_chunks, .act = run_thread, .hole = HOLE},
    {.name = "fork", .prepare = earn_chunks, .act = fork_and_live, .hole = 8 * HOLE},
    {.name = "whole life", .act = whole_life, .hole = 8 * HOLE},
};

const unsigned scenario_count = sizeof(scenarios) / sizeof(scenarios[0]);
