/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <inttypes.h>
#include <math.h>

#include "text.h"

static void write_character(const char *text, size_t length, FILE *out)
{
    unsigned char c = (unsigned char)*text;

    if (length == 0)
        fputs("\\ufffd", out);
    else if (c < 0x20 || c == 0x7f)
        fprintf(out, "\\u%04x", c);
    else if (c == '"' || c == '\\')
        fprintf(out, "\\%c", c);
    else
        fwrite(text, 1, length, out);
}

static void write_string(const char *text, FILE *out)
{
    fputc('"', out);
    while (*text != '\0') {
        size_t length = text_character(text);

        write_character(text, length, out);
        text += length > 0 ? length : 1;
    }
    fputc('"', out);
}

static void write_files(const options_t *options, FILE *out)
{
    for (size_t i = 0; i < options->file_count; i++) {
        fputs(i > 0 ? ", " : "", out);
        write_string(options->files[i], out);
    }
}

static void write_broken(const verdict_t *verdict, FILE *out)
{
    size_t broken = atomic_load(&verdict->broken);

    for (size_t i = 0; i < broken && i < VERDICT_KEPT_WORDS; i++) {
        fputs(i > 0 ? ", " : "", out);
        write_string(verdict->words[i], out);
    }
}

static void write_regions(const report_module_t *module, FILE *out)
{
    for (size_t i = 0; i < module->region_count; i++) {
        const lintel_region_t *region = &module->regions[i];

        fprintf(out,
                "%s\n       {\"start\": \"%#" PRIxPTR "\", \"offset\": %" PRIuPTR
                ", \"reserved\": %zu, \"committed\": %zu, \"used\": %zu}",
                i > 0 ? "," : "", region->start, region->start - module->base, region->reserved, region->committed,
                region->used);
    }
}

static void write_account(const report_module_t *module, FILE *out)
{
    fprintf(out,
            "\"image_size\": %zu, \"bodies\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"nearest\": %" PRIu64
            ", \"farthest\": %" PRIu64 ", \"reserved\": %" PRIu64 ", \"committed\": %" PRIu64 ", \"spare\": %" PRIu64
            ", \"lost\": %" PRIu64 ", \"failures\": %" PRIu64 ", \"vmas\": %zu, \"region_count\": %zu",
            module->image_size, module->ledger.bodies, module->ledger.bytes, module->nearest, module->farthest,
            module->stats.reserved, module->stats.committed, module->stats.spare, module->stats.lost,
            module->ledger.failures, module->vmas, module->region_count);
}

static void write_modules(const report_t *report, FILE *out)
{
    for (size_t i = 0; i < report->module_count; i++) {
        const report_module_t *module = &report->modules[i];

        fprintf(out, "%s\n    {\"name\": ", i > 0 ? "," : "");
        write_string(module->name, out);
        fprintf(out, ", \"base\": \"%#" PRIxPTR "\", \"reach\": %" PRIu64 ", ", module->base, module->reach);
        write_account(module, out);
        fputs(",\n     \"regions\": [", out);
        write_regions(module, out);
        fputs("]}", out);
    }
}

static void write_totals(const report_t *report, FILE *out)
{
    report_module_t totals = report_totals(report);

    fprintf(out, "  \"totals\": {\"modules\": %zu, ", report->module_count);
    write_account(&totals, out);
    fputs("},\n", out);
}

static void write_figures(const report_t *report, FILE *out)
{
    fputs("  \"figures\": {", out);
    for (size_t i = 0; i < report->figure_count; i++) {
        const figure_t *figure = &report->figures[i];

        fprintf(out, "%s\"%s\": ", i > 0 ? ", " : "", figure->key);
        if (isfinite(figure->value))
            fprintf(out, "%.6g", figure->value);
        else
            fputs("null", out);
    }
    fputs("},\n", out);
}

static void write_parameters(const options_t *options, FILE *out)
{
    fputs("{\n  \"lintel\": ", out);
    write_string(lintel_version(), out);
    fprintf(out, ",\n  \"scenario\": \"%s\",\n  \"threads\": %zu,\n  \"seconds\": %u,\n  \"seed\": %" PRIu64 ",\n",
            options->scenario->name, options->threads, options->seconds, options->seed);
    fputs("  \"files\": [", out);
    write_files(options, out);
    fputs("],\n", out);
}

static void write_rates(const report_t *report, FILE *out)
{
    fprintf(out,
            "  \"rounds\": %" PRIu64 ",\n  \"bodies\": %" PRIu64 ",\n  \"bytes\": %" PRIu64
            ",\n  \"elapsed_seconds\": %.6f,\n  \"bodies_per_second\": %.0f,\n  \"bytes_per_second\": %.0f,\n",
            report->rounds, report->bodies, report->bytes, report->seconds, report_bodies_per_second(report),
            report_bytes_per_second(report));
}

void json_write(const run_t *run, FILE *out)
{
    size_t broken = atomic_load(&run->verdict.broken);

    write_parameters(run->options, out);
    fprintf(out, "  \"kept\": %s,\n  \"broken_count\": %zu,\n  \"broken\": [", broken == 0 ? "true" : "false", broken);
    write_broken(&run->verdict, out);
    fputs("],\n", out);
    write_rates(&run->report, out);
    write_figures(&run->report, out);
    write_totals(&run->report, out);
    fputs("  \"modules\": [", out);
    write_modules(&run->report, out);
    fputs("]\n}\n", out);
}
