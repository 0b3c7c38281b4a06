/* SPDX-License-Identifier: MIT
 *
 * json: the report for programs. Addresses are texts in hexadecimal, since they do not fit every reader's numbers.
 */
#ifndef STRESS_JSON_H
#define STRESS_JSON_H

#include <stdio.h>

#include "run.h"

void json_write(const run_t *run, FILE *out);

#endif
