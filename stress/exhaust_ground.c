/* SPDX-License-Identifier: MIT */
#include "exhaust_ground.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "payload.h"
#include "random.h"

enum { IMAGE_PAGES = 16, WALL_PAGES = 16 };

static const size_t whole_size = 256 << 20;
static const size_t least_holes = 48 << 20;

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* One page, some, or many. */
static size_t hole_size(random_t *random)
{
    switch (random_below(random, 3)) {
    case 0:
        return page_size();
    case 1:
        return page_size() * random_between(random, 2, 128);
    default:
        return (size_t)random_between(random, 1, 12) << 20;
    }
}

/* Somebody else's memory, with data that must stay. */
static int build_wall(ground_t *ground, random_t *random)
{
    size_t    size = page_size() * random_between(random, 1, WALL_PAGES);
    uintptr_t start;
    int       error = ground_keep(ground, size, &start);

    if (error != 0)
        return error;
    if (mprotect((void *)start, size, PROT_READ | PROT_WRITE) != 0)
        return -errno;
    payload_write((void *)start, size, start);
    return 0;
}

static int build(exhaust_ground_t *ground, random_t *random)
{
    size_t holes = 0;
    int    error = ground_keep(&ground->ground, IMAGE_PAGES * page_size(), &ground->base);

    while (error == 0 && holes < least_holes) {
        size_t size = hole_size(random);

        ground_skip(&ground->ground, size);
        holes += size;
        error = build_wall(&ground->ground, random);
    }
    return error;
}

int exhaust_ground_plan(exhaust_ground_t *ground, uint64_t seed)
{
    random_t random = random_stream(seed, 0);
    int      error;

    *ground = (exhaust_ground_t){0};
    error = ground_reserve(&ground->ground, whole_size);
    if (error != 0)
        return error;
    error = build(ground, &random);
    /* The reach ends in the middle of the last wall or hole, seldom at a page. */
    ground->reach = ground->ground.cursor - ground->base - random_between(&random, 1, WALL_PAGES * page_size());
    if (error != 0) {
        ground_open(&ground->ground);
        exhaust_ground_end(ground);
    }
    return error;
}

subject_t exhaust_ground_subject(const exhaust_ground_t *ground)
{
    subject_t subject = subject_above("stand-in", ground->base, IMAGE_PAGES * page_size());

    subject.reach = ground->reach;
    return subject;
}

size_t exhaust_ground_size(const exhaust_ground_t *ground)
{
    return ground->ground.cursor - ground->base;
}

void exhaust_ground_check(const exhaust_ground_t *ground, verdict_t *verdict)
{
    /* The first piece is the image, which is nothing but reserved. */
    for (size_t i = 1; i < ground->ground.kept.count; i++) {
        const range_t *wall = &ground->ground.kept.items[i];

        if (!payload_holds((const void *)wall->start, wall->end - wall->start, wall->start))
            verdict_broken(verdict, "apart", "somebody else's memory at %#zx was written to", (size_t)wall->start);
    }
}

void exhaust_ground_end(exhaust_ground_t *ground)
{
    ground_release(&ground->ground);
}
