/* SPDX-License-Identifier: MIT */
#include "spots.h"

#include <stdlib.h>

enum { FIRST_CAPACITY = 4096 };

static int compare(const void *a, const void *b)
{
    uintptr_t one = *(const uintptr_t *)a;
    uintptr_t other = *(const uintptr_t *)b;

    return (one > other) - (one < other);
}

size_t spots_settle(spots_t *spots)
{
    size_t kept = 0;

    if (spots->count > 0)
        qsort(spots->items, spots->count, sizeof(*spots->items), compare);
    for (size_t i = 0; i < spots->count; i++)
        if (kept == 0 || spots->items[kept - 1] != spots->items[i])
            spots->items[kept++] = spots->items[i];
    spots->count = kept;
    return kept;
}

/* There are only so many instructions: mostly it is enough to drop what came twice. */
static int make_room(spots_t *spots)
{
    size_t     capacity = spots->capacity == 0 ? FIRST_CAPACITY : 2 * spots->capacity;
    uintptr_t *larger;

    if (spots->count < spots->capacity || spots_settle(spots) < spots->capacity / 2)
        return 0;
    larger = realloc(spots->items, capacity * sizeof(*larger));
    if (larger == NULL)
        return -1;
    spots->items = larger;
    spots->capacity = capacity;
    return 0;
}

void spots_add(spots_t *spots, uintptr_t spot)
{
    if (make_room(spots) == 0)
        spots->items[spots->count++] = spot;
}

size_t spots_in_both(const spots_t *one, const spots_t *other)
{
    size_t count = 0;

    for (size_t i = 0; i < one->count; i++)
        count += other->count > 0 &&
                 bsearch(&one->items[i], other->items, other->count, sizeof(*other->items), compare) != NULL;
    return count;
}

void spots_free(spots_t *spots)
{
    free(spots->items);
}
