/* SPDX-License-Identifier: MIT */
#include "picture_rows.h"

#include <math.h>

#include "text.h"

enum { HEAD_HEIGHT = 66, ROW_HEIGHT = 36, BAR_TOP = 9, BAR_HEIGHT = 16, NAME_COLUMNS = 22 };
enum { OFFSETS_LEFT = 190, OFFSETS_RIGHT = 600, FILL_LEFT = 630, FILL_RIGHT = 850, FIGURES_LEFT = 862 };

/* Offsets are shown by their powers of two: those below one page share the axis's left end; a tick every so many. */
enum { FIRST_POWER = 12, TICK_POWERS = 4 };

typedef struct {
    const landscape_t *landscape;
    picture_area_t     area;
    FILE              *out;
    unsigned           last_power; /* at the axis's right end */
    double             bottom;
} rows_t;

double picture_rows_height(const landscape_t *landscape)
{
    return HEAD_HEIGHT + (double)landscape->module_count * ROW_HEIGHT + 14;
}

/* The axis ends at the reach, unless that is so far that nothing comes near it. */
static unsigned last_power(const landscape_t *landscape)
{
    unsigned last = FIRST_POWER + TICK_POWERS;

    for (size_t i = 0; i < landscape->module_count; i++) {
        const landscape_module_t *module = &landscape->modules[i];
        uint64_t                  end = module->reach <= UINT32_MAX ? module->reach : landscape_farthest(module);
        unsigned power = (unsigned)ceil(log2((double)(end > module->image_size ? end : module->image_size)));

        last = power > last ? power : last;
    }
    return last;
}

static double position(const rows_t *rows, uint64_t offset)
{
    double power = offset > 0 ? log2((double)offset) : 0;

    power = fmin(fmax(power, FIRST_POWER), rows->last_power);
    return OFFSETS_LEFT + (OFFSETS_RIGHT - OFFSETS_LEFT) * (power - FIRST_POWER) / (rows->last_power - FIRST_POWER);
}

static void draw_axis(const rows_t *rows)
{
    double top = rows->area.top + HEAD_HEIGHT;

    for (unsigned power = FIRST_POWER; power <= rows->last_power; power += TICK_POWERS) {
        uint64_t offset = UINT64_C(1) << power;
        double   x = position(rows, offset);

        svg_line(rows->out, x, top - 6, x, rows->bottom, "grid");
        svg_text(rows->out, x, top - 10, "note", SVG_CENTRE, "%s", text_bytes(offset).s);
    }
}

static void draw_head(const rows_t *rows)
{
    double top = rows->area.top;

    svg_text(rows->out, rows->area.left, top + 22, "head", SVG_LEFT, "Each module");
    svg_text(rows->out, OFFSETS_LEFT, top + 22, "head", SVG_LEFT, "how far above its base");
    svg_text(rows->out, OFFSETS_LEFT, top + 38, "note", SVG_LEFT,
             "16 times as far from tick to tick; the line ends where the reach does");
    svg_text(rows->out, FILL_LEFT, top + 22, "head", SVG_LEFT, "how full its regions are");
    svg_text(rows->out, FILL_LEFT, top + 38, "note", SVG_LEFT, "nearest first, to scale within the row");
}

static void draw_offsets(const rows_t *rows, const landscape_module_t *module, double top)
{
    bars_t bars = {.out = rows->out, .top = top + BAR_TOP, .height = BAR_HEIGHT, .right = OFFSETS_RIGHT};
    char   hover[256];

    snprintf(hover, sizeof(hover), "%.150s: image at %#zx, %s", module->name, (size_t)module->base,
             text_bytes(module->image_size).s);
    svg_line(rows->out, OFFSETS_LEFT, top + BAR_TOP + BAR_HEIGHT / 2.0, position(rows, module->reach),
             top + BAR_TOP + BAR_HEIGHT / 2.0, "axis");
    bars_draw(&bars, OFFSETS_LEFT, position(rows, module->image_size), "image", hover);
    for (size_t i = 0; i < module->region_count; i++) {
        const lintel_region_t *region = &module->regions[i];
        uint64_t               offset = region->start - module->base;

        bars_draw_region(&bars, position(rows, offset), position(rows, offset + region->reserved), module, region);
    }
}

/* A hair between one region and the next. */
static const double hair = 1;

static void draw_fill(const rows_t *rows, const landscape_module_t *module, double top)
{
    bars_t bars = {.out = rows->out, .top = top + BAR_TOP, .height = BAR_HEIGHT, .right = FILL_RIGHT};
    double from = FILL_LEFT;

    for (size_t i = 0; i < module->region_count; i++) {
        const lintel_region_t *region = &module->regions[i];
        double                 share = (double)region->reserved / (double)module->stats.reserved;
        double                 width = (FILL_RIGHT - FILL_LEFT) * share;

        bars_draw_region(&bars, from, from + (width > 4 * hair ? width - hair : width), module, region);
        from += width;
    }
}

static void draw_words(const rows_t *rows, const landscape_module_t *module, double top)
{
    double full = module->stats.reserved > 0 ? 100.0 * (double)module->stats.allocated / (double)module->stats.reserved
                                             : 0;

    svg_text(rows->out, rows->area.left, top + 15, "name", SVG_LEFT, "%s", text_fit(module->name, NAME_COLUMNS).s);
    svg_text(rows->out, rows->area.left, top + 29, "note", SVG_LEFT, "%s bodies, %s",
             text_count(module->stats.allocations).s, text_bytes(module->stats.allocated).s);
    svg_text(rows->out, FIGURES_LEFT, top + 15, "name", SVG_LEFT, "%.0f %% of %s", full,
             text_bytes(module->stats.reserved).s);
    svg_text(rows->out, FIGURES_LEFT, top + 29, "note", SVG_LEFT, "%zu %s", module->region_count,
             module->region_count == 1 ? "region" : "regions");
}

void picture_rows_draw(const landscape_t *landscape, picture_area_t area, FILE *out)
{
    rows_t rows = {
        .landscape = landscape,
        .area = area,
        .out = out,
        .last_power = last_power(landscape),
        .bottom = area.top + HEAD_HEIGHT + (double)landscape->module_count * ROW_HEIGHT,
    };

    draw_head(&rows);
    draw_axis(&rows);
    for (size_t i = 0; i < landscape->module_count; i++) {
        double top = area.top + HEAD_HEIGHT + (double)i * ROW_HEIGHT;

        draw_offsets(&rows, &landscape->modules[i], top);
        draw_fill(&rows, &landscape->modules[i], top);
        draw_words(&rows, &landscape->modules[i], top);
    }
}
