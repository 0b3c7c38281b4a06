/* SPDX-License-Identifier: MIT
 *
 * standstill: whether another thread gets through while the actors stand where they stand; and a tally of where that
 * was.
 */
#ifndef STRESS_STANDSTILL_H
#define STRESS_STANDSTILL_H

#include "cast.h"
#include "report.h"
#include "spots.h"
#include "task.h"
#include "where.h"

typedef struct {
    verdict_t *verdict;
    stage_t   *stage;
    where_t   *where;
    bool       locks;     /* a call came by what it must not: told once */
    bool       away;      /* the other one was sent and is not back */
    uint64_t   positions; /* how often it was sent, or still under way */
    uint64_t   blocked;
    uint64_t   together; /* of the positions, those of more than one actor */
    spots_t    stops;    /* where the actors stood */
    spots_t    way;      /* where they came by with nobody else about */
} standstill_t;

/* With nobody else about, an actor comes by here. If its call must not block, this is neither a lock's code nor
 * malloc's: whether they would be contended is not the question. */
void standstill_come_by(standstill_t *standstill, const call_t *call, uintptr_t position);

/* See whether the other one gets through. TASK_SPINS tells to end this soon: each such finding takes a second. */
task_state_t standstill_try(standstill_t *standstill, const cast_t *cast, errand_t errand);

/* An actor could not go on while others stood still. */
void standstill_blocked(standstill_t *standstill, const cast_t *cast, const char *who, task_state_t how);

/* With nobody standing still any more, wait for the other one to come back. Returns 0 or a negative errno. */
int standstill_end(standstill_t *standstill);

void standstill_report(standstill_t *standstill, report_t *report);
void standstill_free(standstill_t *standstill);

#endif
