/* SPDX-License-Identifier: MIT
 *
 * judge: after a round, with no call in flight, checks all that can be checked without knowing what was written: the
 * books, the regions, that bodies are apart from one another and from everything else, and the library's answers.
 */
#ifndef STRESS_JUDGE_H
#define STRESS_JUDGE_H

#include "run.h"

/* One module and what the runner had from it. */
typedef struct {
    const subject_t *subject;
    ledger_t         ledger;
    body_t          *bodies; /* its own */
    size_t           count;
} group_t;

typedef struct {
    run_t               *run;
    const lintel_heap_t *heap;
    size_t               commit_step; /* of the heap */
    bool                 shortened;   /* some bodies were, by lintel_shrink */
    const group_t       *groups;
    size_t               group_count;
    body_t              *bodies; /* of all groups, one group after another; they are sorted by address */
    size_t               body_count;
    const ranges_t      *walls;   /* other people's memory besides images and named mappings; NULL is none */
    double               seconds; /* that the round took */
} round_t;

/* Broken promises go to the run's verdict, the figures to its report. Returns 0 or a negative errno. */
int judge_round(const round_t *round);

#endif
