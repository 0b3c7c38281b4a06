/* SPDX-License-Identifier: MIT
 *
 * picture_rows: one row a module: how far above its base its image and its regions lie, and how full each region is.
 */
#ifndef STRESS_PICTURE_ROWS_H
#define STRESS_PICTURE_ROWS_H

#include "picture_area.h"

double picture_rows_height(const report_t *report);
void   picture_rows_draw(const report_t *report, picture_area_t area, FILE *out);

#endif
