/* SPDX-License-Identifier: MIT
 *
 * The text format of OpenMetrics 1.0: one family after the other, each with a sample per module. A serial number tells
 * the generations of one key apart.
 *
 * All are gauges. What counts (bodies, failures) belongs to a module and goes with it, so that a sum over modules
 * falls; and a counter would be called x here and x_total in Prometheus' older format, of which readers of both make
 * nothing.
 */
#include "print.h"

#include <inttypes.h>

static void print_label(FILE *out, const char *text)
{
    for (unsigned length; *text; text += length ? length : 1) {
        length = print_utf8_length(text);
        if (!length)
            fputs("\xef\xbf\xbd", out);
        else if (*text == '\n')
            fputs("\\n", out);
        else if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else
            fwrite(text, 1, length, out);
    }
}

static void print_sample(FILE *out, const print_figure_t *figure, const print_row_t *row)
{
    const module_t *module = row->module->module;

    fprintf(out, "%s{module=\"", figure->metric);
    print_label(out, module->name);
    fprintf(out, "\",base=\"%#" PRIxPTR "\",key=\"%#" PRIx64 "\",serial=\"%" PRIu64 "\"} %" PRIu64 "\n", module->base,
            module->key, module->serial, print_figure(&row->stats, figure));
}

void print_openmetrics(const print_table_t *table, FILE *out)
{
    fprintf(out,
            "# TYPE lintel_modules gauge\n# HELP lintel_modules Modules open, or closed and not yet gone.\n"
            "lintel_modules %" PRIu64 "\n",
            table->total.modules);
    for (size_t i = 0; i < print_figure_count; i++) {
        const print_figure_t *figure = &print_figures[i];
        fprintf(out, "# TYPE %s gauge\n", figure->metric);
        if (figure->unit[0])
            fprintf(out, "# UNIT %s %s\n", figure->metric, figure->unit);
        fprintf(out, "# HELP %s %s\n", figure->metric, figure->help);
        for (size_t row = 0; row < table->count; row++)
            print_sample(out, figure, &table->rows[row]);
    }
    fputs("# EOF\n", out);
}
