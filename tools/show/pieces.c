/* SPDX-License-Identifier: MIT */
#include "pieces.h"

/* Gaps up to this part of all that is shown are shown as they are. */
static const uint64_t shown_gap_part = 12;

static uint64_t gap_after(const ranges_t *ranges, size_t i)
{
    return ranges->items[i + 1].start - ranges->items[i].end;
}

/* Whether fewer than `most` gaps are wider than the one after `i`. */
static bool is_among_widest(const ranges_t *ranges, size_t i, size_t most)
{
    size_t wider = 0;

    for (size_t j = 0; j + 1 < ranges->count && wider < most; j++)
        wider += gap_after(ranges, j) > gap_after(ranges, i) || (gap_after(ranges, j) == gap_after(ranges, i) && j < i);
    return wider < most;
}

pieces_t pieces_of(const landscape_t *landscape, bool images)
{
    ranges_t ranges = landscape_ranges(landscape, images);
    uint64_t shown_gap = ranges_covered(&ranges, 0, UINTPTR_MAX) / shown_gap_part;
    pieces_t pieces = {0};
    size_t   first = 0;

    for (size_t i = 0; i < ranges.count; i++) {
        bool cut = i + 1 == ranges.count ||
                   (gap_after(&ranges, i) > shown_gap && is_among_widest(&ranges, i, MOST_PIECES - 1));

        if (!cut)
            continue;
        pieces.ranges[pieces.count++] = (range_t){.start = ranges.items[first].start, .end = ranges.items[i].end};
        first = i + 1;
    }
    ranges_free(&ranges);
    return pieces;
}

uint64_t pieces_bytes(const pieces_t *pieces)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < pieces->count; i++)
        bytes += pieces->ranges[i].end - pieces->ranges[i].start;
    return bytes;
}
