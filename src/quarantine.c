/* SPDX-License-Identifier: MIT */
#include "quarantine.h"

#include "os.h"

#define COUNT_BITS 24

static uint64_t word_of(range_t pages)
{
    size_t page = os_page_size();

    return (uint64_t)(pages.start / page) << COUNT_BITS | range_size(pages) / page;
}

static range_t range_of(uint64_t word)
{
    size_t    page = os_page_size();
    uintptr_t start = (uintptr_t)(word >> COUNT_BITS) * page;

    return (range_t){start, start + (size_t)(word & ((1U << COUNT_BITS) - 1)) * page};
}

static bool overlaps(range_t a, range_t b)
{
    return a.start < b.end && b.start < a.end;
}

range_t quarantine_put(quarantine_t *quarantine, range_t pages)
{
    /* relaxed: a number for each, and a figure. */
    uint32_t number = atomic_fetch_add_relaxed(&quarantine->next, 1);
    atomic_fetch_add_relaxed(&quarantine->bytes, range_size(pages));
    /* acq_rel: hands the ranges over, to quarantine_take and from quarantine_put (Q1): what was done to them before. */
    range_t out = range_of(atomic_exchange_acq_rel(&quarantine->ranges[number % QUARANTINE_RANGES], word_of(pages)));
    /* relaxed: a figure. */
    atomic_fetch_sub_relaxed(&quarantine->bytes, range_size(out));
    return out;
}

bool quarantine_is_over(const quarantine_t *quarantine, size_t limit)
{
    /* relaxed: a figure. */
    return atomic_load_relaxed(&quarantine->bytes) > limit;
}

static bool take(quarantine_t *quarantine, uint32_t slot, range_t window, range_t *pages)
{
    /* relaxed: the CAS decides. */
    uint64_t word = atomic_load_relaxed(&quarantine->ranges[slot]);

    /* acquire: pairs with quarantine_put's acq_rel; what was done to the range before. */
    if (!word || !overlaps(range_of(word), window) || !atomic_cas_acquire(&quarantine->ranges[slot], &word, 0))
        return false;
    *pages = range_of(word);
    /* relaxed: a figure. */
    atomic_fetch_sub_relaxed(&quarantine->bytes, range_size(*pages));
    return true;
}

bool quarantine_take(quarantine_t *quarantine, range_t window, range_t *pages)
{
    /* relaxed: where to begin. */
    uint32_t next = atomic_load_relaxed(&quarantine->next);

    for (uint32_t i = 0; i < QUARANTINE_RANGES; i++)
        if (take(quarantine, (next + i) % QUARANTINE_RANGES, window, pages))
            return true;
    return false;
}
