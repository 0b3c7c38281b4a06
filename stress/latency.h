/* SPDX-License-Identifier: MIT
 *
 * latency: how long single allocations take: one in LATENCY_EVERY of each thread's is timed, where somebody wants to
 * know. To read the clock takes about as long as a quick call does.
 */
#ifndef STRESS_LATENCY_H
#define STRESS_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lintel/lintel.h>

enum { LATENCY_EVERY = 16 };

/* From now on; before any thread allocates. */
void latency_watch(void);

/* lintel_alloc. Any thread. */
void *latency_alloc(lintel_module_t *module, size_t size);

/* Calls that were timed. */
uint64_t latency_count(void);

/* How many nanoseconds that part of the calls, 0.99 for instance, took at most; to an eighth. 0 without any. */
uint64_t latency_percentile(double part);

/* The longest of them. */
uint64_t latency_longest(void);

#endif
