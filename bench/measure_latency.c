/* SPDX-License-Identifier: MIT
 *
 * latency: how long single calls take, each with the writing of the body (64 to 512 bytes, evenly distributed), on one
 * thread, with nothing given back. `pace` nanoseconds of other work lie between two calls. One round a process.
 */
#include <math.h>
#include <stdlib.h>

#include "clock.h"
#include "failure.h"
#include "measure.h"
#include "random.h"
#include "team.h"

enum { LEAST = 64, MOST = 512, USUAL_BODIES = 1 << 20, CLOCK_TRIALS = 10000 };

typedef struct {
    const job_t       *job;
    const allocator_t *allocator;
    void              *arena;
    team_t            *team;
    size_t             count;
    uint16_t          *sizes;
    uint32_t          *ticks; /* of each call */
    double             seconds;
    double             nanoseconds; /* a tick */
    uint64_t           clock_ticks; /* that reading the clock takes */
} latency_t;

static void *latency_begin(const job_t *job, work_t *work)
{
    latency_t *latency = must_allocate(1, sizeof(*latency));
    uint64_t   seed = 1;

    *latency = (latency_t){.job = job, .allocator = job->peer->allocator};
    latency->count = job->bodies != 0 ? job->bodies : USUAL_BODIES;
    latency->sizes = must_allocate(latency->count, sizeof(latency->sizes[0]));
    latency->ticks = must_allocate(latency->count, sizeof(latency->ticks[0]));
    for (size_t i = 0; i < latency->count; i++) {
        latency->sizes[i] = (uint16_t)(LEAST + random_below(&seed, MOST - LEAST + 1));
        latency->ticks[i] = 1; /* so that the page is there */
        work->bytes += latency->sizes[i];
    }
    work->items = latency->count;
    latency->team = team_start(1);
    return latency;
}

static uint32_t one_call(const latency_t *latency, size_t size)
{
    uint64_t began = clock_ticks();
    void    *body = latency->allocator->one(latency->arena, 0, size);

    if (body == NULL)
        allocator_exhausted(size);
    memset(body, BODY_BYTE, size);

    uint64_t ticks = clock_ticks() - began;
    return ticks < UINT32_MAX ? (uint32_t)ticks : UINT32_MAX;
}

static void work_for(uint64_t ticks)
{
    uint64_t began = clock_ticks();

    while (clock_ticks() - began < ticks)
        continue;
}

/* Takes the rate of ticks on the way. */
static double nanoseconds_per_tick(void)
{
    double   began = clock_seconds();
    uint64_t ticks = clock_ticks();

    while (clock_seconds() - began < 0.01)
        continue;
    return 1e9 * (clock_seconds() - began) / (double)(clock_ticks() - ticks);
}

static uint64_t ticks_of_reading(void)
{
    uint64_t least = UINT64_MAX;

    for (size_t i = 0; i < CLOCK_TRIALS; i++) {
        uint64_t began = clock_ticks();
        uint64_t ticks = clock_ticks() - began;

        least = ticks < least ? ticks : least;
    }
    return least;
}

static void run_calls(void *shared, size_t index)
{
    latency_t *latency = shared;
    uint64_t   pause;
    double     began;

    (void)index;
    latency->nanoseconds = nanoseconds_per_tick();
    latency->clock_ticks = ticks_of_reading();
    pause = (uint64_t)((double)latency->job->pace / latency->nanoseconds);
    began = clock_seconds();
    for (size_t i = 0; i < latency->count; i++) {
        latency->ticks[i] = one_call(latency, latency->sizes[i]);
        if (pause != 0)
            work_for(pause);
    }
    latency->seconds = clock_seconds() - began;
}

/* The kernel's pages are there already: it shows what the machine itself does to single calls. */
static double latency_round(void *measure)
{
    latency_t *latency = measure;
    plan_t     plan = {latency->count * MOST, 1, latency->allocator == &allocator_kernel};

    latency->arena = latency->allocator->open(&plan);
    team_run(latency->team, run_calls, latency);
    return latency->seconds;
}

static int by_value(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;

    return (a > b) - (a < b);
}

/* The time within which that share of the calls was over. */
static double quantile(const latency_t *latency, double share)
{
    size_t rank = (size_t)ceil(share * (double)latency->count);

    return latency->nanoseconds * latency->ticks[rank > 0 ? rank - 1 : 0];
}

static void latency_counters(void *measure)
{
    latency_t *latency = measure;

    qsort(latency->ticks, latency->count, sizeof(latency->ticks[0]), by_value);
    measure_counter("p50", quantile(latency, 0.5));
    measure_counter("p90", quantile(latency, 0.9));
    measure_counter("p99", quantile(latency, 0.99));
    measure_counter("p99.9", quantile(latency, 0.999));
    measure_counter("p99.99", quantile(latency, 0.9999));
    measure_counter("max", quantile(latency, 1));
    measure_counter("clock", latency->nanoseconds * (double)latency->clock_ticks);
}

static void latency_end(void *measure)
{
    latency_t *latency = measure;

    team_end(latency->team);
    latency->allocator->close(latency->arena);
    free(latency->sizes);
    free(latency->ticks);
    free(latency);
}

const measure_t measure_latency = {
    .name = "latency",
    .fresh = true,
    .begin = latency_begin,
    .round = latency_round,
    .counters = latency_counters,
    .end = latency_end,
};
