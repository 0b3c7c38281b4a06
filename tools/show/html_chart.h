/* SPDX-License-Identifier: MIT
 *
 * html_chart: a curve over time, and bars on a logarithmic scale.
 */
#ifndef SHOW_HTML_CHART_H
#define SHOW_HTML_CHART_H

#include <stddef.h>
#include <stdio.h>

typedef struct {
    double x;
    double y;
} chart_point_t;

/* A curve from 0 to the last x, ascending, and from 0 up. `unit` is what y counts. */
void html_curve(FILE *out, const chart_point_t *points, size_t count, const char *unit);

typedef struct {
    const char *label;
    const char *value; /* as shown */
    double      size;
} chart_bar_t;

/* Bars from `least` on, every power of ten as long as another. */
void html_bars(FILE *out, const chart_bar_t *bars, size_t count, double least);

#endif
