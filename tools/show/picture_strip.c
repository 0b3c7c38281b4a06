/* SPDX-License-Identifier: MIT */
#include "picture_strip.h"

#include <stdbool.h>
#include <stdlib.h>

#include "pieces.h"
#include "text.h"

enum { LABEL_WIDTH = 60, LEAST_WIDTH = 120, BREAK_WIDTH = 52 };
enum { IMAGES_TOP = 38, LANE_HEIGHT = 26, REGIONS_TOP = 68, LABELS_TOP = 110 };

/* A hair between one image and the next. */
static const double hair = 1;

/* A part of the address space without wide gaps, and where it is drawn. */
typedef struct {
    range_t range;
    double  left;
    double  width;
} strip_piece_t;

typedef struct {
    const landscape_t *landscape;
    picture_strip_t    kind;
    picture_area_t     area;
    FILE              *out;
    strip_piece_t      pieces[MOST_PIECES];
    size_t             count;
    uint64_t           bytes; /* of address space in them */
} strip_t;

static void find_pieces(strip_t *strip)
{
    pieces_t pieces = pieces_of(strip->landscape, strip->kind == STRIP_ALL);

    strip->bytes = pieces_bytes(&pieces);
    strip->count = pieces.count;
    for (size_t i = 0; i < pieces.count; i++)
        strip->pieces[i].range = pieces.ranges[i];
}

/* Every piece gets a least width; the rest goes by size. */
static void place_pieces(strip_t *strip)
{
    double count = (double)strip->count;
    double left = strip->area.left + LABEL_WIDTH;
    double to_share = strip->area.right - left - count * LEAST_WIDTH - (count - 1) * BREAK_WIDTH;
    double bytes = (double)strip->bytes;

    for (size_t i = 0; i < strip->count; i++) {
        strip_piece_t *piece = &strip->pieces[i];

        piece->left = left;
        piece->width = LEAST_WIDTH + to_share * (double)(piece->range.end - piece->range.start) / bytes;
        left += piece->width + BREAK_WIDTH;
    }
}

static double position(const strip_piece_t *piece, uintptr_t address)
{
    if (address <= piece->range.start)
        return piece->left;
    if (address >= piece->range.end)
        return piece->left + piece->width;
    return piece->left +
           piece->width * (double)(address - piece->range.start) / (double)(piece->range.end - piece->range.start);
}

static bool is_in(const strip_piece_t *piece, uintptr_t start, uintptr_t end)
{
    return start < piece->range.end && end > piece->range.start;
}

static bars_t lane(const strip_t *strip, const strip_piece_t *piece, double top)
{
    return (bars_t){
        .out = strip->out,
        .top = strip->area.top + top,
        .height = LANE_HEIGHT,
        .right = piece->left + piece->width,
    };
}

static void draw_others(const strip_t *strip, const strip_piece_t *piece)
{
    ranges_t others = landscape_others(strip->landscape);
    bars_t   bars = lane(strip, piece, IMAGES_TOP);

    for (size_t i = 0; i < others.count; i++)
        if (is_in(piece, others.items[i].start, others.items[i].end))
            bars_draw(&bars, position(piece, others.items[i].start), position(piece, others.items[i].end), "other",
                      NULL);
    ranges_free(&others);
}

static void draw_image(bars_t *bars, const strip_piece_t *piece, const landscape_module_t *module)
{
    double from = position(piece, module->base);
    double to = position(piece, module->base + module->image_size);
    char   hover[256];

    snprintf(hover, sizeof(hover), "%.150s: image at %#zx, %s", module->name, (size_t)module->base,
             text_bytes(module->image_size).s);
    bars_draw(bars, from, to - from > 4 * hair ? to - hair : to, "image", hover);
    bars_draw_name(bars, from, to, "on", module->name);
}

static void draw_images(const strip_t *strip, const strip_piece_t *piece)
{
    bars_t bars = lane(strip, piece, IMAGES_TOP);

    for (size_t i = 0; i < strip->landscape->module_count; i++) {
        const landscape_module_t *module = &strip->landscape->modules[i];

        if (is_in(piece, module->base, module->base + module->image_size))
            draw_image(&bars, piece, module);
    }
}

static void draw_region(bars_t *bars, const strip_piece_t *piece, const landscape_region_t *owned)
{
    uintptr_t start = owned->region->start;
    double    from = position(piece, start);
    double    to = position(piece, start + owned->region->reserved);

    bars_draw_region(bars, from, to - from > 4 * hair ? to - hair : to, owned->module, owned->region);
    bars_draw_name(bars, from, to, "in", owned->module->name);
}

static void draw_regions(const strip_t *strip, const strip_piece_t *piece)
{
    bars_t              bars = lane(strip, piece, REGIONS_TOP);
    size_t              count;
    landscape_region_t *regions = landscape_regions(strip->landscape, &count);

    for (size_t i = 0; i < count; i++)
        if (is_in(piece, regions[i].region->start, regions[i].region->start + regions[i].region->reserved))
            draw_region(&bars, piece, &regions[i]);
    free(regions);
}

static void draw_piece(const strip_t *strip, const strip_piece_t *piece)
{
    double top = strip->area.top;

    svg_rect(strip->out, &(svg_rect_t){piece->left, top + IMAGES_TOP, piece->width, LANE_HEIGHT, "lane", NULL});
    svg_rect(strip->out, &(svg_rect_t){piece->left, top + REGIONS_TOP, piece->width, LANE_HEIGHT, "lane", NULL});
    draw_others(strip, piece);
    draw_images(strip, piece);
    draw_regions(strip, piece);
    svg_text(strip->out, piece->left, top + LABELS_TOP, "address", SVG_LEFT, "%#zx", (size_t)piece->range.start);
    svg_text(strip->out, piece->left, top + LABELS_TOP + 15, "note", SVG_LEFT, "%s",
             text_bytes(piece->range.end - piece->range.start).s);
}

static void draw_break(const strip_t *strip, const strip_piece_t *lower, const strip_piece_t *upper)
{
    double middle = (lower->left + lower->width + upper->left) / 2;
    double top = strip->area.top;

    for (int i = 0; i < 2; i++)
        svg_line(strip->out, middle - 4 + 5 * i, top + IMAGES_TOP + 38, middle + 5 * i, top + IMAGES_TOP + 18, "axis");
    svg_text(strip->out, middle, top + IMAGES_TOP + 10, "note", SVG_CENTRE, "%s",
             text_bytes(upper->range.start - lower->range.end).s);
    svg_text(strip->out, middle, top + IMAGES_TOP + 54, "note", SVG_CENTRE, "away");
}

static void draw_head(const strip_t *strip)
{
    bool   all = strip->kind == STRIP_ALL;
    double y = strip->area.top + 24;

    svg_text(strip->out, strip->area.left, y, "head", SVG_LEFT, "%s", all ? "The neighbourhood" : "Only the regions");
    svg_text(strip->out, strip->area.left + 170, y, "note", SVG_LEFT, "%s",
             all ? "by address, each piece to its own scale, its first address and size below; slivers are drawn wider"
                 : "the same, drawn larger where lintel's memory is");
}

void picture_strip_draw(const landscape_t *landscape, picture_strip_t kind, picture_area_t area, FILE *out)
{
    strip_t strip = {.landscape = landscape, .kind = kind, .area = area, .out = out};

    find_pieces(&strip);
    place_pieces(&strip);
    draw_head(&strip);
    svg_text(out, area.left, area.top + IMAGES_TOP + 17, "note", SVG_LEFT, "images");
    svg_text(out, area.left, area.top + REGIONS_TOP + 17, "note", SVG_LEFT, "regions");
    for (size_t i = 0; i < strip.count; i++)
        draw_piece(&strip, &strip.pieces[i]);
    for (size_t i = 1; i < strip.count; i++)
        draw_break(&strip, &strip.pieces[i - 1], &strip.pieces[i]);
}

bool picture_strip_differs(const landscape_t *landscape)
{
    strip_t all = {.landscape = landscape, .kind = STRIP_ALL};
    strip_t regions = {.landscape = landscape, .kind = STRIP_REGIONS};

    find_pieces(&all);
    find_pieces(&regions);
    return regions.bytes < all.bytes / 4 * 3;
}
