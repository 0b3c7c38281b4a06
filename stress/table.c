/* SPDX-License-Identifier: MIT */
#include "table.h"

#include "text.h"

enum { NAME_COLUMNS = 22 };

static void print_rule(void)
{
    for (int i = 0; i < 98; i++)
        putchar('-');
    putchar('\n');
}

static void print_head(const char *bodies)
{
    printf("%-22s %9s %9s %7s %9s %9s %9s %9s %7s\n", "module", bodies, "bytes", "regions", "nearest", "farthest",
           "spare", "lost", "VMAs");
    print_rule();
}

/* A name can hold characters of several bytes: columns are counted, not bytes. */
static void print_name(const char *name)
{
    text_t fitted = text_fit(name, NAME_COLUMNS);
    size_t columns = 0;

    for (const char *c = fitted.s; *c != '\0'; c += text_character(c))
        columns++;
    printf("%s%*s", fitted.s, (int)(NAME_COLUMNS - columns), "");
}

static void print_module(const report_module_t *module)
{
    print_name(module->name);
    printf(" %9s %9s %7zu %9s %9s %9s %9s %7zu\n", text_count(module->ledger.bodies).s,
           text_bytes(module->ledger.bytes).s, module->region_count, text_bytes(module->nearest).s,
           text_bytes(module->farthest).s, text_bytes(module->stats.spare).s, text_bytes(module->stats.lost).s,
           module->vmas);
}

static void print_modules(const report_t *report, const char *bodies)
{
    report_module_t totals = report_totals(report);
    char            name[] = "total";

    print_head(bodies);
    for (size_t i = 0; i < report->module_count; i++)
        print_module(&report->modules[i]);
    if (report->module_count < 2)
        return;
    print_rule();
    totals.name = name;
    print_module(&totals);
}

static void print_figures(const report_t *report)
{
    for (size_t i = 0; i < report->figure_count; i++) {
        const figure_t *figure = &report->figures[i];
        const char     *unit = figure_unit(figure);

        printf("%-56s %12s%s%s\n", figure->label, figure_value(figure).s, unit[0] != '\0' ? " " : "", unit);
    }
}

static void print_rates(const report_t *report)
{
    printf("%s %s, %s bodies, %s in %.2f s: %s bodies/s, %s/s\n", text_count(report->rounds).s,
           report->rounds == 1 ? "round" : "rounds", text_count(report->bodies).s, text_bytes(report->bytes).s,
           report->seconds, text_count((uint64_t)report_bodies_per_second(report)).s,
           text_bytes((uint64_t)report_bytes_per_second(report)).s);
}

void table_print_heading(const options_t *options)
{
    printf("lintel %s: %s, %zu threads, %u s, seed %llu\n", lintel_version(), options->scenario->name, options->threads,
           options->seconds, (unsigned long long)options->seed);
    fflush(stdout);
}

void table_print_report(const run_t *run)
{
    const report_t *report = &run->report;

    if (report->module_count > 0) {
        putchar('\n');
        print_modules(report, run->options->scenario->takes_files ? "functions" : "bodies");
    }
    if (report->module_count > 0 && report->rounds > 1)
        printf("(as it stood at the end of the last of %s rounds)\n", text_count(report->rounds).s);
    putchar('\n');
    print_figures(report);
    if (report->rounds > 0)
        print_rates(report);
}

void table_print_verdict(const run_t *run)
{
    size_t broken = atomic_load(&run->verdict.broken);
    size_t shown = broken < VERDICT_KEPT_WORDS ? broken : VERDICT_KEPT_WORDS;

    if (broken == 0) {
        printf("every promise kept\n");
        return;
    }
    printf("PROMISE BROKEN, %s %s:\n", text_count(broken).s, broken == 1 ? "time" : "times");
    for (size_t i = 0; i < shown; i++)
        printf("  %s\n", run->verdict.words[i]);
    if (broken > shown)
        printf("  and %s more\n", text_count(broken - shown).s);
    printf("repeat with:\n  ");
    options_print_command(run->options, stdout);
}
