/* SPDX-License-Identifier: MIT
 *
 * What the contract makes anyone do in a call, as a floor, and nothing else: a bump pointer of the thread's own, the
 * next chunk of which never comes. Behind each step stands the promise that asks for it. For code, also the byte a body
 * that lintel_find looks for, laid out as lintel's are.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "allocator.h"
#include "failure.h"
#include "mapping.h"

enum { CACHE_LINE = 64, ALIGNMENT = 16, SLOTS = 32, MARKED_UNIT = 16, MARK_BODY = 1 };

static const uint64_t one_body = UINT64_C(1) << 30;

/* A thread's chunk of one module. */
typedef struct {
    _Alignas(CACHE_LINE) uintptr_t cursor;
    uintptr_t end;
    uintptr_t low_bits; /* the module's alignment less one */
    uint64_t  tally;    /* bodies, times one_body, plus the bytes that were asked for */
    uintptr_t marks;    /* where the mark of address 0 would be */
} slot_t;

/* A thread's slots; a module has the same in every thread's. */
typedef struct {
    slot_t slots[SLOTS];
} table_t;

typedef struct {
    size_t    place; /* in a table; what a call reads of the module */
    size_t    share;
    mapping_t mapping;
    mapping_t marks;
    size_t    threads;
    slot_t   *chunks[]; /* of the threads that came */
} arena_t;

static _Thread_local table_t  own_table;
static table_t                no_table;
static _Thread_local table_t *own = &no_table;

static size_t rounded(size_t size, size_t align)
{
    return (size + align - 1) & -align;
}

static void *contract_open(const plan_t *plan)
{
    static size_t opened;
    arena_t      *arena = must_allocate(1, sizeof(*arena) + plan->threads * sizeof(slot_t *));

    arena->place = offsetof(table_t, slots) + opened++ % SLOTS * sizeof(slot_t);
    arena->share = rounded(plan->bytes / plan->threads, MAPPING_PAGE) + MAPPING_PAGE;
    arena->threads = plan->threads;
    arena->mapping = mapping_make(arena->share * plan->threads);
    arena->marks = mapping_make(rounded(arena->mapping.size / MARKED_UNIT, MAPPING_PAGE) + MAPPING_PAGE);
    return arena;
}

static void *code_open(const plan_t *plan)
{
    arena_t *arena = contract_open(plan);

    mapping_populate(arena->marks.start, arena->marks.size);
    return arena;
}

/* No thread's table may lead to what is gone. */
static void contract_close(void *opaque)
{
    arena_t *arena = opaque;

    for (size_t i = 0; i < arena->threads; i++)
        if (arena->chunks[i] != NULL)
            *arena->chunks[i] = (slot_t){0};
    mapping_drop(&arena->mapping);
    mapping_drop(&arena->marks);
    free(arena);
}

static inline void mark(const slot_t *slot, uintptr_t last, size_t rounding)
{
    *(volatile uint8_t *)(slot->marks + last / MARKED_UNIT) = (uint8_t)(MARK_BODY + rounding);
}

static inline __attribute__((always_inline)) bool take(size_t place, size_t size, bool code, void **body)
{
    table_t *table = own; /* Progress: what is the thread's own, nobody else can hold */

    own = &no_table; /* Progress: a signal handler that comes now finds nothing that it could spoil */
    atomic_signal_fence(memory_order_seq_cst);

    slot_t   *slot = (slot_t *)(void *)((char *)table + place); /* Where: above this module, of many */
    uintptr_t start = slot->cursor;                             /* Apart: from here on nobody has had any */
    size_t    last = (size - 1) | slot->low_bits;               /* the descriptor's align */
    bool      fits = last < slot->end - start;                  /* Failure: of size 0 too, which wraps */

    if (__builtin_expect(fits, true)) {
        slot->cursor = start + last + 1;
        slot->tally += one_body + size; /* lintel_stats_t: allocations, allocated */
        if (code)
            mark(slot, start + last, last + 1 - size); /* Find */
        *body = (void *)start;
    }
    atomic_signal_fence(memory_order_seq_cst);
    own = table;
    return fits;
}

/* The thread's first call, and the last. */
static __attribute__((noinline)) void *take_slowly(arena_t *arena, size_t thread, size_t size)
{
    slot_t   *slot = (slot_t *)(void *)((char *)&own_table + arena->place);
    uintptr_t start = arena->mapping.start + thread * arena->share;
    uintptr_t marks = arena->marks.start - arena->mapping.start / MARKED_UNIT;
    void     *body = NULL;

    if (arena->chunks[thread] != NULL)
        return NULL;
    *slot = (slot_t){.cursor = start, .end = start + arena->share, .low_bits = ALIGNMENT - 1, .marks = marks};
    arena->chunks[thread] = slot;
    own = &own_table;
    (void)take(arena->place, size, true, &body);
    return body;
}

static __attribute__((noinline)) void *contract_one(void *arena, size_t thread, size_t size)
{
    void *body;

    return take(((const arena_t *)arena)->place, size, false, &body) ? body : take_slowly(arena, thread, size);
}

static __attribute__((noinline)) void *code_one(void *arena, size_t thread, size_t size)
{
    void *body;

    return take(((const arena_t *)arena)->place, size, true, &body) ? body : take_slowly(arena, thread, size);
}

static void contract_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(contract_one, arena, thread, batch);
}

static void code_batch(void *arena, size_t thread, const batch_t *batch)
{
    batch_allocate(code_one, arena, thread, batch);
}

const allocator_t allocator_contract = {
    .name = "contract",
    .open = contract_open,
    .close = contract_close,
    .one = contract_one,
    .batch = contract_batch,
};

const allocator_t allocator_contract_code = {
    .name = "contract-code",
    .open = code_open,
    .close = contract_close,
    .one = code_one,
    .batch = code_batch,
};
