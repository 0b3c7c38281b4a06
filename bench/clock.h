/* SPDX-License-Identifier: MIT
 *
 * clock: the time, for stretches of microseconds and more; ticks, for single calls.
 */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline double clock_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A counter that runs at a constant rate on all cores. What comes before it in the program is over, what comes after it
 * has not begun. */
static inline uint64_t clock_ticks(void)
{
#if defined(__x86_64__)
    uint32_t low;
    uint32_t high;

    __asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
#elif defined(__aarch64__)
    uint64_t ticks;

    __asm__ volatile("isb\n\tmrs %0, cntvct_el0\n\tisb" : "=r"(ticks) : : "memory");
    return ticks;
#else
#error "no counter is known for this architecture"
#endif
}

#endif
