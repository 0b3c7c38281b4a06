/* SPDX-License-Identifier: MIT
 *
 * page: the whole report as a page for a browser, in one file.
 */
#ifndef STRESS_PAGE_H
#define STRESS_PAGE_H

#include <stdio.h>

#include "run.h"

void page_write(const run_t *run, FILE *out);

#endif
