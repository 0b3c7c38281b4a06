/* SPDX-License-Identifier: MIT
 *
 * chase: what a load takes that waits for the one before, at random in some memory.
 */
#ifndef BENCH_CHASE_H
#define BENCH_CHASE_H

#include <stddef.h>

enum { CHASE_LINE = 64 };

/* Nanoseconds for each, in so many lines of memory of their own, once the processor knows them as well as it ever will.
 */
double chase(size_t lines);

#endif
