/* SPDX-License-Identifier: MIT
 *
 * picture_strip: images and regions along one line of addresses, the wide gaps between them cut out: once all of
 * them, once only where the regions are.
 */
#ifndef SHOW_PICTURE_STRIP_H
#define SHOW_PICTURE_STRIP_H

#include <stdbool.h>

#include "picture_area.h"

enum { PICTURE_STRIP_HEIGHT = 150 };

typedef enum { STRIP_ALL, STRIP_REGIONS } picture_strip_t;

/* Whether STRIP_REGIONS shows much more than STRIP_ALL. */
bool picture_strip_differs(const landscape_t *landscape);

void picture_strip_draw(const landscape_t *landscape, picture_strip_t kind, picture_area_t area, FILE *out);

#endif
