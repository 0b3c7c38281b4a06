/* SPDX-License-Identifier: MIT
 *
 * svg: the few shapes a picture is made of. Lengths are in pixels at the picture's natural size; looks are classes of
 * the style sheet in svg_begin.
 */
#ifndef SHOW_SVG_H
#define SHOW_SVG_H

#include <stdio.h>

/* A rectangle; the hover text may be NULL. */
typedef struct {
    double      x;
    double      y;
    double      width;
    double      height;
    const char *look;
    const char *hover;
} svg_rect_t;

typedef enum { SVG_LEFT, SVG_CENTRE, SVG_RIGHT } svg_anchor_t;

void svg_begin(FILE *out, double width, double height, const char *title);
void svg_end(FILE *out);

void svg_rect(FILE *out, const svg_rect_t *rect);
void svg_line(FILE *out, double x1, double y1, double x2, double y2, const char *look);

/* `y` is the line that the letters stand on. */
void svg_text(FILE *out, double x, double y, const char *look, svg_anchor_t anchor, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

#endif
