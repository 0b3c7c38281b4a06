/* SPDX-License-Identifier: MIT */
#include "html_modules.h"

#include <stdlib.h>

#include "html.h"
#include "text.h"

enum { MOST_ROWS = 1000 };

static double share_of(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static void write_part(const char *look, uint64_t part, const lintel_stats_t *stats, FILE *out)
{
    if (part > 0)
        fprintf(out, "<i class=\"%s\" style=\"width:%.2f%%\"></i>", look, share_of(part, stats->reserved));
}

static void write_fill(const lintel_stats_t *stats, FILE *out)
{
    fputs("<td><div class=\"fill\">", out);
    write_part("used", stats->allocated, stats, out);
    write_part("spare", stats->spare, stats, out);
    write_part("lost", stats->lost, stats, out);
    fprintf(out, "</div></td><td>%.0f %%</td>", share_of(stats->allocated, stats->reserved));
}

static void write_figures(const lintel_stats_t *stats, FILE *out)
{
    write_fill(stats, out);
    fprintf(out, "<td>%s</td><td>%s</td><td>%s</td>", text_count(stats->allocations).s, text_bytes(stats->allocated).s,
            text_bytes(stats->reserved).s);
    fprintf(out, "<td>%s</td><td>%s</td><td%s>%s</td><td>%s</td>", text_bytes(stats->spare).s,
            text_bytes(stats->lost).s, stats->failures > 0 ? " class=\"fails\"" : "", text_count(stats->failures).s,
            text_count(stats->regions).s);
}

static void write_name(const landscape_module_t *module, FILE *out)
{
    fputs("<span class=\"title\" title=\"", out);
    html_text(out, module->name);
    fputs("\">", out);
    html_text(out, module->name[0] != '\0' ? module->name : "-");
    fputs("</span>", out);
}

static void write_module(const landscape_module_t *module, FILE *out)
{
    fputs("<tr><td>", out);
    write_name(module, out);
    fprintf(out, "%s%s</td>", module->code ? " (code)" : "", module->closed ? " (closed)" : "");
    write_figures(&module->stats, out);
    fprintf(out, "<td class=\"address\">%#zx</td></tr>\n", (size_t)module->base);
}

/* A module in its turn. */
typedef struct {
    const landscape_module_t *module;
} turn_t;

static int by_bytes(const void *left, const void *right)
{
    const landscape_module_t *a = ((const turn_t *)left)->module;
    const landscape_module_t *b = ((const turn_t *)right)->module;

    if (a->stats.allocated != b->stats.allocated)
        return a->stats.allocated < b->stats.allocated ? 1 : -1;
    return (a->base > b->base) - (a->base < b->base);
}

/* The largest first. */
static void write_rows(const landscape_t *landscape, FILE *out)
{
    turn_t *order = calloc(landscape->module_count + 1, sizeof(*order));
    size_t  count = order != NULL ? landscape->module_count : 0;

    for (size_t i = 0; i < count; i++)
        order[i].module = &landscape->modules[i];
    if (count > 0)
        qsort(order, count, sizeof(*order), by_bytes);
    for (size_t i = 0; i < count && i < MOST_ROWS; i++)
        write_module(order[i].module, out);
    free(order);
}

void html_modules_write(const landscape_t *landscape, FILE *out)
{
    lintel_stats_t totals = landscape_totals(landscape);

    fputs(
        "<p class=\"legend\"><span><i class=\"used\"></i>in bodies</span><span><i class=\"spare\"></i>spare, for later "
        "calls</span><span><i class=\"lost\"></i>lost: rounding</span><span><i class=\"free\"></i>reserved</span></p>\n"
        "<div class=\"wide\"><table>\n<thead><tr><th>module</th><th class=\"left\">fill</th><th></th><th>bodies</th>"
        "<th>bytes</th><th>reserved</th><th>spare</th><th>lost</th><th>failures</th><th>regions</th>"
        "<th>base</th></tr></thead>\n<tbody>\n",
        out);
    write_rows(landscape, out);
    fputs("</tbody>\n<tfoot><tr><td>total</td>", out);
    write_figures(&totals, out);
    fputs("<td></td></tr></tfoot>\n</table></div>\n", out);
    if (landscape->module_count > MOST_ROWS)
        fprintf(out, "<p class=\"note\">The %d largest of %s modules.</p>\n", MOST_ROWS,
                text_count(landscape->module_count).s);
}

static void write_region(const landscape_region_t *owned, FILE *out)
{
    const lintel_region_t *region = owned->region;

    fprintf(out, "<tr><td class=\"address\">%#zx</td><td class=\"left\">", (size_t)region->start);
    write_name(owned->module, out);
    fprintf(out, "</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%.0f %%</td></tr>\n",
            text_bytes(region->start - owned->module->base).s, text_bytes(region->used).s,
            text_bytes(region->committed).s, text_bytes(region->reserved).s, share_of(region->used, region->reserved));
}

void html_regions_write(const landscape_t *landscape, FILE *out)
{
    size_t              count;
    landscape_region_t *regions = landscape_regions(landscape, &count);

    fprintf(out,
            "<details%s><summary>%s regions, by address</summary>\n<div class=\"wide\"><table>\n<thead><tr>"
            "<th>start</th><th class=\"left\">module</th><th>above its base</th><th>taken</th><th>committed</th>"
            "<th>reserved</th><th>full</th></tr></thead>\n<tbody>\n",
            count <= 24 ? " open" : "", text_count(count).s);
    for (size_t i = 0; i < count && i < MOST_ROWS; i++)
        write_region(&regions[i], out);
    fputs("</tbody>\n</table></div>\n", out);
    if (count > MOST_ROWS)
        fprintf(out, "<p class=\"note\">The first %d of them.</p>\n", MOST_ROWS);
    fputs("</details>\n", out);
    free(regions);
}
