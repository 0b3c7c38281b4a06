/* SPDX-License-Identifier: MIT
 *
 * failure: the end of a worker that cannot go on. Whoever started it finds the reason where the result would have been.
 */
#ifndef BENCH_FAILURE_H
#define BENCH_FAILURE_H

#include <stddef.h>

void failure(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Zeroed memory, never NULL. */
void *must_allocate(size_t count, size_t size);

#endif
