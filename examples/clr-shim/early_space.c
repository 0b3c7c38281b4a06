/* SPDX-License-Identifier: MIT */
#include "early_space.h"

#include <dlfcn.h>
#include <sys/mman.h>

/* The zone, the runtime's own 2 GiB, the libraries and the pool have to fit into 4 GiB. */
#define LANDING_SIZE ((size_t)1 << 30)
#define POOL_SIZE    ((size_t)512 << 20)

static void hold_landing(early_space_t *space)
{
    void *zone = mmap(NULL, LANDING_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (zone != MAP_FAILED)
        *space = (early_space_t){.landing = zone, .landing_size = LANDING_SIZE};
}

int early_space_create_heap(early_space_t *space, const void *in_runtime, lintel_heap_t **heap)
{
    Dl_info runtime;

    *space = (early_space_t){0};
    if (!dladdr(in_runtime, &runtime))
        return lintel_heap_create(NULL, heap);
    hold_landing(space);
    /* A pool in reach of the zone's first byte is in reach of whatever lands there. */
    lintel_heap_options_t options = {.pool_near = (uintptr_t)space->landing, .pool_size = POOL_SIZE};
    if (space->landing && (uintptr_t)space->landing < (uintptr_t)runtime.dli_fbase &&
        lintel_heap_create(&options, heap) == 0)
        return 0;
    early_space_give_back_landing(space);
    options.pool_near = (uintptr_t)runtime.dli_fbase;
    return lintel_heap_create(&options, heap) == 0 ? 0 : lintel_heap_create(NULL, heap);
}

void early_space_give_back_landing(early_space_t *space)
{
    if (space->landing)
        munmap(space->landing, space->landing_size);
    space->landing = NULL;
}
