/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "report.h"

#define GIB ((double)(1 << 30))

enum { MOST_REASONS = 16 };

static void print_methods(const report_t *report, size_t top, FILE *out)
{
    fprintf(out, "%16s  %s\n", "calls", "method");
    for (size_t i = 0; i < report->method_count && i < top; i++)
        if (report->methods[i]->calls)
            fprintf(out, "%16" PRIu64 "  %s (%s)\n", report->methods[i]->calls, report->methods[i]->name,
                    report->methods[i]->module->name);
}

static const char *reach_of(const module_entry_t *module)
{
    if (!module->has_image)
        return "no image";
    return module->placement.within_4_gib == module->placement.bodies ? "yes" : "NO";
}

static void print_module(const module_entry_t *module, FILE *out)
{
    const placement_t *placement = &module->placement;

    fprintf(out, "%9" PRIu64 " %12" PRIu64 " %7" PRIu64 " %6" PRIu64, placement->bodies, placement->bytes, module->lost,
            module->left);
    if (module->has_image)
        fprintf(out, " %9.3f %9.3f", (double)placement->nearest / GIB, (double)placement->farthest / GIB);
    else
        fprintf(out, " %9s %9s", "-", "-");
    fprintf(out, "  %-8s  %s", reach_of(module), module->name);
    if (module->loads > 1 || module->unloads)
        fprintf(out, " (loaded %" PRIu64 " times, unloaded %" PRIu64 ")", module->loads, module->unloads);
    fputc('\n', out);
}

static void print_modules(const report_t *report, FILE *out)
{
    fprintf(out, "\n%9s %12s %7s %6s %9s %9s  %-8s  %s\n", "bodies", "bytes", "lost", "left", "nearest", "farthest",
            "< 4 GiB", "module");
    for (size_t i = 0; i < report->module_count; i++)
        if (report->modules[i]->placement.bodies || report->modules[i]->left)
            print_module(report->modules[i], out);
}

/* A reason and how many methods were left for it. */
typedef struct {
    const char *reason;
    size_t      methods;
} tally_t;

static void count_reason(tally_t tallies[MOST_REASONS], const char *reason)
{
    unsigned i = 0;

    while (i < MOST_REASONS - 1 && tallies[i].reason && strcmp(tallies[i].reason, reason) != 0)
        i++;
    tallies[i].reason = i < MOST_REASONS - 1 ? reason : "for other reasons";
    tallies[i].methods++;
}

static void print_left(const report_t *report, size_t top, FILE *out)
{
    tally_t tallies[MOST_REASONS] = {{0}};
    size_t  listed = 0;

    for (size_t i = 0; i < report->method_count; i++) {
        const method_entry_t *method = report->methods[i];
        if (!method->reason)
            continue;
        count_reason(tallies, method->reason);
        if (listed++ < top)
            fprintf(out, "%16s  %s (%s): %s\n", "left as it is", method->name, method->module->name, method->reason);
    }
    for (unsigned i = 0; i < MOST_REASONS && tallies[i].methods; i++)
        fprintf(out, "%16zu  left as they are: %s\n", tallies[i].methods, tallies[i].reason);
}

static void print_totals(const report_t *report, FILE *out)
{
    uint64_t calls = 0;
    uint64_t bodies = 0;
    uint64_t with_image = 0;
    uint64_t near = 0;

    for (size_t i = 0; i < report->module_count; i++) {
        const module_entry_t *module = report->modules[i];
        calls += module->calls;
        bodies += module->placement.bodies;
        with_image += module->has_image ? module->placement.bodies : 0;
        near += module->placement.within_4_gib;
    }
    fprintf(out,
            "\n%" PRIu64 " calls of %" PRIu64 " methods; %" PRIu64 " of %" PRIu64 " bodies within 4 GiB above their "
            "images\n",
            calls, bodies, near, with_image);
}

void report_text(const report_t *report, size_t top, FILE *out)
{
    fputc('\n', out);
    print_methods(report, top, out);
    print_modules(report, out);
    print_totals(report, out);
    print_left(report, top, out);
}
