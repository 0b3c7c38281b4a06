/* SPDX-License-Identifier: MIT
 *
 * landing: sees to it that images which the runtime maps later have room above them.
 *
 * The garbage collector reserves 256 GB, right below what is mapped already, and images mapped after that land below
 * the reservation, with nothing free above them. So, before it does, this reserves two ranges, one above the other:
 *
 *     [ landing zone ][ pool ]
 *
 * The pool is lintel's, for bodies. The zone is given back once the collector has its reservation: the kernel puts a
 * new mapping into the highest hole that has room for it, so that images land there, with the pool right above.
 */
#ifndef CLR_LANDING_H
#define CLR_LANDING_H

#include <lintel/lintel.h>
#include <stdatomic.h>

#define LANDING_ZONE_SIZE ((size_t)1 << 30)
#define LANDING_POOL_SIZE ((size_t)2 << 30)

/* Address space of a module's first region. Few modules need a second: each one is looked for among some 300 mappings,
 * which takes as long as compiling a method. */
#define LANDING_FIRST_REGION ((size_t)256 << 10)

/* So much of it becomes memory at once, for some 800 bodies: each step is a system call inside somebody's Alloc. */
#define LANDING_COMMIT_STEP ((size_t)64 << 10)

typedef enum { POOL_ZONE, POOL_ALONE, POOL_OFF } pool_choice_t;

typedef struct {
    uintptr_t   zone;      /* where it starts; 0: there is none */
    uintptr_t   pool;      /* where it starts, or was meant to; 0: there is none */
    atomic_flag is_opened; /* the zone is given back */
} landing_t;

/* Make a heap, with first regions of LANDING_FIRST_REGION, and a pool as chosen, or without one (landing->pool is 0)
 * where there is no address space for it.
 * Returns 0, or a negative errno of lintel's. */
int landing_create_heap(pool_choice_t choice, landing_t *landing, lintel_heap_t **heap);

/* Give the zone back; again does nothing. */
void landing_open(landing_t *landing);

#endif
