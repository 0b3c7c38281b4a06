/* SPDX-License-Identifier: MIT
 *
 * What the kernel takes to provide pages, as a floor: private bumps over memory that is populated 256 KiB ahead at a
 * time, or 2 MiB where the pages are huge; all of it beforehand if it is to be warm. Or by another thread, which goes
 * ahead as fast as the kernel lets it, from the first body on to the end, and is not waited for.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "allocator.h"
#include "failure.h"
#include "mapping.h"

enum { CACHE_LINE = 64, STEP = 256 << 10, ALIGNMENT = 16 };

typedef struct {
    _Alignas(CACHE_LINE) uintptr_t cursor;
    uintptr_t populated;
    size_t    step;
} lane_t;

typedef struct {
    mapping_t   mapping;
    lane_t     *lanes;
    pthread_t   populating; /* the thread that goes ahead, if there is one */
    sem_t       begun;      /* it is to start */
    atomic_bool over;       /* it is to end */
} arena_t;

static uintptr_t align_up(uintptr_t address, size_t align)
{
    return (address + align - 1) & -align;
}

static void *kernel_open_steps(const plan_t *plan, size_t step)
{
    arena_t *arena = must_allocate(1, sizeof(*arena));
    size_t   share = align_up(plan->bytes / plan->threads, step) + step;

    arena->lanes = aligned_alloc(CACHE_LINE, plan->threads * sizeof(arena->lanes[0]));
    if (arena->lanes == NULL)
        failure("out of memory");
    arena->mapping = mapping_make(plan->threads * share);
    if (step >= MAPPING_HUGE_PAGE)
        mapping_make_huge(&arena->mapping);
    if (plan->warm)
        mapping_populate(arena->mapping.start, arena->mapping.size);
    for (size_t i = 0; i < plan->threads; i++) {
        uintptr_t start = arena->mapping.start + i * share;

        arena->lanes[i] = (lane_t){.cursor = start, .populated = plan->warm ? start + share : start, .step = step};
    }
    return arena;
}

static void *kernel_open(const plan_t *plan)
{
    return kernel_open_steps(plan, STEP);
}

static void *kernel_huge_open(const plan_t *plan)
{
    return kernel_open_steps(plan, MAPPING_HUGE_PAGE);
}

static void *populate_all(void *opaque)
{
    arena_t *arena = opaque;

    while (sem_wait(&arena->begun) != 0)
        continue;
    /* relaxed: nothing is read through it. */
    for (size_t done = 0; done < arena->mapping.size && !atomic_load_explicit(&arena->over, memory_order_relaxed);
         done += STEP)
        mapping_populate(arena->mapping.start + done, STEP);
    return NULL;
}

static void *kernel_ahead_open(const plan_t *plan)
{
    arena_t *arena = kernel_open(plan);

    sem_init(&arena->begun, 0, 0);
    if (pthread_create(&arena->populating, NULL, populate_all, arena) != 0)
        failure("no thread could be made");
    return arena;
}

static void kernel_close(void *opaque)
{
    arena_t *arena = opaque;

    mapping_drop(&arena->mapping);
    free(arena->lanes);
    free(arena);
}

static void kernel_ahead_close(void *opaque)
{
    arena_t *arena = opaque;

    /* relaxed: as above. */
    atomic_store_explicit(&arena->over, true, memory_order_relaxed);
    sem_post(&arena->begun);
    pthread_join(arena->populating, NULL);
    sem_destroy(&arena->begun);
    kernel_close(arena);
}

static __attribute__((noinline)) void populate(lane_t *lane, uintptr_t end)
{
    size_t size = align_up(end - lane->populated, lane->step);

    mapping_populate(lane->populated, size);
    lane->populated += size;
}

static inline void *kernel_one(void *arena, size_t thread, size_t size)
{
    lane_t   *lane = &((const arena_t *)arena)->lanes[thread];
    uintptr_t body = lane->cursor;
    uintptr_t end = align_up(body + size, ALIGNMENT);

    if (__builtin_expect(end > lane->populated, 0))
        populate(lane, end);
    lane->cursor = end;
    return (void *)body;
}

static void kernel_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(kernel_one, arena, thread, batch);
}

static void kernel_written_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_write(kernel_one, arena, thread, batch);
}

/* A lane's first body has the thread start. The lanes themselves populate nothing. */
static inline void *ahead_one(void *opaque, size_t thread, size_t size)
{
    arena_t *arena = opaque;

    if (__builtin_expect(arena->lanes[thread].populated != UINTPTR_MAX, 0)) {
        arena->lanes[thread].populated = UINTPTR_MAX;
        sem_post(&arena->begun);
    }
    return kernel_one(arena, thread, size);
}

static void ahead_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(ahead_one, arena, thread, batch);
}

static void ahead_written_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_write(ahead_one, arena, thread, batch);
}

const allocator_t allocator_kernel = {
    .name = "kernel",
    .open = kernel_open,
    .close = kernel_close,
    .one = kernel_one,
    .batch = kernel_batch,
    .written_batch = kernel_written_batch,
};

const allocator_t allocator_kernel_ahead = {
    .name = "kernel-ahead",
    .open = kernel_ahead_open,
    .close = kernel_ahead_close,
    .one = ahead_one,
    .batch = ahead_batch,
    .written_batch = ahead_written_batch,
};

const allocator_t allocator_kernel_huge = {
    .name = "kernel-huge",
    .open = kernel_huge_open,
    .close = kernel_close,
    .one = kernel_one,
    .batch = kernel_batch,
    .written_batch = kernel_written_batch,
};
