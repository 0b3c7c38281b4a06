/* SPDX-License-Identifier: MIT */
#include "latency.h"

#include <stdatomic.h>
#include <time.h>

/* Eight to each power of two. */
enum { STEPS = 8, STEP_BITS = 3, BUCKETS = 64 * STEPS };

static bool                  watched;
static _Atomic uint64_t      buckets[BUCKETS];
static _Atomic uint64_t      longest;
static _Thread_local uint8_t turn;

void latency_watch(void)
{
    watched = true;
}

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static size_t bucket_of(uint64_t nanoseconds)
{
    unsigned power;

    if (nanoseconds < STEPS)
        return nanoseconds;
    power = 63 - (unsigned)__builtin_clzll(nanoseconds);
    return (size_t)(power - STEP_BITS + 1) * STEPS + (nanoseconds >> (power - STEP_BITS)) % STEPS;
}

/* The greatest that falls into a bucket. */
static uint64_t bucket_end(size_t bucket)
{
    unsigned shift;

    if (bucket < STEPS)
        return bucket;
    shift = (unsigned)(bucket / STEPS) - 1;
    return ((STEPS + bucket % STEPS + 1) << shift) - 1;
}

static void note(uint64_t nanoseconds)
{
    /* relaxed: figures, read after the threads are joined, here and below. */
    uint64_t most = atomic_load_explicit(&longest, memory_order_relaxed);

    atomic_fetch_add_explicit(&buckets[bucket_of(nanoseconds)], 1, memory_order_relaxed);
    while (nanoseconds > most && !atomic_compare_exchange_weak_explicit(&longest, &most, nanoseconds,
                                                                        memory_order_relaxed, memory_order_relaxed))
        continue;
}

void *latency_alloc(lintel_module_t *module, size_t size)
{
    uint64_t before;
    void    *body;

    if (!watched || ++turn % LATENCY_EVERY != 0)
        return lintel_alloc(module, size);
    before = now();
    body = lintel_alloc(module, size);
    note(now() - before);
    return body;
}

uint64_t latency_count(void)
{
    uint64_t count = 0;

    for (size_t i = 0; i < BUCKETS; i++)
        count += atomic_load_explicit(&buckets[i], memory_order_relaxed);
    return count;
}

uint64_t latency_percentile(double part)
{
    double   wanted = part * (double)latency_count();
    uint64_t seen = 0;

    for (size_t i = 0; i < BUCKETS; i++) {
        seen += atomic_load_explicit(&buckets[i], memory_order_relaxed);
        if (seen > 0 && (double)seen >= wanted)
            return bucket_end(i) < latency_longest() ? bucket_end(i) : latency_longest();
    }
    return 0;
}

uint64_t latency_longest(void)
{
    return atomic_load_explicit(&longest, memory_order_relaxed);
}
