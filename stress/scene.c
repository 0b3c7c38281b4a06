/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <unistd.h>

#include "calls.h"
#include "payload.h"

enum { MOST_REGIONS = 20000 };

static const size_t roomy = (size_t)4 << 30;
static const size_t large_region = (size_t)2 << 20;
static const size_t earns_full_chunks = (size_t)1 << 20;

/* An image and the room above it. */
static int lay_out(scene_t *scene, const char *name, size_t room, subject_t *subject)
{
    uintptr_t base;
    int       error = ground_keep(&scene->ground, scene->page, &base);

    *subject = subject_above(name, base, scene->page);
    ground_skip(&scene->ground, room);
    return error;
}

/* What is mapped anywhere goes to the highest hole that has room: the narrow one is the lowest. */
int scene_prepare(scene_t *scene)
{
    size_t    narrow = NARROW_PAGES * (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t end;
    int       error;

    *scene = (scene_t){.page = (size_t)sysconf(_SC_PAGESIZE)};
    error = ground_reserve(&scene->ground, 3 * roomy + narrow + 5 * scene->page);
    if (error == 0)
        error = lay_out(scene, "narrow", narrow, &scene->narrow);
    if (error == 0)
        error = lay_out(scene, "own", roomy / 4, &scene->own);
    if (error == 0)
        error = lay_out(scene, "small", roomy, &scene->small);
    if (error == 0)
        error = lay_out(scene, "large", roomy, &scene->large);
    if (error == 0)
        error = ground_keep(&scene->ground, scene->page, &end);
    scene->narrow.reach = narrow;
    return error != 0 ? error : ground_open(&scene->ground);
}

static int open_large(scene_t *scene)
{
    subject_t           *large = &scene->large;
    lintel_module_desc_t desc = {
        .base = large->base, .image_size = large->image_size, .name = large->name, .reserve = large_region};
    int error = lintel_module_open(scene->heap, &desc, &large->module);

    for (size_t done = 0; error == 0 && done < earns_full_chunks; done += scene->page)
        if (lintel_alloc(large->module, scene->page) == NULL)
            error = -errno;
    return error;
}

int scene_open(scene_t *scene)
{
    lintel_heap_options_t options = {
        .first_region = scene->page, .region_limit = scene->page, .commit_step = scene->page};
    int error = lintel_heap_create(&options, &scene->heap);

    if (error == 0)
        error = subject_open(scene->heap, &scene->small);
    if (error == 0)
        error = subject_open(scene->heap, &scene->narrow);
    if (error == 0 && lintel_alloc(scene->narrow.module, 1) == NULL)
        error = -errno;
    return error != 0 ? error : open_large(scene);
}

static bool adds_up(const subject_t *subject)
{
    static lintel_region_t regions[MOST_REGIONS];
    lintel_stats_t         stats = {0};
    uint64_t               used = 0;
    size_t                 count = lintel_module_regions(subject->module, MOST_REGIONS, regions);

    for (size_t i = 0; i < count && i < MOST_REGIONS; i++)
        used += regions[i].used;
    return lintel_module_stats(subject->module, &stats) == 0 &&
           (count > MOST_REGIONS || used == stats.allocated + stats.spare + stats.lost);
}

bool scene_adds_up(const scene_t *scene)
{
    return adds_up(&scene->small) && adds_up(&scene->large) && adds_up(&scene->narrow);
}

bool scene_close(scene_t *scene)
{
    bool well = scene_adds_up(scene);

    lintel_heap_destroy(scene->heap);
    return well;
}

bool scene_is_fresh(const scene_t *scene, const subject_t *subject, const char *body, size_t size)
{
    size_t            looked_at = size < scene->page ? size : scene->page;
    lintel_location_t location;

    return body != NULL && payload_is_zero(body, looked_at) && body[size - 1] == 0 &&
           lintel_find(scene->heap, body, &location) == 0 && location.key == subject->key &&
           location.base + location.offset == (uintptr_t)body;
}
