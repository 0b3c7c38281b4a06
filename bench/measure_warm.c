/* SPDX-License-Identifier: MIT
 *
 * warm: what a call takes when nothing waits for the kernel. Bodies are allocated and not touched. Allocators that
 * take bodies back get each batch back before the next, or so many of them as are to be held, outside the time that
 * counts. With one batch they allocate from the same few cache lines all the time, which is as fast as they can be. The
 * others get a new arena for every round.
 */
#include <stdlib.h>

#include "clock.h"
#include "failure.h"
#include "lanes.h"
#include "measure.h"

/* In a round: enough that waking the threads is nothing beside it, as far as the address space goes. */
enum { BODIES_FOR_FEW = 2 << 20, BODIES_FOR_MANY = 8 << 20, FEW = 4 };
static const size_t most_bytes = (size_t)448 << 20;

static size_t round_batches(const lanes_t *lanes)
{
    size_t threads = lanes->job->threads;
    size_t bodies = threads <= FEW ? BODIES_FOR_FEW : BODIES_FOR_MANY;
    size_t fitting = most_bytes / (lanes_batch_space(lanes) * threads) - 1;
    size_t batches = (lanes->job->bodies != 0 ? lanes->job->bodies : bodies) / (threads * LANE_BATCH);

    batches = batches < fitting ? batches : fitting;
    return batches > 0 ? batches : 1;
}

static void *warm_begin(const job_t *job, work_t *work)
{
    lanes_t *lanes = must_allocate(1, sizeof(*lanes));

    lanes_begin(lanes, job);
    lanes->batches = round_batches(lanes);
    *work = lanes_work(lanes);
    return lanes;
}

static void close_arena(lanes_t *lanes)
{
    if (lanes->arena != NULL)
        lanes->allocator->close(lanes->arena);
    lanes->arena = NULL;
}

/* One batch more than counts, for the priming. */
static void open_arena(lanes_t *lanes)
{
    size_t threads = lanes->job->threads;
    plan_t plan = {(lanes->batches + 1) * threads * lanes_batch_space(lanes), threads, true};

    close_arena(lanes);
    lanes->arena = lanes->allocator->open(&plan);
    lanes_prime(lanes);
}

static double warm_round(void *measure)
{
    lanes_t *lanes = measure;

    if (lanes->arena == NULL || lanes->allocator->recycle == NULL)
        open_arena(lanes);
    return lanes_run(lanes);
}

static void warm_end(void *measure)
{
    close_arena(measure);
    lanes_end(measure);
    free(measure);
}

const measure_t measure_warm = {.name = "warm", .begin = warm_begin, .round = warm_round, .end = warm_end};
