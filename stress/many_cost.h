/* SPDX-License-Identifier: MIT
 *
 * many_cost: what single calls cost while many modules are open.
 */
#ifndef STRESS_MANY_COST_H
#define STRESS_MANY_COST_H

#include <stdatomic.h>

#include "random.h"
#include "run.h"
#include "subject.h"

/* Modules that are opened and closed again to see what that costs. */
enum { COST_EXTRA = 256 };

/* Nanoseconds a call; the best of several tries, since others use the machine too. */
typedef struct {
    double open;
    double acquire; /* any of them: where they are many, the processor has to fetch it from memory */
    double again;   /* to acquire a few of them over and over */
    double release;
} cost_t;

typedef struct {
    run_t           *run;
    lintel_heap_t   *heap;
    subject_t       *subjects; /* COST_EXTRA more than are ever open for good */
    size_t           open;     /* how many are */
    cost_t           cost_of_few;
    cost_t           cost_of_many;
    _Atomic uint64_t bodies;
    _Atomic uint64_t bytes;
} many_t;

/* Measure with the modules that are open now. */
void many_measure(many_t *many, cost_t *cost);

/* Add both costs and how they compare to the report. */
void many_report_costs(many_t *many);

#endif
