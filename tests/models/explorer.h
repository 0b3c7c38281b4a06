/* SPDX-License-Identifier: MIT
 *
 * explorer: runs threads in every order in which their accesses to memory can follow one another.
 *
 * The threads are fibers of one thread; whose turn it is is decided before each access. An execution is repeated up to
 * the last decision that has an alternative, which is then taken, until there are none left. Of orders that differ only
 * in accesses that do not touch each other, one is run (sleep sets: Godefroid 1996). With a bound, all executions are
 * run with so few deviations: a thread that goes on is preempted, or a load gives another value than the newest.
 */
#ifndef MODELS_EXPLORER_H
#define MODELS_EXPLORER_H

#include <stdbool.h>

#include "memory.h"

#define MOST_THREADS 3
#define NOBODY       MOST_THREADS

typedef struct {
    const char *name;
    unsigned    threads;
    void (*start)(void);           /* before the threads, alone */
    void (*thread)(unsigned self); /* what each of them does */
    void (*end)(void);             /* after the threads, alone; sees all they did */
} scenario_t;

typedef struct {
    unsigned long executions;
    unsigned long redundant; /* given up because another order was the same */
    unsigned      longest;   /* in accesses */
} exploration_t;

/* Run the scenario in all orders; with `deviations_allowed` below UNBOUNDED, in those with at most so many. Ends the
 * process with status 1 and the accesses that led there, if anything is not as it should be. */
#define UNBOUNDED 1000000U
exploration_t explore(const scenario_t *explored, unsigned deviations_allowed);

/* The running thread, NOBODY before and after the threads. */
unsigned explorer_self(void);

/* The running thread is about to access a word: whoever's turn it is goes first. `text` and `function` are for people.
 */
void explorer_step(const volatile void *word, bool writes, const access_t *access);

/* An access that needs no turn: an execution has so many of them at most. */
void explorer_count(void);

/* Note what became of the step. */
void explorer_note(uint64_t value);

/* Which of `count` values a load gives, 0 the newest; each in its turn. */
unsigned explorer_choose_value(unsigned count);

/* The running thread lets others go first: it goes on once one has done something, or none can. */
void explorer_yield(void);

/* What is wrong, with the accesses that led there; ends the process. */
void explorer_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void explorer_check(bool well, const char *promise);

#endif
