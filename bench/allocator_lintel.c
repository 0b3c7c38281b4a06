/* SPDX-License-Identifier: MIT
 *
 * lintel: one module above this program, with as much room as the address space has; of data, or of code. And, as a
 * ceiling, a module for each thread, so that threads share nothing.
 *
 * A warm module is one region, committed whole by the first body; and it has handed out enough to have earned whatever
 * a module can earn.
 */
#include <errno.h>
#include <lintel/lintel.h>
#include <stdlib.h>

#include "allocator.h"
#include "failure.h"
#include "mapping.h"

enum { HEAD_START = 2 << 20, HEAD_START_BODY = 64, SLACK = 4 << 20, SLACK_OF_THREAD = 64 << 10 };

typedef struct {
    lintel_heap_t   *heap;
    size_t           count;
    lintel_module_t *modules[];
} arena_t;

extern char __executable_start;

static size_t next_power_of_two(size_t number)
{
    size_t power = 1;

    while (power < number)
        power *= 2;
    return power;
}

/* All in one region and one step. */
static size_t region_size(const plan_t *plan, size_t modules)
{
    size_t slack = SLACK + plan->bytes / 64 + plan->threads * SLACK_OF_THREAD;

    return plan->warm ? next_power_of_two(HEAD_START + plan->bytes / modules + slack) : 0;
}

static void make_warm(lintel_module_t *module, size_t size)
{
    lintel_region_t region;

    for (size_t i = 0; i < HEAD_START / HEAD_START_BODY; i++)
        if (lintel_alloc(module, HEAD_START_BODY) == NULL)
            allocator_exhausted(HEAD_START_BODY);
    if (lintel_module_regions(module, 1, &region) != 1 || region.committed < size)
        failure("the module could not be committed at once: %zu of %zu bytes are", region.committed, size);
}

static void *open_arena(const plan_t *plan, lintel_kind_t kind, size_t modules)
{
    size_t                size = region_size(plan, modules);
    lintel_heap_options_t options = {.first_region = size, .region_limit = size, .commit_step = size};
    lintel_module_desc_t  desc = {
         .base = (uintptr_t)&__executable_start, .kind = kind, .reach = LINTEL_REACH_ABOVE, .reserve = size};
    arena_t *arena = must_allocate(1, sizeof(*arena) + modules * sizeof(lintel_module_t *));
    int      error = lintel_heap_create(&options, &arena->heap);

    for (; error == 0 && arena->count < modules; arena->count++) {
        desc.key = arena->count + 1;
        error = lintel_module_open(arena->heap, &desc, &arena->modules[arena->count]);
    }
    if (error != 0)
        failure("no module could be opened: %s", strerror(-error));
    for (size_t i = 0; plan->warm && i < modules; i++)
        make_warm(arena->modules[i], size);
    return arena;
}

static void *lintel_open(const plan_t *plan)
{
    return open_arena(plan, LINTEL_DATA, 1);
}

static void *code_open(const plan_t *plan)
{
    return open_arena(plan, LINTEL_CODE, 1);
}

static void *apart_open(const plan_t *plan)
{
    return open_arena(plan, LINTEL_DATA, plan->threads);
}

static void lintel_close(void *opaque)
{
    arena_t *arena = opaque;

    for (size_t i = 0; i < arena->count; i++)
        lintel_module_release(arena->modules[i]);
    lintel_heap_destroy(arena->heap);
    free(arena);
}

static void *lintel_one(void *arena, size_t thread, size_t size)
{
    (void)thread;
    return lintel_alloc(((const arena_t *)arena)->modules[0], size);
}

static void *apart_one(void *arena, size_t thread, size_t size)
{
    return lintel_alloc(((const arena_t *)arena)->modules[thread], size);
}

static void *allocate_above(void *module, size_t thread, size_t size)
{
    (void)thread;
    return lintel_alloc(module, size);
}

static void lintel_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(allocate_above, ((const arena_t *)arena)->modules[0], thread, batch);
}

static void apart_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(allocate_above, ((const arena_t *)arena)->modules[thread], thread, batch);
}

static void lintel_written_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_write(allocate_above, ((const arena_t *)arena)->modules[0], thread, batch);
}

static void lintel_look(void *opaque, usage_t *usage)
{
    arena_t        *arena = opaque;
    lintel_region_t regions[64];
    size_t          count = lintel_module_regions(arena->modules[0], 64, regions);

    *usage = (usage_t){0};
    for (size_t i = 0; i < count && i < 64; i++) {
        usage->reserved += regions[i].reserved;
        usage->committed += regions[i].committed;
        usage->taken += regions[i].used;
        usage->resident += mapping_resident(regions[i].start, regions[i].committed);
    }
}

const allocator_t allocator_lintel = {
    .name = "lintel",
    .open = lintel_open,
    .close = lintel_close,
    .one = lintel_one,
    .batch = lintel_batch,
    .written_batch = lintel_written_batch,
    .look = lintel_look,
};

const allocator_t allocator_lintel_code = {
    .name = "lintel-code",
    .open = code_open,
    .close = lintel_close,
    .one = lintel_one,
    .batch = lintel_batch,
};

const allocator_t allocator_lintel_apart = {
    .name = "lintel-apart",
    .open = apart_open,
    .close = lintel_close,
    .one = apart_one,
    .batch = apart_batch,
};
