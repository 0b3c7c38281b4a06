/* SPDX-License-Identifier: MIT
 *
 * team: several threads that start at the same moment, and children that a test looks after.
 */
#ifndef TEAM_H
#define TEAM_H

#include <stdbool.h>

/* A member's work, by its number from 0. It must not use cmocka's assertions: those are for the test's own thread. */
typedef void member_work_t(void *shared, unsigned member);

/* Run `count` members, all let go by one barrier. Returns when all are done. */
void team_run(unsigned count, member_work_t *work, void *shared);

/* The same, while the test's thread goes on beside them. */
void team_start(unsigned count, member_work_t *work, void *shared);
void team_join(void);

/* Run `work` in a forked child. Returns what it returned; false if the child ended in any other way, or hung. */
bool child_says(bool (*work)(void *context), void *context);

/* Have gcov keep what it counted in a child that is about to leave by _exit. */
void keep_counts(void);

/* A small generator of numbers: of its own for each member. */
unsigned random_below(unsigned long *seed, unsigned limit);

#endif
