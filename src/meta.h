/* SPDX-License-Identifier: MIT
 *
 * meta: memory for lintel's own objects, from a jemalloc arena that nothing else uses.
 *
 * May block: nothing that lintel_alloc calls may come here.
 */
#ifndef LINTEL_META_H
#define LINTEL_META_H

#include <stddef.h>

/* Between these two no other thread is in jemalloc: for a fork. May block. */
void meta_hold(void);
void meta_release(void);

/* Make the arena, unless it is there. Returns 0; -ENOMEM. */
int meta_start(void);

/* Zeroed memory on cache lines of its own, or NULL. */
void *meta_allocate(size_t size);

void meta_free(void *memory);

#endif
