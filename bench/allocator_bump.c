/* SPDX-License-Identifier: MIT
 *
 * Bump pointers over one plain mapping, with no promise but to hand out each byte once: the shared ones that people
 * write, and private ones as a ceiling.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "allocator.h"
#include "failure.h"
#include "mapping.h"

enum { CACHE_LINE = 64, ALIGNMENT = 16 };

typedef struct {
    _Alignas(CACHE_LINE) uintptr_t cursor;
    uintptr_t end;
} private_bump_t;

typedef struct {
    mapping_t mapping;
    _Alignas(CACHE_LINE) atomic_uintptr_t cursor;
    _Alignas(CACHE_LINE) pthread_mutex_t lock;
    uintptr_t guarded_cursor;
    _Alignas(CACHE_LINE) private_bump_t own[]; /* one a thread */
} arena_t;

static size_t rounded(size_t size)
{
    return (size + ALIGNMENT - 1) & -(size_t)ALIGNMENT;
}

static void *bump_open(const plan_t *plan)
{
    size_t   share = plan->bytes / plan->threads;
    arena_t *arena = aligned_alloc(CACHE_LINE, sizeof(*arena) + plan->threads * sizeof(arena->own[0]));

    if (arena == NULL)
        failure("out of memory");
    arena->mapping = mapping_make(plan->bytes + MAPPING_PAGE);
    arena->guarded_cursor = arena->mapping.start;
    atomic_init(&arena->cursor, arena->mapping.start);
    pthread_mutex_init(&arena->lock, NULL);
    for (size_t i = 0; i < plan->threads; i++) {
        uintptr_t start = rounded(arena->mapping.start + i * share);

        arena->own[i] = (private_bump_t){.cursor = start, .end = start + rounded(share)};
    }
    return arena;
}

static void bump_close(void *opaque)
{
    arena_t *arena = opaque;

    pthread_mutex_destroy(&arena->lock);
    mapping_drop(&arena->mapping);
    free(arena);
}

static inline void *private_one(private_bump_t *bump, size_t size)
{
    uintptr_t body = bump->cursor;

    if (__builtin_expect(rounded(size) > bump->end - body, 0))
        return NULL;
    bump->cursor = body + rounded(size);
    return (void *)body;
}

static inline __attribute__((always_inline)) void *inline_one(void *arena, size_t thread, size_t size)
{
    return private_one(&((arena_t *)arena)->own[thread], size);
}

static void inline_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(inline_one, arena, thread, batch);
}

static void inline_written_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_write(inline_one, arena, thread, batch);
}

const allocator_t allocator_bump_inline = {
    .name = "bump-inline",
    .open = bump_open,
    .close = bump_close,
    .one = inline_one,
    .batch = inline_batch,
    .written_batch = inline_written_batch,
};

static __attribute__((noinline)) void *call_one(void *arena, size_t thread, size_t size)
{
    return private_one(&((arena_t *)arena)->own[thread], size);
}

static void call_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(call_one, arena, thread, batch);
}

static void call_written_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_write(call_one, arena, thread, batch);
}

const allocator_t allocator_bump_call = {
    .name = "bump-call",
    .open = bump_open,
    .close = bump_close,
    .one = call_one,
    .batch = call_batch,
    .written_batch = call_written_batch,
};

static __attribute__((noinline)) void *fetch_add_one(void *opaque, size_t thread, size_t size)
{
    arena_t  *arena = opaque;
    uintptr_t end = arena->mapping.start + arena->mapping.size;
    /* relaxed: the address alone is handed out. */
    uintptr_t body = atomic_fetch_add_explicit(&arena->cursor, rounded(size), memory_order_relaxed);

    (void)thread;
    return body > end || rounded(size) > end - body ? NULL : (void *)body;
}

static void fetch_add_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(fetch_add_one, arena, thread, batch);
}

static void fetch_add_written_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_write(fetch_add_one, arena, thread, batch);
}

const allocator_t allocator_fetch_add = {
    .name = "fetch-add",
    .open = bump_open,
    .close = bump_close,
    .one = fetch_add_one,
    .batch = fetch_add_batch,
    .written_batch = fetch_add_written_batch,
};

static __attribute__((noinline)) void *mutex_one(void *opaque, size_t thread, size_t size)
{
    arena_t *arena = opaque;
    void    *body = NULL;

    (void)thread;
    pthread_mutex_lock(&arena->lock);
    if (rounded(size) <= arena->mapping.start + arena->mapping.size - arena->guarded_cursor) {
        body = (void *)arena->guarded_cursor;
        arena->guarded_cursor += rounded(size);
    }
    pthread_mutex_unlock(&arena->lock);
    return body;
}

static void mutex_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(mutex_one, arena, thread, batch);
}

static void mutex_written_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_write(mutex_one, arena, thread, batch);
}

const allocator_t allocator_mutex_bump = {
    .name = "mutex-bump",
    .open = bump_open,
    .close = bump_close,
    .one = mutex_one,
    .batch = mutex_batch,
    .written_batch = mutex_written_batch,
};
