/* SPDX-License-Identifier: MIT
 *
 * scenarios: what a program does with lintel, in which everything is refused in turn.
 */
#ifndef FAULTS_SCENARIOS_H
#define FAULTS_SCENARIOS_H

#include "acts.h"

typedef struct {
    const char           *name;
    act_t                *prepare; /* nothing is refused yet; NULL: nothing */
    act_t                *act;     /* here it is */
    lintel_heap_options_t options;
    lintel_kind_t         kind;
    size_t                hole;         /* free address space above the image */
    bool                  pooled;       /* and all of it the heap's early pool */
    bool                  query_hidden; /* as before Linux 6.11 */
} scenario_t;

extern const scenario_t scenarios[];
extern const unsigned   scenario_count;

#endif
