/* SPDX-License-Identifier: MIT
 *
 * One document: the sums, and every module with its regions. Addresses and keys are strings: JSON's numbers are
 * doubles to many of its readers.
 */
#include "print.h"

#include <inttypes.h>

/* Names are bytes: those that are not UTF-8 become the replacement character. */
static void print_string(FILE *out, const char *string)
{
    fputc('"', out);
    for (unsigned length; *string; string += length ? length : 1) {
        length = print_utf8_length(string);
        if (!length)
            fputs("\\ufffd", out);
        else if ((unsigned char)*string < 0x20 || *string == '"' || *string == '\\')
            fprintf(out, "\\u%04x", (unsigned)*string);
        else
            fwrite(string, 1, length, out);
    }
    fputc('"', out);
}

static void print_figures_of(FILE *out, const lintel_stats_t *stats)
{
    for (size_t i = 0; i < print_figure_count; i++)
        fprintf(out, "%s\"%s\": %" PRIu64, i ? ", " : "", print_figures[i].name,
                print_figure(stats, &print_figures[i]));
}

static void print_region(FILE *out, const char *separator, lintel_region_t region)
{
    fprintf(out, "%s\n      {\"start\": \"%#" PRIxPTR "\", \"reserved\": %zu, \"committed\": %zu, \"used\": %zu}",
            separator, region.start, region.reserved, region.committed, region.used);
}

static void print_regions(FILE *out, const module_t *module)
{
    const char     *separator = "";
    lintel_region_t prepared;

    for (const region_t *region = stats_first_region(module); region; region = stats_next_region(region)) {
        print_region(out, separator, stats_of_region(region));
        separator = ",";
    }
    if (stats_of_prepared(module, &prepared))
        print_region(out, separator, prepared);
}

static void print_module(FILE *out, const print_row_t *row)
{
    const module_t *module = row->module->module;

    fputs("\n    {\"name\": ", out);
    print_string(out, module->name);
    fprintf(out,
            ", \"key\": \"%#" PRIx64 "\", \"base\": \"%#" PRIxPTR "\", \"serial\": %" PRIu64 ", \"open\": %s,\n     ",
            module->key, module->base, module->serial, row->open ? "true" : "false");
    print_figures_of(out, &row->stats);
    fputs(",\n     \"region_list\": [", out);
    print_regions(out, module);
    fputs("]}", out);
}

void print_json(const print_table_t *table, FILE *out)
{
    fprintf(out, "{\n  \"version\": \"%s\",\n  \"modules\": %" PRIu64 ", ", lintel_version(), table->total.modules);
    print_figures_of(out, &table->total);
    fputs(",\n  \"module_list\": [", out);
    for (size_t i = 0; i < table->count; i++) {
        print_module(out, &table->rows[i]);
        if (i + 1 < table->count)
            fputc(',', out);
    }
    fputs("\n  ]\n}\n", out);
}
