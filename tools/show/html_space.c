/* SPDX-License-Identifier: MIT */
#include "html_space.h"

#include <stdlib.h>

#include "html.h"
#include "pieces.h"
#include "text.h"

enum { IMAGES_TOP = 8, REGIONS_TOP = 44, LANE_HEIGHT = 24, MOST_BARS = 4000 };

/* A piece is so many units wide, in which page.js counts too. */
static const double whole = 1e6;

/* What is narrower gets a line that can be seen. */
static const double sliver = 2000;

static const char legend[] =
    "<p class=\"note\">By address, each piece to its own scale: images above, regions below."
    "<span class=\"only-screen\"> "
    "Drag to move; + and \xe2\x88\x92, a double click, or Ctrl and the wheel zoom.</span></p>\n"
    "<p class=\"legend\"><span><i class=\"image\"></i>image of a module</span>"
    "<span><i class=\"used\"></i>region, taken</span>"
    "<span><i class=\"free\"></i>reserved, not taken yet</span>"
    "<span><i class=\"other\"></i>other mappings</span></p>\n"
    "<div class=\"pieces\">\n";

static const char keys[] = "</span><span class=\"keys\">"
                           "<button class=\"out\" title=\"show more, smaller\">\xe2\x88\x92</button>"
                           "<button class=\"in\" title=\"show less, larger\">+</button>"
                           "<button class=\"all\" title=\"show the whole piece\">all</button>"
                           "</span></figcaption>\n</figure>\n";

typedef struct {
    const char *lane; /* also its look */
    double      top;
} lane_t;

static const lane_t images_lane = {"image", IMAGES_TOP};
static const lane_t others_lane = {"other", IMAGES_TOP};
static const lane_t used_lane = {"used", REGIONS_TOP};
static const lane_t free_lane = {"free", REGIONS_TOP};

static double position(const range_t *piece, uintptr_t address)
{
    if (address <= piece->start)
        return 0;
    if (address >= piece->end)
        return whole;
    return whole * (double)(address - piece->start) / (double)(piece->end - piece->start);
}

static bool is_in(const range_t *piece, uintptr_t start, uintptr_t end)
{
    return start < piece->end && end > piece->start;
}

static void write_bar(FILE *out, const lane_t *lane, double from, double to, const char *hover)
{
    fprintf(out, "<rect class=\"%s\" x=\"%.3f\" y=\"%.0f\" width=\"%.3f\" height=\"%d\">", lane->lane, from, lane->top,
            to - from, LANE_HEIGHT);
    if (hover[0] != '\0') {
        fputs("<title>", out);
        html_text(out, hover);
        fputs("</title>", out);
    }
    fputs("</rect>\n", out);
    if (to - from < sliver)
        fprintf(out, "<line class=\"%s\" x1=\"%.3f\" y1=\"%.0f\" x2=\"%.3f\" y2=\"%.0f\"/>\n", lane->lane, from,
                lane->top, from, lane->top + LANE_HEIGHT);
}

static void begin_named(FILE *out, const lane_t *lane, double from, double to, const char *name)
{
    fprintf(out, "<g data-lane=\"%s\" data-from=\"%.3f\" data-to=\"%.3f\" data-name=\"", lane->lane, from, to);
    html_text(out, name);
    fputs("\">", out);
}

static void write_others(const landscape_t *landscape, const range_t *piece, FILE *out)
{
    ranges_t others = landscape_others(landscape);

    for (size_t i = 0; i < others.count; i++)
        if (is_in(piece, others.items[i].start, others.items[i].end))
            write_bar(out, &others_lane, position(piece, others.items[i].start), position(piece, others.items[i].end),
                      "");
    ranges_free(&others);
}

static void write_images(const landscape_t *landscape, const range_t *piece, FILE *out)
{
    for (size_t i = 0; i < landscape->module_count; i++) {
        const landscape_module_t *module = &landscape->modules[i];
        double                    from = position(piece, module->base);
        double                    to = position(piece, module->base + module->image_size);
        char                      hover[800];

        if (!is_in(piece, module->base, module->base + module->image_size))
            continue;
        snprintf(hover, sizeof(hover), "%.300s: image at %#zx, %s", module->name, (size_t)module->base,
                 text_bytes(module->image_size).s);
        begin_named(out, &images_lane, from, to, module->name);
        write_bar(out, &images_lane, from, to, hover);
        fputs("</g>\n", out);
    }
}

static void write_region(const landscape_region_t *owned, const range_t *piece, FILE *out)
{
    const landscape_module_t *module = owned->module;
    const lintel_region_t    *region = owned->region;
    double                    from = position(piece, region->start);
    double                    taken = position(piece, region->start + region->used);
    double                    to = position(piece, region->start + region->reserved);
    char                      hover[800];

    snprintf(hover, sizeof(hover), "%.300s: region at %#zx, %s above the base: %s of %s taken, %s committed",
             module->name, (size_t)region->start, text_bytes(region->start - module->base).s,
             text_bytes(region->used).s, text_bytes(region->reserved).s, text_bytes(region->committed).s);
    begin_named(out, &used_lane, from, to, module->name);
    if (region->used < region->reserved)
        write_bar(out, &free_lane, taken, to, hover);
    if (region->used > 0)
        write_bar(out, &used_lane, from, taken, hover);
    fputs("</g>\n", out);
}

/* Too many to be told apart: those that lie together, as one. */
static size_t write_run(const landscape_region_t *regions, size_t count, const range_t *piece, FILE *out)
{
    uintptr_t start = regions[0].region->start;
    uintptr_t end = start;
    char      hover[128];
    size_t    run = 0;

    while (run < count && position(piece, regions[run].region->start) - position(piece, start) < whole / MOST_BARS) {
        end = regions[run].region->start + regions[run].region->reserved;
        run++;
    }
    if (run == 1) {
        write_region(&regions[0], piece, out);
        return 1;
    }
    snprintf(hover, sizeof(hover), "%s regions from %#zx on", text_count(run).s, (size_t)start);
    write_bar(out, &used_lane, position(piece, start), position(piece, end), hover);
    return run;
}

static void write_regions(const landscape_t *landscape, const range_t *piece, FILE *out)
{
    size_t              count;
    landscape_region_t *regions = landscape_regions(landscape, &count);

    for (size_t i = 0; i < count;) {
        uintptr_t start = regions[i].region->start;

        if (!is_in(piece, start, start + regions[i].region->reserved)) {
            i++;
        } else if (count <= MOST_BARS) {
            write_region(&regions[i++], piece, out);
        } else {
            i += write_run(&regions[i], count - i, piece, out);
        }
    }
    free(regions);
}

/* How wide it is beside the others, from 1 to 10. */
static double weight_of(const range_t *piece, const pieces_t *pieces)
{
    return 1 + 9 * (double)(piece->end - piece->start) / (double)pieces_bytes(pieces);
}

static void write_piece(const landscape_t *landscape, const pieces_t *pieces, size_t number, FILE *out)
{
    const range_t *piece = &pieces->ranges[number];

    fprintf(out,
            "<figure class=\"piece\" style=\"flex:%.2f 1 12rem\" data-start=\"%#zx\" data-end=\"%#zx\">\n"
            "<div class=\"view\" tabindex=\"0\">\n"
            "<svg viewBox=\"0 0 1000000 76\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"addresses %#zx to "
            "%#zx\">\n",
            weight_of(piece, pieces), (size_t)piece->start, (size_t)piece->end, (size_t)piece->start,
            (size_t)piece->end);
    write_others(landscape, piece, out);
    write_images(landscape, piece, out);
    write_regions(landscape, piece, out);
    fprintf(out,
            "</svg>\n</div>\n<figcaption><span class=\"address from\">%#zx</span><span class=\"size\">%s</span>"
            "<span class=\"address to\">%#zx</span></figcaption>\n<figcaption class=\"note\"><span>",
            (size_t)piece->start, text_bytes(piece->end - piece->start).s, (size_t)piece->end);
    if (number > 0)
        fprintf(out, "%s behind the one before", text_bytes(piece->start - pieces->ranges[number - 1].end).s);
    fputs(keys, out);
}

void html_space_write(const landscape_t *landscape, FILE *out)
{
    pieces_t pieces = pieces_of(landscape, true);

    fputs(legend, out);
    for (size_t i = 0; i < pieces.count; i++)
        write_piece(landscape, &pieces, i, out);
    fputs("</div>\n<p class=\"note readout\" id=\"readout\"></p>\n", out);
}
