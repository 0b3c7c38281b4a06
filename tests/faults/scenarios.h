/* SPDX-License-Identifier: MIT
 *
 * scenarios: what a program does with lintel, in which everything is refused in turn.
 */
#ifndef FAULTS_SCENARIOS_H
#define FAULTS_SCENARIOS_H

#include "world.h"

typedef struct {
    const char *name;
    void (*prepare)(world_t *world, const lintel_heap_options_t *options); /* nothing is refused yet; NULL: nothing */
    void (*act)(world_t *world, const lintel_heap_options_t *options);     /* here it is */
    lintel_heap_options_t options;
    size_t                hole;         /* free address space above the image */
    bool                  pooled;       /* and all of it the heap's early pool */
    bool                  query_hidden; /* as before Linux 6.11 */
} scenario_t;

extern const scenario_t scenarios[];
extern const unsigned   scenario_count;

#endif
