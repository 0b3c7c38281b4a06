/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <inttypes.h>

#define NAME_WIDTH   28
#define FIGURE_WIDTH 11

/* Whether a terminal would take the sequence for an order: the control characters of ASCII, and those of Latin 1. */
static bool is_control(const char *sequence)
{
    unsigned char first = (unsigned char)sequence[0];

    return first < 0x20 || first == 0x7f || (first == 0xc2 && (unsigned char)sequence[1] < 0xa0);
}

/* The first characters of a name, in columns of their own; what a terminal should not get is a question mark. */
static void print_name(FILE *out, const char *name)
{
    int width = 0;

    for (unsigned length; *name && width < NAME_WIDTH; width++, name += length) {
        length = print_utf8_length(name);
        if (length && !is_control(name))
            fwrite(name, 1, length, out);
        else
            fputc('?', out);
        length = length ? length : 1;
    }
    fprintf(out, "%*s", NAME_WIDTH - width, "");
}

static void print_row(FILE *out, const char *name, const char *base, const lintel_stats_t *stats)
{
    print_name(out, name);
    fprintf(out, " %16s", base);
    for (size_t i = 0; i < print_figure_count; i++)
        fprintf(out, " %*" PRIu64, FIGURE_WIDTH, print_figure(stats, &print_figures[i]));
    fputc('\n', out);
}

void print_text(const print_table_t *table, FILE *out)
{
    char base[32];

    fprintf(out, "%-*s %16s", NAME_WIDTH, "module", "base");
    for (size_t i = 0; i < print_figure_count; i++)
        fprintf(out, " %*s", FIGURE_WIDTH, print_figures[i].name);
    fputc('\n', out);

    for (size_t i = 0; i < table->count; i++) {
        const print_row_t *row = &table->rows[i];
        const char        *name = row->module->module->name[0] ? row->module->module->name : "-";
        snprintf(base, sizeof(base), "%#" PRIxPTR, row->module->module->base);
        print_row(out, name, base, &row->stats);
    }
    snprintf(base, sizeof(base), "%" PRIu64 " modules", table->total.modules);
    print_row(out, "total", base, &table->total);
}
