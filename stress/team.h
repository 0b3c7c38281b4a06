/* SPDX-License-Identifier: MIT
 *
 * team: threads that start together and are waited for.
 */
#ifndef STRESS_TEAM_H
#define STRESS_TEAM_H

#include <stddef.h>

#include "progress.h"

/* What each thread does; `index` tells them apart, from 0. */
typedef void team_work_t(void *shared, size_t index);

/* Run `work(shared, index)` in `threads` new threads, let loose all at once, and show progress until the last has
 * returned. Stores the seconds that took in *seconds. Returns 0, or a negative errno if a thread could not be made:
 * then none has done anything. */
int team_run(size_t threads, team_work_t *work, void *shared, progress_t *progress, double *seconds);

#endif
