/* SPDX-License-Identifier: MIT
 *
 * run: what a scenario works with.
 */
#ifndef STRESS_RUN_H
#define STRESS_RUN_H

#include "options.h"
#include "progress.h"
#include "report.h"
#include "verdict.h"

typedef struct run {
    const options_t *options;
    verdict_t        verdict;
    progress_t       progress;
    report_t         report;
    const char      *barred; /* why the scenario cannot be run here, if so */
} run_t;

/* Begin the scenario's progress, named after it. */
void run_begin(run_t *run, const char *unit, uint64_t least);

/* Whether another round is to be run: time is left and no promise is broken. Any thread. */
bool run_goes_on(const run_t *run);

/* Whether a return value is 0; if not, the call has broken a promise. */
bool run_expect(run_t *run, const char *call, const char *name, int result);

#endif
