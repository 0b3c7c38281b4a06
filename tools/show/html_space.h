/* SPDX-License-Identifier: MIT
 *
 * html_space: the address space as a picture to zoom into: images and regions by address, the wide gaps cut out.
 */
#ifndef SHOW_HTML_SPACE_H
#define SHOW_HTML_SPACE_H

#include <stdio.h>

#include "landscape.h"

void html_space_write(const landscape_t *landscape, FILE *out);

#endif
