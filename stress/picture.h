/* SPDX-License-Identifier: MIT
 *
 * picture: the report as a self-contained SVG: where each module's image and its regions lie in the address space, and
 * how full they are.
 */
#ifndef STRESS_PICTURE_H
#define STRESS_PICTURE_H

#include <stdio.h>

#include "run.h"

void picture_draw(const run_t *run, FILE *out);

#endif
