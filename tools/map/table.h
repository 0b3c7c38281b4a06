/* SPDX-License-Identifier: MIT
 *
 * table: a snapshot for a terminal, or for a file or pipe.
 */
#ifndef MAP_TABLE_H
#define MAP_TABLE_H

#include <stdio.h>

#include "snapshot.h"

typedef struct {
    size_t columns; /* at most so wide; TABLE_COLUMNS at least */
    size_t rows;    /* at most so many lines; 0: as many as it takes */
    bool   regions;
    bool   colour;
    bool   unicode;
} table_style_t;

enum { TABLE_COLUMNS = 80 };

/* Print the modules in the order that they are in. */
void table_print(const snapshot_t *snapshot, const table_style_t *style, FILE *out);

#endif
