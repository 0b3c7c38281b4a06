/* SPDX-License-Identifier: MIT
 *
 * alloc_clock: how long allocators take, over all threads, where that is asked for. Any thread.
 */
#ifndef CALLCOUNT_ALLOC_CLOCK_H
#define CALLCOUNT_ALLOC_CLOCK_H

#include <stdint.h>

#include "profiling.h"

typedef struct {
    uint64_t calls;
    uint64_t nanoseconds;
} alloc_time_t;

/* Measure from now on. */
void alloc_clock_start(void);

/* The allocator's Alloc, measured or not. */
void *alloc_clock_alloc(clr_method_malloc_t *allocator, uint32_t size);

/* What came together; nothing if it was not started. */
alloc_time_t alloc_clock_read(void);

#endif
