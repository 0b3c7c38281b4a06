/* SPDX-License-Identifier: MIT
 *
 * team: threads that stay, and do one piece of work after the other at the same time. A team of at least as many
 * threads as there are cores is spread over them evenly; a smaller one goes where the kernel likes.
 */
#ifndef BENCH_TEAM_H
#define BENCH_TEAM_H

#include <stddef.h>

typedef struct team team_t;

typedef void team_work_t(void *shared, size_t index);

team_t *team_start(size_t threads);

/* Do the work on every thread, and wait for the last one. */
void team_run(team_t *team, team_work_t *work, void *shared);

void team_end(team_t *team);

#endif
