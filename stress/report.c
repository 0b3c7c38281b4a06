/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void forget_modules(report_t *report)
{
    for (size_t i = 0; i < report->module_count; i++) {
        free(report->modules[i].name);
        free(report->modules[i].regions);
    }
    free(report->modules);
    report->modules = NULL;
    report->module_count = 0;
    ranges_free(&report->mapped);
}

int report_expect(report_t *report, size_t count)
{
    forget_modules(report);
    report->modules = calloc(count + 1, sizeof(*report->modules));
    return report->modules != NULL ? 0 : -ENOMEM;
}

static void find_extent(report_module_t *module, const body_t *bodies, size_t body_count)
{
    for (size_t i = 0; i < body_count; i++) {
        uint64_t first = bodies[i].start - module->base;
        uint64_t last = first + bodies[i].size - 1;

        if (i == 0 || first < module->nearest)
            module->nearest = first;
        if (last > module->farthest)
            module->farthest = last;
    }
}

int report_add(report_t *report, const subject_t *subject, const ledger_t *ledger, account_t *account,
               const body_t *bodies, size_t body_count)
{
    report_module_t *module = &report->modules[report->module_count];

    *module = (report_module_t){
        .name = strdup(subject->name),
        .base = subject->base,
        .image_size = subject->image_size,
        .reach = subject->reach,
        .ledger = *ledger,
        .stats = account->stats,
        .regions = account->regions,
        .region_count = account->region_count,
    };
    if (module->name == NULL)
        return -ENOMEM;
    account->regions = NULL;
    find_extent(module, bodies, body_count);
    report->module_count++;
    return 0;
}

int report_mappings(report_t *report, const maps_t *maps)
{
    for (size_t i = 0; i < report->module_count; i++) {
        report_module_t *module = &report->modules[i];

        for (size_t j = 0; j < module->region_count; j++)
            module->vmas += ranges_count(&maps->all, module->regions[j].start,
                                         module->regions[j].start + module->regions[j].reserved);
    }
    for (size_t i = 0; i < maps->all.count; i++)
        if (ranges_add(&report->mapped, maps->all.items[i].start, maps->all.items[i].end) != 0)
            return -ENOMEM;
    ranges_join(&report->mapped);
    return 0;
}

void report_figure(report_t *report, const char *key, const char *label, double value, const char *unit)
{
    if (report->figure_count < REPORT_FIGURES)
        report->figures[report->figure_count++] = (figure_t){.key = key, .label = label, .unit = unit, .value = value};
}

text_t figure_value(const figure_t *figure)
{
    if (strcmp(figure->unit, "bytes") == 0)
        return text_bytes((uint64_t)figure->value);
    return figure->unit[0] == '\0' ? text_count((uint64_t)figure->value) : text_number(figure->value);
}

const char *figure_unit(const figure_t *figure)
{
    return strcmp(figure->unit, "bytes") == 0 ? "" : figure->unit;
}

double report_bodies_per_second(const report_t *report)
{
    return report->seconds > 0 ? (double)report->bodies / report->seconds : 0;
}

double report_bytes_per_second(const report_t *report)
{
    return report->seconds > 0 ? (double)report->bytes / report->seconds : 0;
}

landscape_t report_landscape(const report_t *report)
{
    landscape_t landscape = {.mapped = report->mapped};

    landscape.modules = calloc(report->module_count + 1, sizeof(*landscape.modules));
    for (size_t i = 0; landscape.modules != NULL && i < report->module_count; i++) {
        const report_module_t *module = &report->modules[i];

        landscape.modules[landscape.module_count++] = (landscape_module_t){
            .name = module->name,
            .base = module->base,
            .image_size = module->image_size,
            .reach = module->reach,
            .stats = module->stats,
            .regions = module->regions,
            .region_count = module->region_count,
        };
    }
    return landscape;
}

static void add_module(report_module_t *totals, const report_module_t *module)
{
    totals->image_size += module->image_size;
    totals->ledger.bodies += module->ledger.bodies;
    totals->ledger.bytes += module->ledger.bytes;
    totals->ledger.lost += module->ledger.lost;
    totals->ledger.failures += module->ledger.failures;
    totals->region_count += module->region_count;
    totals->vmas += module->vmas;
    totals->stats.reserved += module->stats.reserved;
    totals->stats.committed += module->stats.committed;
    totals->stats.spare += module->stats.spare;
    totals->stats.lost += module->stats.lost;
    if (module->nearest > 0 && (totals->nearest == 0 || module->nearest < totals->nearest))
        totals->nearest = module->nearest;
    if (module->farthest > totals->farthest)
        totals->farthest = module->farthest;
}

report_module_t report_totals(const report_t *report)
{
    report_module_t totals = {0};

    for (size_t i = 0; i < report->module_count; i++)
        add_module(&totals, &report->modules[i]);
    return totals;
}

void report_free(report_t *report)
{
    forget_modules(report);
    *report = (report_t){0};
}
