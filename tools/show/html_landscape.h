/* SPDX-License-Identifier: MIT
 *
 * html_landscape: the parts of a page that a landscape fills: its picture, its modules and its regions.
 */
#ifndef SHOW_HTML_LANDSCAPE_H
#define SHOW_HTML_LANDSCAPE_H

#include "html.h"
#include "landscape.h"

enum { HTML_LANDSCAPE_PARTS = 3 };

/* In the order in which they are written. */
extern const html_part_t html_landscape_parts[HTML_LANDSCAPE_PARTS];

void html_landscape_write(const landscape_t *landscape, FILE *out);

#endif
