/* SPDX-License-Identifier: MIT
 *
 * report: what a run found out, for the table, the JSON document and the picture to show.
 */
#ifndef STRESS_REPORT_H
#define STRESS_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "books.h"
#include "landscape.h"
#include "maps.h"
#include "subject.h"
#include "text.h"

/* One module, at the end of the last round. */
typedef struct {
    char            *name;
    uintptr_t        base;
    size_t           image_size;
    uint64_t         reach;
    ledger_t         ledger;
    uint64_t         nearest;  /* offset of the lowest body's first byte */
    uint64_t         farthest; /* offset of the highest body's last byte */
    size_t           vmas;     /* mappings in its regions */
    lintel_stats_t   stats;
    lintel_region_t *regions; /* ascending */
    size_t           region_count;
} report_module_t;

/* One number that a scenario measured. */
typedef struct {
    const char *key;   /* in JSON */
    const char *label; /* for people */
    const char *unit;  /* "" for a count, "bytes", "%", "ns", "x" */
    double      value;
} figure_t;

/* As shown to people: bytes bring their own unit. */
text_t      figure_value(const figure_t *figure);
const char *figure_unit(const figure_t *figure);

enum { REPORT_FIGURES = 64 };

typedef struct {
    report_module_t *modules; /* by base */
    size_t           module_count;
    ranges_t         mapped; /* everything that was mapped, joined; for the picture */
    figure_t         figures[REPORT_FIGURES];
    size_t           figure_count;
    uint64_t         rounds;
    uint64_t         bodies;  /* placed, in all rounds */
    uint64_t         bytes;   /* in them */
    double           seconds; /* that all threads together took to place them */
} report_t;

/* Forget the modules and make room for `count`. Returns 0 or -ENOMEM. */
int report_expect(report_t *report, size_t count);

/* Add a module; `bodies` are its own. Takes the account's regions over. Returns 0 or -ENOMEM. */
int report_add(report_t *report, const subject_t *subject, const ledger_t *ledger, account_t *account,
               const body_t *bodies, size_t body_count);

/* Count the mappings in every module's regions, and remember what is mapped. Returns 0 or a negative errno. */
int report_mappings(report_t *report, const maps_t *maps);

/* The texts are not copied. */
void report_figure(report_t *report, const char *key, const char *label, double value, const char *unit);

/* Bodies and bytes a second; 0 where none were timed. */
double report_bodies_per_second(const report_t *report);
double report_bytes_per_second(const report_t *report);

/* What a picture shows of it: nothing is copied; to be freed by free(landscape.modules). */
landscape_t report_landscape(const report_t *report);

/* The sum of the modules; nearest and farthest are the least and the most. */
report_module_t report_totals(const report_t *report);

void report_free(report_t *report);

#endif
