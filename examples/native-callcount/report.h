/* SPDX-License-Identifier: MIT
 *
 * report: what was counted, for people and for programs.
 */
#ifndef NATIVE_CALLCOUNT_REPORT_H
#define NATIVE_CALLCOUNT_REPORT_H

#include <stdio.h>

#include "library.h"

/* The functions called most, `rows` of them, with each library's share of functions instrumented and lintel's own
 * table of the space used. */
void report_table(FILE *out, const library_t *libraries, const lintel_heap_t *heap, size_t rows);

/* All of it, as one JSON document. */
void report_json(FILE *out, const library_t *libraries);

#endif
