/* SPDX-License-Identifier: MIT
 *
 * early_space: a heap with address space kept near the CLR's images, before its garbage collector takes what is there.
 * To be made in Initialize, which comes before the collector reserves its own (twice the machine's memory, in one
 * piece).
 *
 * The pool is lintel's early pool, in the free space above the libraries. The runtime maps precompiled images into a
 * range of its own of 2 GiB just below them, from where the pool is in reach. Images that come later and elsewhere
 * would end up below the collector's heap, with nothing free above for longer than they reach. The landing zone
 * prevents that: a range just below the runtime's own, held until the collector has reserved its heap, and then given
 * back. The kernel puts a new mapping into the highest hole that fits, so those images land there.
 */
#ifndef CLR_EARLY_SPACE_H
#define CLR_EARLY_SPACE_H

#include <lintel/lintel.h>

typedef struct {
    void  *landing; /* NULL if there is none, or none any more */
    size_t landing_size;
} early_space_t;

/* Create a heap with a pool and hold the landing zone; `in_runtime` is any address in the CLR's library. What cannot be
 * had is left out: the zone, or both. Returns 0, or lintel_heap_create's error. */
int early_space_create_heap(early_space_t *space, const void *in_runtime, lintel_heap_t **heap);

/* Give the landing zone back, if that has not been done. For the first ModuleLoadFinished; one thread at a time. */
void early_space_give_back_landing(early_space_t *space);

#endif
