/* SPDX-License-Identifier: MIT
 *
 * lintel-stress: puts lintel under load from many threads and checks every promise it makes.
 */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "crash.h"
#include "json.h"
#include "latency.h"
#include "options.h"
#include "page.h"
#include "picture.h"
#include "run.h"
#include "table.h"

enum { EXIT_KEPT = 0, EXIT_BROKEN = 1, EXIT_USAGE = 2, EXIT_BARRED = 77 };

/* Files are opened before the run: nobody wants to learn afterwards that they cannot be. */
typedef struct {
    FILE *json;
    FILE *svg;
    FILE *page;
} outputs_t;

static FILE *open_output(const char *path)
{
    FILE *file = fopen(path, "we");

    if (file == NULL)
        fprintf(stderr, "lintel-stress: %s: %s\n", path, strerror(errno));
    return file;
}

/* Returns false if what was written is not safe on its way. */
static bool close_output(FILE *file, const char *path)
{
    bool failed;

    if (file == NULL)
        return true;
    failed = ferror(file) != 0;
    failed = fclose(file) != 0 || failed;
    if (failed)
        fprintf(stderr, "lintel-stress: %s: could not be written\n", path);
    return !failed;
}

static bool close_outputs(const outputs_t *outputs, const options_t *options)
{
    bool json_written = close_output(outputs->json, options->json);
    bool svg_written = close_output(outputs->svg, options->svg);

    bool page_written = close_output(outputs->page, options->page);

    return json_written && svg_written && page_written;
}

static bool open_outputs(const options_t *options, outputs_t *outputs)
{
    *outputs = (outputs_t){0};
    if (options->json != NULL && (outputs->json = open_output(options->json)) == NULL)
        return false;
    if ((options->svg != NULL && (outputs->svg = open_output(options->svg)) == NULL) ||
        (options->page != NULL && (outputs->page = open_output(options->page)) == NULL)) {
        close_outputs(outputs, options);
        return false;
    }
    return true;
}

static void publish(const run_t *run, const outputs_t *outputs)
{
    if (outputs->json != NULL)
        json_write(run, outputs->json);
    if (outputs->svg != NULL)
        picture_draw(run, outputs->svg);
    if (outputs->page != NULL)
        page_write(run, outputs->page);
    table_print_report(run);
    table_print_verdict(run);
    /* A leak checker may end the program before the C library does. */
    fflush(stdout);
}

static int conduct(run_t *run, const outputs_t *outputs)
{
    int error;

    table_print_heading(run->options);
    crash_prepare(run->options);
    error = run->options->scenario->run(run);
    if (error != 0) {
        /* What there is to say about named files has been said. */
        if (error != -ENOEXEC)
            fprintf(stderr, "lintel-stress: %s could not be run: %s\n", run->options->scenario->name, strerror(-error));
        return EXIT_USAGE;
    }
    if (run->barred != NULL) {
        printf("skipped: %s\n", run->barred);
        return EXIT_BARRED;
    }
    publish(run, outputs);
    return verdict_is_good(&run->verdict) ? EXIT_KEPT : EXIT_BROKEN;
}

int main(int argc, char **argv)
{
    options_t options;
    outputs_t outputs;
    run_t     run = {.options = &options};
    int       status;

    setlocale(LC_CTYPE, "");
    switch (options_parse(argc, argv, &options)) {
    case OPTIONS_ANSWERED:
        return EXIT_KEPT;
    case OPTIONS_WRONG:
        return EXIT_USAGE;
    default:
        break;
    }
    if (!open_outputs(&options, &outputs))
        return EXIT_USAGE;

    if (options.page != NULL)
        latency_watch();
    verdict_init(&run.verdict);
    status = conduct(&run, &outputs);
    report_free(&run.report);
    verdict_end(&run.verdict);
    return close_outputs(&outputs, &options) || status == EXIT_BROKEN ? status : EXIT_USAGE;
}
