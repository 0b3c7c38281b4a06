/* SPDX-License-Identifier: MIT */
#include "ranges.h"

#include <errno.h>
#include <stdlib.h>

static int ranges_grow(ranges_t *ranges)
{
    size_t   capacity = ranges->capacity == 0 ? 64 : 2 * ranges->capacity;
    range_t *items = realloc(ranges->items, capacity * sizeof(*items));

    if (items == NULL)
        return -ENOMEM;
    ranges->items = items;
    ranges->capacity = capacity;
    return 0;
}

int ranges_add(ranges_t *ranges, uintptr_t start, uintptr_t end)
{
    if (start >= end)
        return 0;
    if (ranges->count == ranges->capacity && ranges_grow(ranges) != 0)
        return -ENOMEM;
    ranges->items[ranges->count++] = (range_t){.start = start, .end = end};
    return 0;
}

static int by_start(const void *left, const void *right)
{
    const range_t *a = left;
    const range_t *b = right;

    return (a->start > b->start) - (a->start < b->start);
}

void ranges_join(ranges_t *ranges)
{
    size_t last = 0;

    if (ranges->count == 0)
        return;
    qsort(ranges->items, ranges->count, sizeof(ranges->items[0]), by_start);
    for (size_t i = 1; i < ranges->count; i++) {
        range_t *joined = &ranges->items[last];
        range_t *next = &ranges->items[i];

        if (next->start > joined->end)
            ranges->items[++last] = *next;
        else if (next->end > joined->end)
            joined->end = next->end;
    }
    ranges->count = last + 1;
}

/* The index of the lowest range that ends above `address`; count if none does. */
static size_t first_ending_above(const ranges_t *ranges, uintptr_t address)
{
    size_t low = 0;
    size_t high = ranges->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (ranges->items[middle].end > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

const range_t *ranges_overlapping(const ranges_t *ranges, uintptr_t start, uintptr_t end)
{
    size_t i = first_ending_above(ranges, start);

    return i < ranges->count && ranges->items[i].start < end ? &ranges->items[i] : NULL;
}

size_t ranges_count(const ranges_t *ranges, uintptr_t start, uintptr_t end)
{
    size_t first = first_ending_above(ranges, start);
    size_t i = first;

    while (i < ranges->count && ranges->items[i].start < end)
        i++;
    return i - first;
}

uint64_t ranges_covered(const ranges_t *ranges, uintptr_t start, uintptr_t end)
{
    uint64_t covered = 0;

    for (size_t i = first_ending_above(ranges, start); i < ranges->count && ranges->items[i].start < end; i++) {
        uintptr_t low = ranges->items[i].start > start ? ranges->items[i].start : start;
        uintptr_t high = ranges->items[i].end < end ? ranges->items[i].end : end;

        covered += high - low;
    }
    return covered;
}

static int subtract_from(range_t range, const ranges_t *taken, ranges_t *rest)
{
    for (size_t i = first_ending_above(taken, range.start); i < taken->count; i++) {
        if (taken->items[i].start >= range.end)
            break;
        if (ranges_add(rest, range.start, taken->items[i].start) != 0)
            return -ENOMEM;
        range.start = taken->items[i].end;
    }
    return ranges_add(rest, range.start, range.end);
}

int ranges_subtract(const ranges_t *ranges, const ranges_t *taken, ranges_t *rest)
{
    int error = 0;

    for (size_t i = 0; error == 0 && i < ranges->count; i++)
        error = subtract_from(ranges->items[i], taken, rest);
    return error;
}

void ranges_free(ranges_t *ranges)
{
    free(ranges->items);
    *ranges = (ranges_t){0};
}
