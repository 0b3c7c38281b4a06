/* SPDX-License-Identifier: MIT
 *
 * threads: stops every other thread of the process, shows where each was, and lets them go on.
 *
 * A stopped thread waits inside a signal handler, at whatever instruction the signal met it, with whatever locks it
 * holds. Until threads_resume the caller must take no lock and call nothing that might: no allocation, no output.
 */
#ifndef NATIVE_CALLCOUNT_THREADS_H
#define NATIVE_CALLCOUNT_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ucontext.h>

/* Whether the calling thread is the only one. */
bool threads_alone(void);

/* Stops the others. One caller at a time. Returns 0; -EAGAIN where one does not answer within a second, having blocked
 * the signal; -ENOSPC (more than 4,096 threads, or no signal free to use). Nobody stays stopped after a failure. */
int threads_stop(void);

/* Calls `visit` with the program counter of each stopped thread, which it may change. */
void threads_visit(void (*visit)(greg_t *program_counter, void *context), void *context);

void threads_resume(void);

#endif
