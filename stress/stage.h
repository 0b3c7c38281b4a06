/* SPDX-License-Identifier: MIT
 *
 * stage: the process in which calls are stopped. A child of the runner's, which traces it: actors make one call each;
 * the other one has to get through while they stand still. What both processes look at is shared memory.
 */
#ifndef STRESS_STAGE_H
#define STRESS_STAGE_H

#include <semaphore.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "calls.h"
#include "verdict.h"

enum { STAGE_ACTORS = 3, STAGE_NEWCOMERS = 4, STAGE_WORDS = 160 };

typedef enum { STAGE_SET, STAGE_CLEAR, STAGE_END } stage_order_t;

typedef enum { PLACE_BEFORE, PLACE_INSIDE, PLACE_AFTER } place_t;

typedef struct {
    const call_t *call;
    pid_t         thread;
    atomic_int    place;
    sem_t         ready;
    sem_t         gate; /* opened once the actor may make its call */
} actor_t;

/* What the other one does at a position. */
typedef struct {
    bool grow;     /* make the large module grow too; the small one does anyhow */
    bool refused;  /* ask for more than there is, where somebody may be about to make room */
    bool newcomer; /* have a thread that never called lintel allocate as well */
} errand_t;

typedef struct {
    pid_t         process;
    sem_t         ordered;
    sem_t         obeyed;
    stage_order_t order;
    int           error; /* of the order */

    actor_t actors[STAGE_ACTORS];
    size_t  actor_count;

    errand_t              errand;
    pid_t                 other;    /* its thread */
    _Atomic pid_t         newcomer; /* the thread that it waits for, or 0 */
    sem_t                 sent;
    sem_t                 back;
    _Atomic(const char *) doing; /* where the other one is */

    bool handler_forks; /* what a handler does that interrupts an actor */

    atomic_uint faults;
    char        words[STAGE_WORDS]; /* of the first */
} stage_t;

/* Make the process. Returns it in *stage, or a negative errno. */
int stage_start(stage_t **stage);

/* Open the scene, and have `count` actors ready to make these calls. Returns 0 or a negative errno. */
int stage_set(stage_t *stage, const call_t *const *wanted, size_t count);

/* Wait for the actors' ends, and close the scene. Returns 0 or a negative errno. */
int stage_clear(stage_t *stage);

/* Tell the verdict what went wrong in there, once. */
void stage_tell(stage_t *stage, verdict_t *verdict);

/* End the process, however it is. */
void stage_end(stage_t *stage);

/* In the process itself: note that something is not as it was promised. */
void stage_fault(stage_t *stage, const char *call, const char *what);

/* In the process itself: the other one's errands, for ever. */
void *errand_main(void *argument);

/* In the process itself: the scene. */
extern scene_t stage_scene;

/* In the process itself: threads that never called lintel. Returns 0 or a negative errno; ends those that are left. */
int  newcomers_start(stage_t *stage);
void newcomers_end(void);

#endif
