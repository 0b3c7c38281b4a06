/* SPDX-License-Identifier: MIT
 *
 * document: a snapshot as JSON: what lintel_heap_print writes, and what lintel-map adds to it. Either can be read.
 */
#ifndef MAP_DOCUMENT_H
#define MAP_DOCUMENT_H

#include <stdio.h>

#include "snapshot.h"

enum { DOCUMENT_WORDS = 256 };

/* Read a file; "-" is the standard input. Returns 0; or a negative errno, with what is wrong in `words`. */
int document_read(const char *path, snapshot_t *snapshot, char words[DOCUMENT_WORDS]);

/* Returns 0 or -ENOMEM; whether it could be written, the stream says. */
int document_write(const snapshot_t *snapshot, FILE *out);

#endif
