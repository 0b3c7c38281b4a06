/* SPDX-License-Identifier: MIT */
#include "bodies.h"

#include <errno.h>
#include <lintel/clr.h>

#include "alloc_clock.h"
#include "image_module.h"

static void close_reach(lintel_heap_t *heap, uint64_t key, reach_t *reach)
{
    if (reach->allocator)
        reach->allocator->table->unknown.release(reach->allocator);
    if (reach->module)
        lintel_module_close(heap, key);
    lintel_module_release(reach->module);
    *reach = (reach_t){0};
}

static int open_reach(lintel_heap_t *heap, const lintel_module_desc_t *desc, reach_t *reach)
{
    void *allocator;
    int   result = lintel_module_open(heap, desc, &reach->module);

    if (result)
        return result;
    result = lintel_clr_method_malloc(reach->module, &allocator);
    if (result)
        close_reach(heap, desc->key, reach);
    else
        reach->allocator = allocator;
    return result;
}

static int open_within(bodies_t *bodies)
{
    const bodies_image_t *image = &bodies->image;
    lintel_module_desc_t  desc = image_module((uintptr_t)image->base, image->size, image->key, image->name);

    return open_reach(bodies->heap, &desc, &bodies->within);
}

static int open_above(bodies_t *bodies)
{
    const bodies_image_t *image = &bodies->image;
    uintptr_t             base = image->base ? (uintptr_t)image->base : image->fallback;
    lintel_module_desc_t  desc = image_module(base, image->size, image->key + 1, image->name);

    desc.reach = LINTEL_REACH_ABOVE;
    return bodies->above.module ? 0 : open_reach(bodies->heap, &desc, &bodies->above);
}

int bodies_open(bodies_t *bodies, lintel_heap_t *heap, const bodies_image_t *image)
{
    *bodies = (bodies_t){.heap = heap, .image = *image};
    pthread_mutex_init(&bodies->lock, NULL);
    bodies->within.allocator = image->allocator;
    if (image->allocator)
        return 0;
    return image->base ? open_within(bodies) : open_above(bodies);
}

void bodies_close(bodies_t *bodies)
{
    close_reach(bodies->heap, bodies->image.key, &bodies->within);
    close_reach(bodies->heap, bodies->image.key + 1, &bodies->above);
    pthread_mutex_destroy(&bodies->lock);
}

/* Caller holds the lock. */
static void place(bodies_t *bodies, const uint8_t *body, uint32_t size)
{
    placement_t *placement = &bodies->placement;

    placement->bodies++;
    placement->bytes += size;
    if (!bodies->image.base)
        return;
    uint64_t first = (uint64_t)(body - bodies->image.base);
    uint64_t last = first + size - 1;
    if (placement->bodies == 1 || first < placement->nearest)
        placement->nearest = first;
    if (last > placement->farthest)
        placement->farthest = last;
    placement->within_2_gib += last <= LINTEL_REACH_REL32;
    placement->within_4_gib += last <= LINTEL_REACH_RVA32;
}

static uint8_t *allocate(const reach_t *reach, uint32_t size)
{
    return reach->allocator ? alloc_clock_alloc(reach->allocator, size) : NULL;
}

uint8_t *bodies_allocate(bodies_t *bodies, uint32_t size)
{
    uint8_t *body = allocate(&bodies->within, size);
    bool     is_out_of_reach = !body && (!bodies->within.allocator || errno == ENOSPC);

    pthread_mutex_lock(&bodies->lock);
    if (is_out_of_reach && !open_above(bodies))
        body = allocate(&bodies->above, size);
    if (body)
        place(bodies, body, size);
    pthread_mutex_unlock(&bodies->lock);
    return body;
}

placement_t bodies_placement(bodies_t *bodies)
{
    pthread_mutex_lock(&bodies->lock);
    placement_t placement = bodies->placement;
    pthread_mutex_unlock(&bodies->lock);
    return placement;
}

lintel_stats_t bodies_stats(const bodies_t *bodies)
{
    lintel_stats_t within = {0};
    lintel_stats_t above = {0};

    lintel_module_stats(bodies->within.module, &within);
    lintel_module_stats(bodies->above.module, &above);
    within.lost += above.lost;
    within.reserved += above.reserved;
    within.committed += above.committed;
    return within;
}
