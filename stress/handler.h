/* SPDX-License-Identifier: MIT
 *
 * handler: in the stage's process, what a signal handler does that interrupts an actor in the midst of its call: it
 * allocates, looks up, shrinks and flushes; or it forks, and both processes finish the call that was interrupted.
 */
#ifndef STRESS_HANDLER_H
#define STRESS_HANDLER_H

#include <signal.h>

#include "stage.h"

/* Sent by the tracer; and by the handler to itself once it is done, for the tracer to see. */
enum { HANDLER_CALL = SIGUSR1, HANDLER_DONE = SIGUSR2 };

void handler_install(stage_t *stage);

/* Whether this is the child of a handler's fork. */
bool handler_forked(void);

/* In such a child: use lintel on, and end; `well` says whether the call went well. */
void handler_end_child(bool well) __attribute__((noreturn));

/* Whether all that handlers wrote is still there, and all their children did well. Forgets it. */
void handler_check(stage_t *stage);

#endif
