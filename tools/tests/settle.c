/* SPDX-License-Identifier: MIT */
#include "settle.h"

#include <sched.h>

#include "registry.h"

void settle(const lintel_heap_t *heap)
{
    /* acquire: pairs with reclaim's release; the generations are gone. */
    while (atomic_load_acquire(&heap->registry.pending))
        sched_yield();
}
