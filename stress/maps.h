/* SPDX-License-Identifier: MIT
 *
 * maps: what the kernel says is mapped in this process (/proc/self/maps).
 */
#ifndef STRESS_MAPS_H
#define STRESS_MAPS_H

#include "ranges.h"

/* Every list is ascending, one range a mapping. */
typedef struct {
    ranges_t all;
    ranges_t readable;
    ranges_t named; /* files and the kernel's own: they stay for the life of the process */
    size_t   writable_and_executable;
} maps_t;

/* Returns 0 or a negative errno. */
int maps_read(maps_t *maps);

void maps_free(maps_t *maps);

#endif
