/* SPDX-License-Identifier: MIT
 *
 * snapshot: what lintel-map shows: a process's heaps as they were at one time, or as a file says that they were.
 */
#ifndef MAP_SNAPSHOT_H
#define MAP_SNAPSHOT_H

#include <time.h>

#include "landscape.h"
#include "process.h"

typedef struct {
    landscape_t     landscape;
    lintel_stats_t  totals; /* what is left of early pools is in `reserved` */
    size_t          heaps;  /* 0: not known */
    char            version[32];
    pid_t           process; /* 0: from a file */
    char            title[PROCESS_TITLE];
    struct timespec taken;
} snapshot_t;

/* Take a module over, whatever the result. Returns 0 or -ENOMEM. */
int snapshot_add(snapshot_t *snapshot, landscape_module_t *module);

/* Once all is added: put the modules in order and sum them up; `pool` is what is left of early pools. */
void snapshot_finish(snapshot_t *snapshot, uint64_t pool);

void snapshot_free(snapshot_t *snapshot);

#endif
