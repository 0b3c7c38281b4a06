/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "report.h"

typedef struct {
    const library_t *library;
    size_t           function;
} row_t;

static uint64_t calls_of(const row_t *row)
{
    return row->library->counts[row->function];
}

static int by_calls(const void *left, const void *right)
{
    uint64_t a = calls_of(left);
    uint64_t b = calls_of(right);

    return (a < b) - (a > b);
}

static row_t *collect(const library_t *libraries, size_t *count)
{
    size_t capacity = 0;

    for (const library_t *library = libraries; library != NULL; library = library->next)
        capacity += library->ready ? library->functions.count : 0;
    row_t *rows = calloc(capacity ? capacity : 1, sizeof(*rows));
    *count = 0;
    for (const library_t *library = libraries; rows != NULL && library != NULL; library = library->next)
        for (size_t i = 0; library->ready && i < library->functions.count; i++)
            if (library->counts[i] != 0)
                rows[(*count)++] = (row_t){library, i};
    return rows;
}

static void print_calls(FILE *out, const library_t *libraries, size_t limit)
{
    size_t count;
    row_t *rows = collect(libraries, &count);

    if (rows == NULL)
        return;
    qsort(rows, count, sizeof(*rows), by_calls);
    fprintf(out, "%16s  %-24s %s\n", "calls", "library", "function");
    for (size_t i = 0; i < count && i < limit; i++) {
        const function_t *function = &rows[i].library->functions.entries[rows[i].function];

        fprintf(out, "%16" PRIu64 "  %-24s ", calls_of(&rows[i]), rows[i].library->image.name);
        if (function->name != NULL)
            fprintf(out, "%s\n", function->name);
        else
            fprintf(out, "+0x%" PRIxPTR "\n", function->start - rows[i].library->image.base);
    }
    if (count > limit)
        fprintf(out, "%16s  and %zu more that were called\n", "", count - limit);
    free(rows);
}

static void print_library(FILE *out, const library_t *library)
{
    size_t all = library_count(library);
    size_t done = library_count_of(library, REASON_NONE);

    if (!library->ready) {
        fprintf(out, "%s: not instrumented: %s\n", library->image.name,
                library->problem ? library->problem : "not finished");
        return;
    }
    fprintf(out, "%s: %zu of %zu functions instrumented (%.1f %%) in %.0f ms\n", library->image.name, done, all,
            all ? 100.0 * (double)done / (double)all : 0, 1e3 * library->seconds);
    for (reason_t reason = REASON_NONE + 1; reason < REASON_COUNT; reason++)
        if (library_count_of(library, reason) > 0)
            fprintf(out, "  %zu left alone: %s\n", library_count_of(library, reason), reason_text(reason));
}

void report_table(FILE *out, const library_t *libraries, const lintel_heap_t *heap, size_t rows)
{
    print_calls(out, libraries, rows);
    for (const library_t *library = libraries; library != NULL; library = library->next)
        print_library(out, library);
    lintel_heap_print(heap, out, LINTEL_TEXT);
}
