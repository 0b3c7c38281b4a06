/* SPDX-License-Identifier: MIT
 *
 * bodies: memory for one module's new method bodies, from lintel by way of IMethodMalloc, and where it lies.
 *
 * Bodies lie above the module's image, and within 4 GiB of its base while there is room. When there is none left they
 * lie further up, in a second module of lintel's with the reach LINTEL_REACH_ABOVE: the runtime takes a body's address
 * as it is, so that this is our choice to make, and we count it. Modules without an image, those that a program emits,
 * have nothing to be near to; theirs lie above the runtime's own library.
 */
#ifndef CALLCOUNT_BODIES_H
#define CALLCOUNT_BODIES_H

#include <lintel/lintel.h>
#include <pthread.h>
#include <stdbool.h>

#include "profiling.h"

/* Memory of one reach. */
typedef struct {
    lintel_module_t     *module; /* NULL: not opened */
    clr_method_malloc_t *allocator;
} reach_t;

/* Where bodies came to lie. Offsets are from the image's base. */
typedef struct {
    uint64_t bodies;
    uint64_t bytes;
    uint64_t nearest;  /* of a body's first byte */
    uint64_t farthest; /* of a body's last byte */
    uint64_t within_2_gib;
    uint64_t within_4_gib;
} placement_t;

/* Which module. */
typedef struct {
    uint64_t       key; /* even; the next one is used too */
    const char    *name;
    const uint8_t *base;     /* NULL: no image */
    size_t         size;     /* 0: not known */
    uintptr_t      fallback; /* what to lie above where there is no image */

    clr_method_malloc_t *allocator; /* not NULL: not lintel's, but this one, with a reference that is handed over */
} bodies_image_t;

typedef struct {
    lintel_heap_t  *heap;
    bodies_image_t  image;
    reach_t         within; /* 4 GiB; not opened where there is no image */
    reach_t         above;  /* opened when there is no room within */
    pthread_mutex_t lock;   /* of what follows, and of opening `above` */
    placement_t     placement;
} bodies_t;

/* Open memory for the module, whose name is copied. Returns 0, or a negative errno of lintel's. */
int bodies_open(bodies_t *bodies, lintel_heap_t *heap, const bodies_image_t *image);

/* Close it: nothing that was allocated may be in use any more. */
void bodies_close(bodies_t *bodies);

/* A body of `size` bytes, zeroed, on 4 bytes; NULL with errno. Any thread. */
uint8_t *bodies_allocate(bodies_t *bodies, uint32_t size);

/* What has come to lie where. */
placement_t bodies_placement(bodies_t *bodies);

/* Bytes that nobody will ever get, and bytes reserved, by lintel's books. */
lintel_stats_t bodies_stats(const bodies_t *bodies);

#endif
