/* SPDX-License-Identifier: MIT
 *
 * table: the report for people, at most 100 columns wide.
 */
#ifndef STRESS_TABLE_H
#define STRESS_TABLE_H

#include "run.h"

/* Before the run: what is going to happen, and the seed. */
void table_print_heading(const options_t *options);

/* After it: modules, figures, rates. */
void table_print_report(const run_t *run);

/* Last of all: whether the promises were kept; if not, which were broken, and the command that repeats it. */
void table_print_verdict(const run_t *run);

#endif
