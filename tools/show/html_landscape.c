/* SPDX-License-Identifier: MIT */
#include "html_landscape.h"

#include "html_modules.h"
#include "html_space.h"

const html_part_t html_landscape_parts[] = {
    {"space", "The address space"}, {"modules", "Modules"}, {"regions", "Regions"}};

void html_landscape_write(const landscape_t *landscape, FILE *out)
{
    static void (*const write[])(const landscape_t *landscape, FILE *out) = {html_space_write, html_modules_write,
                                                                             html_regions_write};

    for (size_t i = 0; i < HTML_LANDSCAPE_PARTS; i++) {
        html_part_begin(out, &html_landscape_parts[i]);
        write[i](landscape, out);
        html_part_end(out);
    }
}
