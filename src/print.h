/* SPDX-License-Identifier: MIT
 *
 * print: a heap's books for people and for machines.
 */
#ifndef LINTEL_PRINT_H
#define LINTEL_PRINT_H

#include "stats.h"

/* One module as it was at the time of printing; the reference is the printer's. */
typedef struct {
    lintel_module_t *module;
    lintel_stats_t   stats;
    bool             open;
} print_row_t;

/* What is printed: rows in order of address, and the heap's sums. */
typedef struct {
    size_t         count;
    print_row_t   *rows;
    lintel_stats_t total;
} print_table_t;

/* A figure of lintel_stats_t, and what the formats call it. */
typedef struct {
    const char *name;   /* JSON's name, and the column's */
    const char *metric; /* OpenMetrics' family */
    const char *unit;   /* OpenMetrics' unit, or empty */
    const char *help;
    size_t      offset; /* in lintel_stats_t */
} print_figure_t;

extern const print_figure_t print_figures[];
extern const size_t         print_figure_count;

uint64_t print_figure(const lintel_stats_t *stats, const print_figure_t *figure);

/* Bytes of the UTF-8 sequence at `text`; 0 if there is none. Names are whatever bytes the program gave. */
unsigned print_utf8_length(const char *text);

/* Print a heap. Returns 0; -ENOMEM; -EIO. */
int print_heap(const lintel_heap_t *heap, FILE *out, lintel_format_t format);

void print_text(const print_table_t *table, FILE *out);
void print_json(const print_table_t *table, FILE *out);
void print_openmetrics(const print_table_t *table, FILE *out);

#endif
