/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

enum { NAME_COLUMNS = 16, BAR_COLUMNS = 6, EIGHTHS = 8 };

static const char *const plain[] = {"", "", "", "", ""};
static const char *const coloured[] = {"\033[0m", "\033[1m", "\033[2m", "\033[33m", "\033[31m"};

typedef enum { LOOK_NORMAL, LOOK_BOLD, LOOK_DIM, LOOK_FULL, LOOK_BAD } look_t;

typedef struct {
    const table_style_t *style;
    FILE                *out;
    size_t               name_columns;
    size_t               rows; /* lines printed */
} printer_t;

static const char *look(const printer_t *printer, look_t wanted)
{
    return (printer->style->colour ? coloured : plain)[wanted];
}

static void end_line(printer_t *printer)
{
    fputs(printer->style->colour ? "\033[0m\033[K\n" : "\n", printer->out);
    printer->rows++;
}

/* What controls a terminal is not for names to say. */
static size_t print_name(FILE *out, const char *name, size_t columns)
{
    text_t fitted = text_fit(name, columns);
    size_t width = 0;

    for (const char *at = fitted.s; *at != '\0'; width++) {
        size_t length = text_character(at);

        if (length == 0 || (unsigned char)*at < 0x20 || *at == 0x7f || (length == 2 && (unsigned char)*at == 0xc2))
            fputc('?', out);
        else
            fwrite(at, 1, length, out);
        at += length > 0 ? length : 1;
    }
    return width;
}

static void print_bar(const printer_t *printer, double share)
{
    static const char *const blocks[] = {" ",      "\u258f", "\u258e", "\u258d", "\u258c",
                                         "\u258b", "\u258a", "\u2589", "\u2588"};
    int                      eighths = (int)(share * BAR_COLUMNS * EIGHTHS + 0.5);

    fputs(look(printer, LOOK_FULL), printer->out);
    for (int i = 0; i < BAR_COLUMNS; i++, eighths -= EIGHTHS) {
        int filled = eighths < 0 ? 0 : eighths > EIGHTHS ? EIGHTHS : eighths;

        if (printer->style->unicode)
            fputs(filled > 0 ? blocks[filled] : "\u00b7", printer->out);
        else
            fputc(filled >= EIGHTHS / 2 ? '#' : '.', printer->out);
    }
    fputs(look(printer, LOOK_NORMAL), printer->out);
}

static void print_figures(printer_t *printer, const lintel_stats_t *stats)
{
    double share = stats->reserved > 0 ? (double)stats->allocated / (double)stats->reserved : 0;

    fprintf(printer->out, " %10s %8s %8s ", text_count(stats->allocations).s, text_bytes(stats->allocated).s,
            text_bytes(stats->reserved).s);
    print_bar(printer, share < 1 ? share : 1);
    fprintf(printer->out, " %3.0f%% %8s %8s", 100 * share, text_bytes(stats->spare).s, text_bytes(stats->lost).s);
    fprintf(printer->out, "%s %4s", stats->failures > 0 ? look(printer, LOOK_BAD) : "", text_count(stats->failures).s);
    end_line(printer);
}

static void print_module(printer_t *printer, const landscape_module_t *module)
{
    static const char *const marks[] = {"", " [code]", " [closed]", " [code, closed]"};
    const char              *mark = marks[(module->code ? 1 : 0) + (module->closed ? 2 : 0)];
    size_t                   mark_columns = strlen(mark);
    size_t name_columns = printer->name_columns > mark_columns + 2 ? printer->name_columns - mark_columns : 3;

    fputs(look(printer, module->closed ? LOOK_DIM : LOOK_NORMAL), printer->out);
    mark_columns += print_name(printer->out, module->name[0] != '\0' ? module->name : "-", name_columns);
    fprintf(printer->out, "%s%*s", mark, (int)(printer->name_columns - mark_columns), "");
    print_figures(printer, &module->stats);
}

static void print_region(printer_t *printer, const landscape_module_t *module, const lintel_region_t *region)
{
    fprintf(printer->out, "  %s%#14zx  +%-9s%s %8s used, %8s committed of %8s", look(printer, LOOK_DIM),
            (size_t)region->start, text_bytes(region->start - module->base).s, look(printer, LOOK_NORMAL),
            text_bytes(region->used).s, text_bytes(region->committed).s, text_bytes(region->reserved).s);
    end_line(printer);
}

static void print_head(printer_t *printer, const snapshot_t *snapshot)
{
    const lintel_stats_t *totals = &snapshot->totals;
    char                  time_of_day[16] = "";
    struct tm             local;

    if (localtime_r(&snapshot->taken.tv_sec, &local) != NULL)
        strftime(time_of_day, sizeof(time_of_day), "%H:%M:%S", &local);
    fprintf(printer->out, "%s", look(printer, LOOK_BOLD));
    if (snapshot->process > 0)
        fprintf(printer->out, "%d ", (int)snapshot->process);
    print_name(printer->out, snapshot->title, 28);
    fprintf(printer->out, "%s  lintel %s, %s modules, %s", look(printer, LOOK_NORMAL), snapshot->version,
            text_count(totals->modules).s, time_of_day);
    end_line(printer);
    fprintf(printer->out, "%s reserved, %s committed", text_bytes(totals->reserved).s, text_bytes(totals->committed).s);
    fprintf(printer->out, ", %s spare, %s lost", text_bytes(totals->spare).s, text_bytes(totals->lost).s);
    end_line(printer);
    end_line(printer);
    fprintf(printer->out, "%s%-*s %10s %8s %8s %-*s %8s %8s %4s", look(printer, LOOK_BOLD), (int)printer->name_columns,
            "MODULE", "BODIES", "BYTES", "RESERVED", BAR_COLUMNS + 5, "FILL", "SPARE", "LOST", "FAIL");
    end_line(printer);
}

static bool has_room(const printer_t *printer)
{
    return printer->style->rows == 0 || printer->rows + 3 < printer->style->rows;
}

void table_print(const snapshot_t *snapshot, const table_style_t *style, FILE *out)
{
    const landscape_t *landscape = &snapshot->landscape;
    size_t             columns = style->columns > TABLE_COLUMNS ? style->columns : TABLE_COLUMNS;
    printer_t          printer = {style, out, NAME_COLUMNS + (columns - TABLE_COLUMNS), 0};
    size_t             shown = 0;

    /* What text_fit can do. */
    printer.name_columns = printer.name_columns < 56 ? printer.name_columns : 56;
    print_head(&printer, snapshot);
    for (; shown < landscape->module_count && has_room(&printer); shown++) {
        const landscape_module_t *module = &landscape->modules[shown];

        print_module(&printer, module);
        for (size_t i = 0; style->regions && i < module->region_count && has_room(&printer); i++)
            print_region(&printer, module, &module->regions[i]);
    }
    if (shown < landscape->module_count) {
        fprintf(out, "%sand %s more", look(&printer, LOOK_DIM), text_count(landscape->module_count - shown).s);
        end_line(&printer);
    }
    fprintf(out, "%s%-*s", look(&printer, LOOK_BOLD), (int)printer.name_columns, "total");
    print_figures(&printer, &snapshot->totals);
}
