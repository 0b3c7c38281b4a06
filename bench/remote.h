/* SPDX-License-Identifier: MIT
 *
 * remote: a worker process, as seen by the process that asks it for rounds (worker.h says what passes between them).
 */
#ifndef BENCH_REMOTE_H
#define BENCH_REMOTE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "measure.h"

enum { REMOTE_REASON_SIZE = 256 };

typedef struct {
    pid_t process;
    FILE *requests;
    FILE *answers;
    char  reason[REMOTE_REASON_SIZE]; /* why it failed */
} remote_t;

typedef void remote_counter_t(void *context, const char *name, double value);

/* Start a worker for the benchmark of that name. All return false, with the reason, where things went wrong. */
bool remote_start(remote_t *remote, const char *name, work_t *work);

bool remote_round(remote_t *remote, double *seconds);

/* Have the worker end, after a failure too; tells its further figures. */
bool remote_end(remote_t *remote, remote_counter_t *counter, void *context);

#endif
