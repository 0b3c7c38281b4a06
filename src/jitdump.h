/* SPDX-License-Identifier: MIT
 *
 * jitdump: jit-PID.dump, version 1 of the format in Linux's tools/perf/Documentation/jitdump-specification.txt: a
 * record for each name, with the code itself.
 */
#ifndef LINTEL_JITDUMP_H
#define LINTEL_JITDUMP_H

#include "name.h"

/* Add names, NAME_BATCH at most, to a file that is there from the first one on. Between fork_hold and fork_release.
 * Returns 0; or as os_file_make_dump, os_file_mark and os_file_add. */
int jitdump_add(const name_t *const *names, unsigned count);

/* In the child of a fork: the file is the parent's; the next name makes one. */
void jitdump_after_fork(void);

#endif
