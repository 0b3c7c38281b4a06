/* SPDX-License-Identifier: MIT
 *
 * picture_rows: one row a module: how far above its base its image and its regions lie, and how full each region is.
 */
#ifndef SHOW_PICTURE_ROWS_H
#define SHOW_PICTURE_ROWS_H

#include "picture_area.h"

double picture_rows_height(const landscape_t *landscape);
void   picture_rows_draw(const landscape_t *landscape, picture_area_t area, FILE *out);

#endif
