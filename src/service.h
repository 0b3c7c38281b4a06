/* SPDX-License-Identifier: MIT
 *
 * service: a heap's thread that looks after modules that have earned it: it keeps memory ready ahead of their cursors.
 *
 * Modules announce themselves on the slow path of an allocation, by a compare-and-swap; nobody wakes the thread for
 * that. It looks at those it knows, sleeps, and looks again: after 0.25 to 4 ms while something moves, and while
 * nothing does after twice as long each time, up to a second. All that it does, it does between fork_hold and
 * fork_release: a fork finds it between two modules, and whoever frees a module takes it off the list there.
 */
#ifndef LINTEL_SERVICE_H
#define LINTEL_SERVICE_H

#include <pthread.h>
#include <semaphore.h>

#include "ahead.h"

typedef struct {
    space_t  *space;
    module_t *modules; /* looked after; between fork_hold and fork_release, as are the next two */
    module_t *next;    /* the next one of this pass */
    pthread_t thread;
    sem_t     wake;

    _Atomic unsigned process; /* fork_process() where the thread is, 0 for nowhere */
    _Atomic bool     stopping;
    _Atomic bool     dozing; /* in a long sleep: worth waking when a module is opened */
} service_t;

/* Have the thread running, if the heap's options ask for it, and awake: anew in the child of a fork, and where it was
 * refused before. Of a zero-initialised service or one that was started before. Returns 0; -ENOENT (not asked for);
 * -EAGAIN (the system has no thread for us). May block. */
int service_start(service_t *service, space_t *space);

/* End the thread, if there is one in this process. Nobody may be using the service. May block. */
void service_stop(service_t *service);

/* Look at each module once, the newly announced ones included. Returns the fastest one's pace. The thread's work, for
 * one caller at a time. */
ahead_pace_t service_pass(service_t *service);

/* Have nothing to do any more with a module that nobody references. May block, for as long as a look takes. */
void service_forget(service_t *service, module_t *module);

#endif
