/* SPDX-License-Identifier: MIT */
#include "page.h"

#include "html_landscape.h"
#include "text.h"

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
    char      title[PROCESS_TITLE + 64];
    char      subtitle[128];
    char      time_of_day[64] = "";
    struct tm local;

    if (localtime_r(&snapshot->taken.tv_sec, &local) != NULL)
        strftime(time_of_day, sizeof(time_of_day), "%Y-%m-%d %H:%M:%S %z", &local);
    if (snapshot->process > 0)
        snprintf(title, sizeof(title), "lintel in process %d: %s", (int)snapshot->process, snapshot->title);
    else
        snprintf(title, sizeof(title), "lintel in a process");
    snprintf(subtitle, sizeof(subtitle), "lintel %s; %s%s", snapshot->version,
             snapshot->process > 0 ? "as it was at " : "from a file, read at ", time_of_day);
    html_begin(out, title, subtitle, html_landscape_parts, HTML_LANDSCAPE_PARTS);
    write_tiles(snapshot, out);
    html_landscape_write(&snapshot->landscape, out);
    html_end(out);
}
