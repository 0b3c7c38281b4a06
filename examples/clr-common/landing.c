/* SPDX-License-Identifier: MIT */
#include "landing.h"

#include <sys/mman.h>

/* Room above the pool for what is mapped while the heap is made, lintel's own objects above all: the kernel fills a
 * hole from its end. */
#define SLACK ((size_t)64 << 20)

/* The highest hole that fits, as the kernel chooses it. Returns 0 if it refuses. */
static uintptr_t reserve(size_t size)
{
    void *start = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return start == MAP_FAILED ? 0 : (uintptr_t)start;
}

static void give_back(uintptr_t start, size_t size)
{
    munmap((void *)start, size);
}

static int create_without_pool(lintel_heap_t **heap)
{
    lintel_heap_options_t options = {.first_region = LANDING_FIRST_REGION, .commit_step = LANDING_COMMIT_STEP};

    return lintel_heap_create(&options, heap);
}

/* A heap whose pool is the hole above the zone, from its first byte on. */
static int create_with_pool(const landing_t *landing, lintel_heap_t **heap)
{
    lintel_heap_options_t options = {.pool_near = landing->pool - 1,
                                     .pool_size = LANDING_POOL_SIZE,
                                     .first_region = LANDING_FIRST_REGION,
                                     .commit_step = LANDING_COMMIT_STEP};

    give_back(landing->pool, LANDING_POOL_SIZE + SLACK);
    return lintel_heap_create(&options, heap);
}

int landing_create_heap(pool_choice_t choice, landing_t *landing, lintel_heap_t **heap)
{
    *landing = (landing_t){.is_opened = ATOMIC_FLAG_INIT};
    if (choice == POOL_OFF)
        return create_without_pool(heap);

    uintptr_t start = reserve(LANDING_ZONE_SIZE + LANDING_POOL_SIZE + SLACK);
    if (start) {
        landing->zone = start;
        landing->pool = start + LANDING_ZONE_SIZE;
        int result = create_with_pool(landing, heap);
        if (choice == POOL_ALONE || result)
            landing_open(landing);
        if (!result)
            return 0;
    }
    *landing = (landing_t){.is_opened = ATOMIC_FLAG_INIT};
    return create_without_pool(heap);
}

void landing_open(landing_t *landing)
{
    /* Images may be there by the second time. */
    if (landing->zone && !atomic_flag_test_and_set(&landing->is_opened))
        give_back(landing->zone, LANDING_ZONE_SIZE);
}
