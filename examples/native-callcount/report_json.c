/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "report.h"

static void print_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', out);
        if ((unsigned char)*text >= ' ')
            fputc(*text, out);
    }
    fputc('"', out);
}

static void print_space(FILE *out, const char *kind, const lintel_module_t *module)
{
    lintel_stats_t stats;

    if (lintel_module_stats(module, &stats) == 0)
        fprintf(out,
                ", \"%s\": {\"regions\": %" PRIu64 ", \"reserved\": %" PRIu64 ", \"committed\": %" PRIu64
                ", \"allocated\": %" PRIu64 ", \"allocations\": %" PRIu64 ", \"spare\": %" PRIu64 ", \"lost\": %" PRIu64
                "}",
                kind, stats.regions, stats.reserved, stats.committed, stats.allocated, stats.allocations, stats.spare,
                stats.lost);
}

static void print_function(FILE *out, const library_t *library, size_t index)
{
    const function_t *function = &library->functions.entries[index];

    fprintf(out, "{\"offset\": %" PRIuPTR ", \"size\": %" PRIuPTR ", \"name\": ", function->start - library->image.base,
            function->end - function->start);
    if (function->name != NULL)
        print_string(out, function->name);
    else
        fprintf(out, "null");
    if (library->parts[index])
        fprintf(out, ", \"part\": true}");
    else if (library->reasons[index] != REASON_NONE)
        fprintf(out, ", \"left_alone\": \"%s\"}", reason_text(library->reasons[index]));
    else
        fprintf(out, ", \"calls\": %" PRIu64 "}", library->counts[index]);
}

static void print_functions(FILE *out, const library_t *library)
{
    fprintf(out, ", \"functions\": [");
    for (size_t i = 0; i < library->functions.count; i++) {
        fprintf(out, i ? ",\n    " : "\n    ");
        print_function(out, library, i);
    }
    fprintf(out, "]");
}

static void print_library(FILE *out, const library_t *library)
{
    fprintf(out, "{\"name\": ");
    print_string(out, library->image.name);
    fprintf(out, ", \"path\": ");
    print_string(out, library->image.path);
    fprintf(out, ", \"seconds\": %.6f", library->seconds);
    if (library->ready) {
        print_space(out, "code", library->code);
        print_space(out, "data", library->data);
        print_functions(out, library);
    } else {
        fprintf(out, ", \"problem\": \"%s\"", library->problem ? library->problem : "not finished");
    }
    fprintf(out, "}");
}

void report_json(FILE *out, const library_t *libraries)
{
    fprintf(out, "{\"libraries\": [");
    for (const library_t *library = libraries; library != NULL; library = library->next) {
        fprintf(out, library == libraries ? "\n  " : ",\n  ");
        print_library(out, library);
    }
    fprintf(out, "]}\n");
}
