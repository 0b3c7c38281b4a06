/* SPDX-License-Identifier: MIT
 *
 * figures: what a document calls the figures of lintel_stats_t.
 */
#ifndef MAP_FIGURES_H
#define MAP_FIGURES_H

#include <stddef.h>
#include <stdint.h>

#include <lintel/lintel.h>

typedef struct {
    const char *name;
    size_t      offset; /* in lintel_stats_t */
} map_figure_t;

extern const map_figure_t map_figures[];
extern const size_t       map_figure_count;

uint64_t *figure_of(lintel_stats_t *stats, const map_figure_t *figure);

#endif
