/* SPDX-License-Identifier: MIT
 *
 * heaps: all heaps of the process, for what a fork has to do with each of them.
 *
 * Code is memory that a fork would share. The child gets a copy of its own, of all of it, before it does anything else;
 * the parent's thread that forks waits for that, so that the copy has nothing of what is written after fork returned.
 */
#ifndef LINTEL_HEAPS_H
#define LINTEL_HEAPS_H

#include "registry.h"

/* The first of them; changed between fork_hold and fork_release. */
extern lintel_heap_t *heaps;

/* Be ready for forks. Returns 0; -ENOMEM. May block. */
int heaps_start(void);

/* A heap is there from now on, or will be gone. May block. */
void heaps_add(lintel_heap_t *heap);
void heaps_remove(lintel_heap_t *heap);

#endif
