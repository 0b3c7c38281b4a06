/* SPDX-License-Identifier: MIT
 *
 * malloc, whosever it is in this process.
 */
#include <stdlib.h>

#include "allocator.h"

static char nothing;

static void *malloc_open(const plan_t *plan)
{
    (void)plan;
    return &nothing;
}

static void malloc_close(void *arena)
{
    (void)arena;
}

static void *malloc_one(void *arena, size_t thread, size_t size)
{
    (void)arena;
    (void)thread;
    return malloc(size);
}

static void malloc_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(malloc_one, arena, thread, batch);
}

static void malloc_written_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_write(malloc_one, arena, thread, batch);
}

static void malloc_recycle(void *arena, const batch_t *batch)
{
    (void)arena;
    for (size_t i = 0; i < batch->count; i++)
        free(batch->bodies[i]);
}

const allocator_t allocator_malloc = {
    .name = "malloc",
    .open = malloc_open,
    .close = malloc_close,
    .one = malloc_one,
    .batch = malloc_batch,
    .written_batch = malloc_written_batch,
    .recycle = malloc_recycle,
};
