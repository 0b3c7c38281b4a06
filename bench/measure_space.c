/* SPDX-License-Identifier: MIT
 *
 * space: what the process takes of address space and memory for each byte handed out, every body written, nothing given
 * back and no thread gone; and from lintel's own regions, what lies between the bodies beyond their rounding up to 16
 * bytes. One round a process.
 */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "failure.h"
#include "function_sizes.h"
#include "measure.h"
#include "process.h"
#include "team.h"

typedef struct {
    const job_t       *job;
    const allocator_t *allocator;
    void              *arena;
    team_t            *team;
    size_t             bodies; /* of each thread */
    size_t             bytes;  /* asked for, on all threads */
    size_t             rounded;
    process_t          before;
    process_t          after;
} space_t;

static size_t size_of(const space_t *space, size_t thread, size_t index)
{
    if (space->job->bytes != 0)
        return space->job->bytes;
    return function_sizes[(index + thread * 97) % FUNCTION_SIZES];
}

/* Count as many bodies of each thread as the job says, or as come to the bytes it says. */
static void count_bodies(space_t *space)
{
    size_t threads = space->job->threads;
    size_t bodies = space->job->bodies / threads;
    size_t total = space->job->total / threads;

    for (size_t bytes = 0; space->job->bodies == 0 && bytes < total; bytes += size_of(space, 0, bodies++))
        continue;
    space->bodies = bodies;
    for (size_t thread = 0; thread < threads; thread++)
        for (size_t i = 0; i < bodies; i++) {
            space->bytes += size_of(space, thread, i);
            space->rounded += (size_of(space, thread, i) + 15) / 16 * 16;
        }
    if (space->bytes == 0)
        failure("'%s' has no bodies", space->job->name);
}

static void *space_begin(const job_t *job, work_t *work)
{
    space_t *space = must_allocate(1, sizeof(*space));

    *space = (space_t){.job = job, .allocator = job->peer->allocator};
    count_bodies(space);
    *work = (work_t){space->bodies * job->threads, space->bytes};
    space->team = team_start(job->threads);
    return space;
}

static void allocate_share(void *shared, size_t index)
{
    const space_t *space = shared;

    for (size_t i = 0; i < space->bodies; i++) {
        size_t size = size_of(space, index, i);
        void  *body = space->allocator->one(space->arena, index, size);

        if (body == NULL)
            allocator_exhausted(size);
        memset(body, BODY_BYTE, size);
    }
}

static void nothing(void *shared, size_t index)
{
    (void)shared;
    (void)index;
}

/* The threads have run once, so that their stacks do not count; nor does what an allocator needs before its first
 * body, which a malloc has had since the process started. */
static double space_round(void *measure)
{
    space_t *space = measure;
    plan_t   plan = {space->rounded, space->job->threads, false};
    double   seconds;

    team_run(space->team, nothing, NULL);
    space->arena = space->allocator->open(&plan);
    process_look(&space->before);
    seconds = -clock_seconds();
    team_run(space->team, allocate_share, space);
    seconds += clock_seconds();
    process_look(&space->after);
    return seconds;
}

static double grown(size_t before, size_t after)
{
    return (double)after - (double)before;
}

static void space_counters(void *measure)
{
    space_t *space = measure;
    double   bytes = (double)space->bytes;
    usage_t  usage;

    measure_counter("process_resident_per_byte", grown(space->before.resident, space->after.resident) / bytes);
    measure_counter("process_size_per_byte", grown(space->before.size, space->after.size) / bytes);
    if (space->allocator->look == NULL)
        return;
    space->allocator->look(space->arena, &usage);
    measure_counter("rounding_percent", 100 * (double)(space->rounded - space->bytes) / bytes);
    measure_counter("waste_percent", 100 * ((double)usage.taken - (double)space->rounded) / (double)space->rounded);
    measure_counter("bodies_resident_per_byte", (double)usage.resident / bytes);
    measure_counter("committed_per_byte", (double)usage.committed / bytes);
    measure_counter("reserved_per_byte", (double)usage.reserved / bytes);
}

static void space_end(void *measure)
{
    space_t *space = measure;

    team_end(space->team);
    space->allocator->close(space->arena);
    free(space);
}

const measure_t measure_space = {
    .name = "space",
    .fresh = true,
    .begin = space_begin,
    .round = space_round,
    .counters = space_counters,
    .end = space_end,
};
