/* SPDX-License-Identifier: MIT
 *
 * profile: all libraries that are instrumented, or being so. Any thread may add to them at any time.
 */
#ifndef NATIVE_CALLCOUNT_PROFILE_H
#define NATIVE_CALLCOUNT_PROFILE_H

#include "library.h"

/* Returns 0, or a negative errno. Once, before all else. */
int profile_start(void);

/* Instruments every loaded image that `names` names and that is not instrumented yet, by `threads` threads; returns
 * when the calling thread finds no more to do and those that it started have ended. They stay loaded from now on.
 * Returns how many it took on. */
size_t profile_add(const char *names, size_t threads);

/* The same while the program runs. What this thread itself calls meanwhile is not counted, as long as there is no other
 * thread. */
size_t profile_add_loaded(const char *names);

/* Forget all calls so far. */
void profile_clear(void);

/* Stop the counts, as they are now, and give the libraries, in the order in which they were taken on. */
const library_t *profile_stop(void);

const lintel_heap_t *profile_heap(void);

#endif
