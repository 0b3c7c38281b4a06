/* SPDX-License-Identifier: MIT
 *
 * ranges: a growing list of address ranges, and questions about it.
 */
#ifndef SHOW_RANGES_H
#define SHOW_RANGES_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uintptr_t start;
    uintptr_t end; /* one past the last byte */
} range_t;

typedef struct {
    range_t *items;
    size_t   count;
    size_t   capacity;
} ranges_t;

/* Append [start, end); an empty one is ignored. Returns 0 or -ENOMEM. */
int ranges_add(ranges_t *ranges, uintptr_t start, uintptr_t end);

/* Sort, and join what overlaps or touches. The questions below need ascending ranges that do not overlap. */
void ranges_join(ranges_t *ranges);

/* The lowest range that overlaps [start, end), or NULL. */
const range_t *ranges_overlapping(const ranges_t *ranges, uintptr_t start, uintptr_t end);

/* How many ranges overlap [start, end). */
size_t ranges_count(const ranges_t *ranges, uintptr_t start, uintptr_t end);

/* Bytes of [start, end) that lie in some range. */
uint64_t ranges_covered(const ranges_t *ranges, uintptr_t start, uintptr_t end);

/* Append to `rest` what `ranges` has and `taken` has not, both of them joined. Returns 0 or -ENOMEM. */
int ranges_subtract(const ranges_t *ranges, const ranges_t *taken, ranges_t *rest);

void ranges_free(ranges_t *ranges);

#endif
