/* SPDX-License-Identifier: MIT
 *
 * gap_ground: an arena in which gaps are looked for, in the way that the command line names: query, text or probe.
 */
#ifndef GAP_GROUND_H
#define GAP_GROUND_H

#include "arena.h"
#include "gap.h"

/* Trial mappings find holes that begin at multiples of 64 KiB: so do all holes, unless a test says otherwise. */
#define STEP ((size_t)64 << 10)

extern lintel_gap_t finder;
extern size_t       page;
extern range_t      arena;

/* Sets `finder`; a program for which this kernel does not have it leaves as skipped. Returns its name. */
const char *choose_finder(int count, char **arguments);

/* A test's arena of 4 GiB, without a hole, and with neither brk's heap nor a stack near it. */
int ground_start(void **state);
int ground_end(void **state);

void hole(size_t offset, size_t size);

#endif
