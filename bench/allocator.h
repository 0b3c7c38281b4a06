/* SPDX-License-Identifier: MIT
 *
 * allocator: what the measures are taken of. Each is driven in three ways, so that what is compared is the allocator
 * and not the way it was called: one body (by a pointer to a function), a batch of bodies (with the call, where there
 * is one, compiled into the loop), and a batch of bodies each of which is written whole.
 */
#ifndef BENCH_ALLOCATOR_H
#define BENCH_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What an arena is for. */
typedef struct {
    size_t bytes;   /* that will be asked for, each body rounded up to 16 */
    size_t threads; /* that will ask, each for an equal share */
    bool   warm;    /* nothing of it may wait for the kernel once bodies are asked for */
} plan_t;

/* Bodies to allocate, and where to note them. */
typedef struct {
    const size_t *sizes;
    void        **bodies;
    size_t        count;
} batch_t;

/* Bytes of address space for bodies. */
typedef struct {
    uint64_t reserved;
    uint64_t committed;
    uint64_t resident; /* in memory */
    uint64_t taken;    /* bodies, and whatever lies between them */
} usage_t;

typedef struct {
    const char *name;
    void *(*open)(const plan_t *plan);
    void (*close)(void *arena);
    /* `thread` is the number of the calling thread, below plan->threads. A body that cannot be had is a failure. */
    void *(*one)(void *arena, size_t thread, size_t size);
    void (*batch)(void *arena, size_t thread, const batch_t *batch);
    void (*written_batch)(void *arena, size_t thread, const batch_t *batch); /* NULL: bodies are not written in place */
    void (*recycle)(void *arena, const batch_t *batch);                      /* give the bodies back; NULL: cannot */
    void (*look)(void *arena, usage_t *usage);                               /* NULL: keeps no such books */
} allocator_t;

extern const allocator_t allocator_lintel;
extern const allocator_t allocator_lintel_code;
extern const allocator_t allocator_lintel_apart;
extern const allocator_t allocator_malloc;
extern const allocator_t allocator_asmjit;
extern const allocator_t allocator_mutex_bump;
extern const allocator_t allocator_fetch_add;
extern const allocator_t allocator_bump_call;
extern const allocator_t allocator_bump_inline;
extern const allocator_t allocator_contract;
extern const allocator_t allocator_contract_code;
extern const allocator_t allocator_kernel;
extern const allocator_t allocator_kernel_ahead;
extern const allocator_t allocator_kernel_huge;

enum { BODY_BYTE = 0xc3 };

void allocator_exhausted(size_t size) __attribute__((noreturn));

typedef void *allocate_one_t(void *arena, size_t thread, size_t size);

/* The loop that every allocator's batches are compiled from, with its own `one` in it, in functions whose names end
 * with "_batch" as no others do: by that bench/counts knows them. The batch is taken apart so that it stays in
 * registers over the calls. */
static inline __attribute__((always_inline)) void batch_each(allocate_one_t *one, void *arena, size_t thread,
                                                             const batch_t *batch, bool written)
{
    const size_t *size = batch->sizes;
    void        **note = batch->bodies;

    for (void **end = note + batch->count; note < end; note++, size++) {
        void *body = one(arena, thread, *size);

        if (__builtin_expect(body == NULL, 0))
            allocator_exhausted(*size);
        if (written)
            memset(body, BODY_BYTE, *size);
        *note = body;
    }
}

static inline __attribute__((always_inline)) void batch_allocate(allocate_one_t *one, void *arena, size_t thread,
                                                                 const batch_t *batch)
{
    batch_each(one, arena, thread, batch, false);
}

static inline __attribute__((always_inline)) void batch_write(allocate_one_t *one, void *arena, size_t thread,
                                                              const batch_t *batch)
{
    batch_each(one, arena, thread, batch, true);
}

#endif
