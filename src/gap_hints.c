/* SPDX-License-Identifier: MIT */
#include "gap_hints.h"

gap_hint_t gap_hints_find(const gap_hints_t *hints, range_t window)
{
    gap_hint_t nearest = {0, GAP_HINTS};

    for (unsigned i = 0; hints && i < GAP_HINTS; i++) {
        /* relaxed: what it says is looked at before it is used. */
        uintptr_t place = atomic_load_relaxed(&hints->places[i]);
        if (place > window.start && place < window.end && (!nearest.place || place < nearest.place))
            nearest = (gap_hint_t){place, i};
    }
    return nearest;
}

void gap_hints_keep(gap_hints_t *hints, unsigned index, uintptr_t place)
{
    if (!hints)
        return;
    if (index == GAP_HINTS)
        /* relaxed: a number for each. */
        index = atomic_fetch_add_relaxed(&hints->next, 1) % GAP_HINTS;
    /* relaxed: as in gap_hints_find. */
    atomic_store_relaxed(&hints->places[index], place);
}
