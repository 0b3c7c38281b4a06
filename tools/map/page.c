/* SPDX-License-Identifier: MIT */
#include "page.h"

#include "html.h"
#include "html_modules.h"
#include "html_space.h"
#include "text.h"

static const html_part_t space = {"space", "The address space"};
static const html_part_t modules = {"modules", "Modules"};
static const html_part_t regions = {"regions", "Regions"};

static void write_tiles(const snapshot_t *snapshot, FILE *out)
{
    const lintel_stats_t *totals = &snapshot->totals;

    html_tiles_begin(out);
    html_tile(out, text_count(snapshot->landscape.module_count).s, "modules");
    html_tile(out, text_count(totals->allocations).s, "bodies");
    html_tile(out, text_bytes(totals->allocated).s, "in bodies");
    html_tile(out, text_bytes(totals->reserved).s, "reserved");
    html_tile(out, text_bytes(totals->committed).s, "committed");
    html_tile(out, text_bytes(totals->spare).s, "spare");
    html_tile(out, text_bytes(totals->lost).s, "lost");
    html_tile(out, text_count(totals->failures).s, "failures");
    html_tiles_end(out);
}

void page_write(const snapshot_t *snapshot, FILE *out)
{
    const landscape_t *landscape = &snapshot->landscape;
    const html_part_t  parts[] = {space, modules, regions};
    char               title[PROCESS_TITLE + 64];
    char               subtitle[128];
    char               time_of_day[64] = "";
    struct tm          local;

    if (localtime_r(&snapshot->taken.tv_sec, &local) != NULL)
        strftime(time_of_day, sizeof(time_of_day), "%Y-%m-%d %H:%M:%S %z", &local);
    if (snapshot->process > 0)
        snprintf(title, sizeof(title), "lintel in process %d: %s", (int)snapshot->process, snapshot->title);
    else
        snprintf(title, sizeof(title), "lintel in a process");
    snprintf(subtitle, sizeof(subtitle), "lintel %s; %s%s", snapshot->version,
             snapshot->process > 0 ? "as it was at " : "from a file, read at ", time_of_day);
    html_begin(out, title, subtitle, parts, sizeof(parts) / sizeof(parts[0]));
    write_tiles(snapshot, out);
    html_part_begin(out, &space);
    html_space_write(landscape, out);
    html_part_end(out);
    html_part_begin(out, &modules);
    html_modules_write(landscape, out);
    html_part_end(out);
    html_part_begin(out, &regions);
    html_regions_write(landscape, out);
    html_part_end(out);
    html_end(out);
}
