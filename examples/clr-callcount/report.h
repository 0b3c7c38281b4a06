/* SPDX-License-Identifier: MIT
 *
 * report: the summary for people and for programs.
 */
#ifndef CALLCOUNT_REPORT_H
#define CALLCOUNT_REPORT_H

#include <stdio.h>

#include "landing.h"
#include "settings.h"
#include "summary.h"

/* What is reported. */
typedef struct {
    const method_entry_t **methods; /* those first that were called most */
    size_t                 method_count;
    const module_entry_t **modules;
    size_t                 module_count;
    const landing_t       *landing;
    const lintel_heap_t   *heap; /* NULL: there is none */
} report_t;

/* Print tables to stderr and write the JSON, as the settings have it. Says what goes wrong. */
void report(const summary_t *summary, const landing_t *landing, const lintel_heap_t *heap, const settings_t *settings);

void report_text(const report_t *report, size_t top, FILE *out);
void report_json(const report_t *report, FILE *out);

#endif
