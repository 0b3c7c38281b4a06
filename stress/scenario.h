/* SPDX-License-Identifier: MIT
 *
 * scenario: the table of what the runner can do. Each scenario is a file of its own.
 */
#ifndef STRESS_SCENARIO_H
#define STRESS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>

struct run;

/* Returns 0, or a negative errno when the scenario could not be set up. Broken promises go to the run's verdict. */
typedef int scenario_run_t(struct run *run);

typedef struct {
    const char     *name;
    const char     *purpose; /* in one line */
    unsigned        seconds; /* how long it takes where nobody says */
    bool            takes_files;
    scenario_run_t *run;
} scenario_t;

/* The table; the first is the default. */
extern const scenario_t scenarios[];
extern const size_t     scenario_count;

/* The scenario of that name, or NULL. */
const scenario_t *scenario_find(const char *name);

scenario_run_t clone_run;
scenario_run_t churn_run;
scenario_run_t exhaust_run;
scenario_run_t race_run;
scenario_run_t publish_run;
scenario_run_t many_run;
scenario_run_t suspend_run;
scenario_run_t interrupt_run;

#endif
