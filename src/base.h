/* SPDX-License-Identifier: MIT
 *
 * base: address ranges, and arithmetic that cannot overflow unseen.
 */
#ifndef LINTEL_BASE_H
#define LINTEL_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Contended words keep this distance from words that are only read. */
#define CACHE_LINE 64

/* The addresses from start up to, and without, end. */
typedef struct {
    uintptr_t start;
    uintptr_t end;
} range_t;

static inline size_t range_size(range_t range)
{
    return range.end - range.start;
}

static inline bool range_contains(range_t outer, range_t inner)
{
    return outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end;
}

static inline bool is_power_of_two(size_t value)
{
    return value && !(value & (value - 1));
}

/* The least power of two that is not below `value`, which is at most SIZE_MAX / 2 + 1. */
static inline size_t power_of_two_from(size_t value)
{
    size_t power = 1;

    while (power < value)
        power *= 2;
    return power;
}

/* `align`, here and below, is a power of two. */
static inline uintptr_t align_down(uintptr_t value, size_t align)
{
    return value & ~(uintptr_t)(align - 1);
}

/* Saturates: what cannot be rounded up becomes the greatest multiple, which is below `value`. */
static inline uintptr_t align_up(uintptr_t value, size_t align)
{
    return value > UINTPTR_MAX - (align - 1) ? align_down(UINTPTR_MAX, align) : align_down(value + (align - 1), align);
}

static inline uintptr_t add_saturating(uintptr_t a, uintptr_t b)
{
    return a > UINTPTR_MAX - b ? UINTPTR_MAX : a + b;
}

static inline uintptr_t min_address(uintptr_t a, uintptr_t b)
{
    return a < b ? a : b;
}

static inline uintptr_t max_address(uintptr_t a, uintptr_t b)
{
    return a > b ? a : b;
}

#endif
