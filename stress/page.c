/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <stdlib.h>
#include <time.h>

#include "html.h"
#include "html_chart.h"
#include "html_landscape.h"
#include "latency.h"
#include "text.h"

static const html_part_t run_part = {"run", "The run"};
static const html_part_t throughput_part = {"throughput", "Throughput"};
static const html_part_t latency_part = {"latency", "Latency"};
static const html_part_t figures_part = {"figures", "Figures"};

static void write_tiles(const report_t *report, FILE *out)
{
    report_module_t totals = report_totals(report);

    html_tiles_begin(out);
    html_tile(out, text_count((uint64_t)report_bodies_per_second(report)).s, "bodies a second");
    html_tile(out, text_count(report->bodies).s, "bodies, in all rounds");
    html_tile(out, text_bytes(report->bytes).s, "in them");
    html_tile(out, text_count(report->rounds).s, report->rounds == 1 ? "round" : "rounds");
    html_tile(out, text_bytes(totals.stats.reserved).s, "reserved, last round");
    html_tile(out, text_bytes(totals.stats.spare).s, "spare");
    html_tile(out, text_bytes(totals.stats.lost).s, "lost");
    html_tiles_end(out);
}

static void write_verdict(const verdict_t *verdict, FILE *out)
{
    size_t broken = atomic_load(&verdict->broken);

    if (broken == 0) {
        fputs("<p class=\"good\">Every promise was kept.</p>\n", out);
        return;
    }
    fprintf(out, "<p class=\"bad\">Promises were broken, %zu times:</p>\n<ul>\n", broken);
    for (size_t i = 0; i < broken && i < VERDICT_KEPT_WORDS; i++) {
        fputs("<li>", out);
        html_text(out, verdict->words[i]);
        fputs("</li>\n", out);
    }
    fputs("</ul>\n", out);
}

/* The command, as its own function prints it. */
static void write_command(const options_t *options, FILE *out)
{
    char  *command = NULL;
    size_t size = 0;
    FILE  *memory = open_memstream(&command, &size);

    if (memory == NULL)
        return;
    options_print_command(options, memory);
    if (fclose(memory) == 0 && size > 0) {
        command[size - 1] = '\0';
        fputs("<pre><code>", out);
        html_text(out, command);
        fputs("</code></pre>\n", out);
    }
    free(command);
}

static void write_run(const run_t *run, FILE *out)
{
    const options_t *options = run->options;

    html_part_begin(out, &run_part);
    write_verdict(&run->verdict, out);
    fprintf(out, "<p>Scenario <b>%s</b>: %s. %zu threads, seed <code>%llu</code>. The same again:</p>\n",
            options->scenario->name, options->scenario->purpose, options->threads, (unsigned long long)options->seed);
    write_command(options, out);
    html_part_end(out);
}

/* Between two looks at the clock each. */
static void write_throughput(const progress_t *progress, FILE *out)
{
    chart_point_t points[PROGRESS_SAMPLES];
    size_t        count = 0;

    for (size_t i = 1; i < progress->sample_count; i++) {
        const progress_sample_t *before = &progress->samples[i - 1];
        const progress_sample_t *after = &progress->samples[i];

        if (after->seconds > before->seconds)
            points[count++] = (chart_point_t){after->seconds, (double)(after->done - before->done) /
                                                                  (after->seconds - before->seconds)};
    }
    html_part_begin(out, &throughput_part);
    if (count > 1) {
        fprintf(out, "<p class=\"note\">%s a second, all threads together; checks included.</p>\n", progress->unit);
        html_curve(out, points, count, progress->unit);
    } else {
        fputs("<p class=\"note\">The run was too short for a curve.</p>\n", out);
    }
    html_part_end(out);
}

static text_t nanoseconds(uint64_t count)
{
    text_t text = {0};

    if (count < 1000)
        snprintf(text.s, sizeof(text.s), "%.40s ns", text_count(count).s);
    else if (count < 1000000)
        snprintf(text.s, sizeof(text.s), "%.40s \xc2\xb5s", text_number((double)count / 1e3).s);
    else
        snprintf(text.s, sizeof(text.s), "%.40s ms", text_number((double)count / 1e6).s);
    return text;
}

static void write_latency(FILE *out)
{
    static const struct {
        const char *label;
        double      part;
    } percentiles[] = {{"half", 0.5},     {"90 %", 0.9},       {"99 %", 0.99},
                       {"99.9 %", 0.999}, {"99.99 %", 0.9999}, {"the longest", 1}};
    enum { PERCENTILES = sizeof(percentiles) / sizeof(percentiles[0]), LEAST = 10 };
    text_t      values[PERCENTILES];
    chart_bar_t bars[PERCENTILES];

    html_part_begin(out, &latency_part);
    for (size_t i = 0; i < PERCENTILES; i++) {
        uint64_t longest = percentiles[i].part < 1 ? latency_percentile(percentiles[i].part) : latency_longest();

        values[i] = nanoseconds(longest);
        bars[i] = (chart_bar_t){percentiles[i].label, values[i].s, (double)longest};
    }
    if (latency_count() > 0) {
        fprintf(
            out,
            "<p class=\"note\">Of %s calls of lintel_alloc, one in %d, so many took at most so long, the clock's "
            "own time and what else the processors had to do included. Each power of ten is as long as another.</p>\n",
            text_count(latency_count()).s, LATENCY_EVERY);
        html_bars(out, bars, PERCENTILES, LEAST);
    } else {
        fputs("<p class=\"note\">This scenario's calls are not timed: they are stopped on their way.</p>\n", out);
    }
    html_part_end(out);
}

static void write_figures(const report_t *report, FILE *out)
{
    html_part_begin(out, &figures_part);
    fputs("<div class=\"wide\"><table>\n<tbody>\n", out);
    for (size_t i = 0; i < report->figure_count; i++) {
        const figure_t *figure = &report->figures[i];

        fputs("<tr><td>", out);
        html_text(out, figure->label);
        fprintf(out, "</td><td>%s</td><td class=\"left\">%s</td></tr>\n", figure_value(figure).s, figure_unit(figure));
    }
    fputs("</tbody>\n</table></div>\n", out);
    html_part_end(out);
}

enum { MOST_PARTS = 4 + HTML_LANDSCAPE_PARTS };

/* What there is nothing to say of has no part. */
static size_t list_parts(const report_t *report, html_part_t parts[MOST_PARTS])
{
    size_t count = 0;

    parts[count++] = run_part;
    parts[count++] = throughput_part;
    parts[count++] = latency_part;
    if (report->figure_count > 0)
        parts[count++] = figures_part;
    for (size_t i = 0; i < HTML_LANDSCAPE_PARTS && report->module_count > 0; i++)
        parts[count++] = html_landscape_parts[i];
    return count;
}

void page_write(const run_t *run, FILE *out)
{
    const report_t *report = &run->report;
    landscape_t     landscape = report_landscape(report);
    html_part_t     parts[MOST_PARTS];
    size_t          count = list_parts(report, parts);
    char            title[128];
    char            subtitle[128];
    char            date[64] = "";
    time_t          now = time(NULL);
    struct tm       local;

    if (localtime_r(&now, &local) != NULL)
        strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S %z", &local);
    snprintf(title, sizeof(title), "lintel-stress: %s", run->options->scenario->name);
    snprintf(subtitle, sizeof(subtitle), "lintel %s; %s", lintel_version(), date);
    html_begin(out, title, subtitle, parts, count);
    write_tiles(report, out);
    write_run(run, out);
    write_throughput(&run->progress, out);
    write_latency(out);
    if (report->figure_count > 0)
        write_figures(report, out);
    if (report->module_count > 0)
        html_landscape_write(&landscape, out);
    html_end(out);
    free(landscape.modules);
}
