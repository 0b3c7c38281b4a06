/* SPDX-License-Identifier: MIT
 *
 * html_modules: modules and regions as tables: how full each is, what is spare and what is lost.
 */
#ifndef SHOW_HTML_MODULES_H
#define SHOW_HTML_MODULES_H

#include <stdio.h>

#include "landscape.h"

void html_modules_write(const landscape_t *landscape, FILE *out);
void html_regions_write(const landscape_t *landscape, FILE *out);

#endif
