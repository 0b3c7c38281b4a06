/* SPDX-License-Identifier: MIT
 *
 * cast: the actors of a stage as their tracer has them: each stands still inside its call, and moves on by single
 * instructions when it is told to.
 */
#ifndef STRESS_CAST_H
#define STRESS_CAST_H

#include "stage.h"
#include "tracer.h"

typedef struct {
    pid_t            thread;
    bool             inside; /* its call */
    tracer_outcome_t last;
    uint64_t         steps; /* instructions of the call so far */
} player_t;

typedef struct {
    stage_t *stage;
    size_t   count;
    player_t players[STAGE_ACTORS];
} cast_t;

/* Have the stage set, and each actor stand at the beginning of its call. Returns 0 or a negative errno: -EPERM where
 * tracing is barred. */
int cast_begin(cast_t *cast, stage_t *stage, const call_t *const *wanted, size_t count);

/* One instruction of an actor that is inside; at its call's end it is let go. */
tracer_outcome_t cast_step(cast_t *cast, size_t index);

/* Whether any actor is inside its call. */
bool cast_is_inside(const cast_t *cast);

/* Let all that are still inside run to their ends. */
void cast_let_go(cast_t *cast);

/* Wait for the ends. Returns 0 or a negative errno. */
int cast_end(cast_t *cast, verdict_t *verdict);

#endif
