/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "say.h"

/* Whole in one call: other processes may be writing to the same stderr. */
static void print_tables(const report_t *report, size_t top)
{
    char  *text = NULL;
    size_t size = 0;
    FILE  *out = open_memstream(&text, &size);

    if (!out) {
        say("no memory for the tables");
        return;
    }
    report_text(report, top, out);
    if (fclose(out) || write(STDERR_FILENO, text, size) < 0)
        say("the tables cannot be printed: %s", strerror(errno));
    free(text);
}

/* The file's name with the process's number for %p; the caller frees it. */
static char *file_name(const char *pattern)
{
    const char *place = strstr(pattern, "%p");
    char       *name = NULL;

    if (!place)
        return strdup(pattern);
    if (asprintf(&name, "%.*s%d%s", (int)(place - pattern), pattern, (int)getpid(), place + 2) < 0)
        return NULL;
    return name;
}

static bool write_file(const report_t *report, const char *name)
{
    FILE *out = name ? fopen(name, "we") : NULL;

    if (!out)
        return false;
    report_json(report, out);
    bool is_bad = ferror(out);
    return !fclose(out) && !is_bad;
}

static void write_json(const report_t *report, const char *pattern)
{
    char *name = file_name(pattern);

    if (!write_file(report, name))
        say("the report cannot be written to %s: %s", name ? name : pattern, strerror(errno));
    free(name);
}

void report(const summary_t *summary, const landing_t *landing, const lintel_heap_t *heap, const settings_t *settings)
{
    report_t report = {.landing = landing, .heap = heap};

    report.method_count = summary_methods(summary, &report.methods);
    report.module_count = summary_modules(summary, &report.modules);
    if (summary->incomplete || !report.methods || !report.modules)
        say("there was no memory for the whole report");
    if (settings->top)
        print_tables(&report, settings->top);
    if (settings->report)
        write_json(&report, settings->report);
    free(report.methods);
    free(report.modules);
}
