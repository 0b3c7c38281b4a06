/* SPDX-License-Identifier: MIT
 *
 * picture_area: where in the picture a part of it goes, and bars that stay visible however short they are.
 */
#ifndef SHOW_PICTURE_AREA_H
#define SHOW_PICTURE_AREA_H

#include <stdio.h>

#include "landscape.h"
#include "svg.h"

typedef struct {
    double left;
    double top;
    double right;
} picture_area_t;

/* Bars on one line, drawn from left to right: what is too short to see is widened, and what lies wholly under a bar
 * that was is left out. */
typedef struct {
    FILE  *out;
    double top;
    double height;
    double right; /* no bar goes past this */
    double drawn; /* everything left of this is */
} bars_t;

void bars_draw(bars_t *bars, double from, double to, const char *look, const char *hover);

/* The name in the middle of a bar, cut if it has to be, if there is room for enough of it. */
void bars_draw_name(const bars_t *bars, double from, double to, const char *look, const char *name);

/* A region as a bar from `from` to `to`, of which the taken part is darker. */
void bars_draw_region(bars_t *bars, double from, double to, const landscape_module_t *module,
                      const lintel_region_t *region);

#endif
