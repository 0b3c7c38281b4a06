/* SPDX-License-Identifier: MIT */
#include "figures.h"

const map_figure_t map_figures[] = {
    {"regions", offsetof(lintel_stats_t, regions)},
    {"reserved", offsetof(lintel_stats_t, reserved)},
    {"committed", offsetof(lintel_stats_t, committed)},
    {"allocated", offsetof(lintel_stats_t, allocated)},
    {"allocations", offsetof(lintel_stats_t, allocations)},
    {"spare", offsetof(lintel_stats_t, spare)},
    {"lost", offsetof(lintel_stats_t, lost)},
    {"failures", offsetof(lintel_stats_t, failures)},
};
const size_t map_figure_count = sizeof(map_figures) / sizeof(map_figures[0]);

uint64_t *figure_of(lintel_stats_t *stats, const map_figure_t *figure)
{
    return (uint64_t *)(void *)((char *)stats + figure->offset);
}
