/* SPDX-License-Identifier: MIT
 *
 * verdict: collects the promises that were found broken. The first few are kept word for word, all are counted.
 */
#ifndef STRESS_VERDICT_H
#define STRESS_VERDICT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { VERDICT_KEPT_WORDS = 8, VERDICT_WORDS_SIZE = 256 };

typedef struct {
    pthread_mutex_t lock;
    atomic_size_t   broken; /* how many */
    char            words[VERDICT_KEPT_WORDS][VERDICT_WORDS_SIZE];
} verdict_t;

void verdict_init(verdict_t *verdict);
void verdict_end(verdict_t *verdict);

/* Any thread. `promise` names the promise in a word; the rest says where it broke. */
void verdict_broken(verdict_t *verdict, const char *promise, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Any thread. True while no promise was broken: a hint to stop early for those who run on. */
bool verdict_is_good(const verdict_t *verdict);

#endif
