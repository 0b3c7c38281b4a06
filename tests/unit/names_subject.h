/* SPDX-License-Identifier: MIT
 *
 * names_subject: a module of code whose bodies' names are told, and what perf and gdb would read of them.
 */
#ifndef NAMES_SUBJECT_H
#define NAMES_SUBJECT_H

#include <stdbool.h>

#include "name.h"
#include "subject.h"

enum { MOST_TEXT = 65536 };

/* Run `work` in a process of its own, which has files of its own. Fails the test if that fails. */
void names_apart(void (*work)(void));

/* A subject with these options, and 16 MiB free. */
subject_t names_open(lintel_perf_t perf, bool gdb);

/* A body of `size` bytes, published. Its bytes are `value`. Fails the test if there is none. */
void *names_body(const subject_t *subject, size_t size, unsigned char value);

/* This process's map, read and removed; NULL if there is none. */
const char *names_take_map(void);

/* What gdb was told of last, and what comes first in its list. */
const gdb_entry_t *names_told_gdb(void);
const gdb_entry_t *names_first_in_gdb(void);

/* Entries in gdb's list, whose links are right, and which are ELF files. */
size_t names_in_gdb(void);

#endif
