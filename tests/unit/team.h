/* SPDX-License-Identifier: MIT
 *
 * team: several threads that start at the same moment, and children that a test looks after.
 */
#ifndef TEAM_H
#define TEAM_H

#include <semaphore.h>
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

/* Whose turn it is, of a process and its child. */
typedef struct {
    sem_t childs_turn;
    sem_t parents_turn;
} turns_t;

/* Turns that a fork shares; it is nobody's yet. */
turns_t *turns_start(void);
void     turns_end(turns_t *turns);

/* Give the turn to the other, and wait for one's own. */
void turns_pass(sem_t *to, sem_t *wait_for);

/* Have gcov keep what it counted in a child that is about to leave by _exit. */
void keep_counts(void);

/* A small generator of numbers: of its own for each member. */
unsigned random_below(unsigned long *seed, unsigned limit);

#endif
