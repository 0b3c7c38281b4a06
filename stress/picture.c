/* SPDX-License-Identifier: MIT */
#include "picture.h"

#include <stdlib.h>

#include "picture_rows.h"
#include "picture_strip.h"
#include "svg.h"
#include "text.h"

enum { WIDTH = 1000, MARGIN = 20, HEAD_HEIGHT = 92, FIGURE_HEIGHT = 18, FOOT_HEIGHT = 16 };

static void draw_head(const run_t *run, FILE *out)
{
    const options_t *options = run->options;
    const report_t  *report = &run->report;
    bool             good = verdict_is_good(&run->verdict);

    svg_text(out, MARGIN, 36, "title", SVG_LEFT, "lintel-stress %s: %s bodies, %s, above their modules",
             options->scenario->name, text_count(report->bodies / (report->rounds > 0 ? report->rounds : 1)).s,
             text_bytes(report->bytes / (report->rounds > 0 ? report->rounds : 1)).s);
    svg_text(out, MARGIN, 58, "note", SVG_LEFT, "lintel %s, %zu threads, seed %llu, %s bodies/s over %s %s",
             lintel_version(), options->threads, (unsigned long long)options->seed,
             text_count((uint64_t)report_bodies_per_second(report)).s, text_count(report->rounds).s,
             report->rounds == 1 ? "round" : "rounds");
    svg_text(out, WIDTH - MARGIN, 58, good ? "note" : "bad", SVG_RIGHT, "%s",
             good ? "every promise kept" : "PROMISE BROKEN");
}

static void draw_legend(FILE *out)
{
    static const struct {
        const char *look;
        const char *meaning;
        double      x;
    } entries[] = {
        {"image", "image of a module", 0},
        {"used", "lintel's regions: taken", 170},
        {"free", "reserved, not taken yet", 368},
        {"other", "other mappings", 560},
    };

    for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        svg_rect(out, &(svg_rect_t){MARGIN + entries[i].x, 71, 12, 12, entries[i].look, NULL});
        svg_text(out, MARGIN + entries[i].x + 18, 81, "note", SVG_LEFT, "%s", entries[i].meaning);
    }
}

static void draw_figures(const report_t *report, double top, FILE *out)
{
    for (size_t i = 0; i < report->figure_count; i++) {
        const figure_t *figure = &report->figures[i];
        double          y = top + (double)(i + 1) * FIGURE_HEIGHT;

        svg_text(out, MARGIN, y, "note", SVG_LEFT, "%s", figure->label);
        svg_text(out, 420, y, "name", SVG_RIGHT, "%s", figure_value(figure).s);
        svg_text(out, 428, y, "note", SVG_LEFT, "%s", figure_unit(figure));
    }
}

static picture_area_t area_from(double top)
{
    return (picture_area_t){.left = MARGIN, .top = top, .right = WIDTH - MARGIN};
}

static double strips_height(const landscape_t *landscape)
{
    return picture_strip_differs(landscape) ? 2 * PICTURE_STRIP_HEIGHT : PICTURE_STRIP_HEIGHT;
}

static void draw_modules(const landscape_t *landscape, FILE *out)
{
    picture_strip_draw(landscape, STRIP_ALL, area_from(HEAD_HEIGHT), out);
    if (picture_strip_differs(landscape))
        picture_strip_draw(landscape, STRIP_REGIONS, area_from(HEAD_HEIGHT + PICTURE_STRIP_HEIGHT), out);
    picture_rows_draw(landscape, area_from(HEAD_HEIGHT + strips_height(landscape)), out);
}

void picture_draw(const run_t *run, FILE *out)
{
    const report_t *report = &run->report;
    landscape_t     landscape = report_landscape(report);
    bool            any = landscape.module_count > 0;
    double          modules = any ? strips_height(&landscape) + picture_rows_height(&landscape) : 0;
    double          figures = (double)report->figure_count * FIGURE_HEIGHT;

    svg_begin(out, WIDTH, HEAD_HEIGHT + modules + figures + FOOT_HEIGHT, "where lintel put what");
    draw_head(run, out);
    if (any) {
        draw_legend(out);
        draw_modules(&landscape, out);
    }
    draw_figures(report, HEAD_HEIGHT + modules, out);
    svg_end(out);
    free(landscape.modules);
}
