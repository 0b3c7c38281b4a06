/* SPDX-License-Identifier: MIT */
#include "picture_area.h"

#include "text.h"

enum { LEAST_CHARACTERS = 8, MOST_CHARACTERS = 40 };

/* Of the letters in bars, on average. */
static const double character_width = 6.5;

/* What is narrower is drawn wider. */
static const double least_width = 1.5;

/* Less than this makes no difference to the eye. */
static const double least_step = 0.05;

void bars_draw(bars_t *bars, double from, double to, const char *look, const char *hover)
{
    if (to < from + least_width)
        to = from + least_width;
    if (to > bars->right)
        to = bars->right;
    if (from < bars->drawn)
        from = bars->drawn;
    if (to - from < least_step)
        return;
    svg_rect(bars->out, &(svg_rect_t){from, bars->top, to - from, bars->height, look, hover});
    bars->drawn = to;
}

void bars_draw_name(const bars_t *bars, double from, double to, const char *look, const char *name)
{
    size_t room = (size_t)((to - from) / character_width);

    if (room >= LEAST_CHARACTERS)
        svg_text(bars->out, (from + to) / 2, bars->top + bars->height / 2 + 4, look, SVG_CENTRE, "%s",
                 text_fit(name, room < MOST_CHARACTERS ? room : MOST_CHARACTERS).s);
}

void bars_draw_region(bars_t *bars, double from, double to, const landscape_module_t *module,
                      const lintel_region_t *region)
{
    double taken = from + (to - from) * (double)region->used / (double)region->reserved;
    char   hover[400];

    snprintf(hover, sizeof(hover), "%.100s: region at %#zx, %s above the base: %s of %s taken", module->name,
             (size_t)region->start, text_bytes(region->start - module->base).s, text_bytes(region->used).s,
             text_bytes(region->reserved).s);
    bars_draw(bars, from, taken, "used", hover);
    if (to - taken > least_step && to > bars->drawn)
        bars_draw(bars, taken, to, "free", hover);
}
