/* SPDX-License-Identifier: MIT
 *
 * perf_map: /tmp/perf-PID.map, a line of text for each name.
 */
#ifndef LINTEL_PERF_MAP_H
#define LINTEL_PERF_MAP_H

#include "name.h"

/* Add names, NAME_BATCH at most, to a file that is there from the first one on. Between fork_hold and fork_release.
 * Returns 0; or as os_file_open_map and os_file_add. */
int perf_map_add(const name_t *const *names, unsigned count);

/* In the child of a fork: the file is the parent's; the next name makes one. */
void perf_map_after_fork(void);

#endif
