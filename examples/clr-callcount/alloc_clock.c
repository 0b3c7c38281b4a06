/* SPDX-License-Identifier: MIT */
#include "alloc_clock.h"

#include <stdatomic.h>
#include <time.h>

static atomic_bool   is_running;
static atomic_ullong calls;
static atomic_ullong nanoseconds;

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void alloc_clock_start(void)
{
    atomic_store(&is_running, true);
}

void *alloc_clock_alloc(clr_method_malloc_t *allocator, uint32_t size)
{
    if (!atomic_load(&is_running))
        return allocator->table->alloc(allocator, size);

    uint64_t start = now();
    void    *body = allocator->table->alloc(allocator, size);
    atomic_fetch_add(&nanoseconds, now() - start);
    atomic_fetch_add(&calls, 1);
    return body;
}

alloc_time_t alloc_clock_read(void)
{
    return (alloc_time_t){.calls = atomic_load(&calls), .nanoseconds = atomic_load(&nanoseconds)};
}
