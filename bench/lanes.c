/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include <stdlib.h>

#include "clock.h"
#include "failure.h"
#include "function_sizes.h"
#include "mark.h"

static void choose_sizes(lane_t *lane, size_t index, size_t bytes)
{
    for (size_t i = 0; i < LANE_BATCH; i++)
        lane->sizes[i] = bytes != 0 ? bytes : function_sizes[(i + index * 97) % FUNCTION_SIZES];
}

void lanes_begin(lanes_t *lanes, const job_t *job)
{
    *lanes = (lanes_t){.job = job, .allocator = job->peer->allocator};
    lanes->lanes = must_allocate(job->threads, sizeof(lane_t *));
    for (size_t i = 0; i < job->threads; i++) {
        lanes->lanes[i] = must_allocate(1, sizeof(*lanes->lanes[i]));
        lanes->lanes[i]->bodies = must_allocate(job->hold * LANE_BATCH, sizeof(void *));
        choose_sizes(lanes->lanes[i], i, job->bytes);
    }
    lanes->team = team_start(job->threads);
}

size_t lanes_batch_bytes(const lanes_t *lanes)
{
    size_t bytes = 0;

    for (size_t i = 0; i < LANE_BATCH; i++)
        bytes += lanes->lanes[0]->sizes[i];
    return bytes;
}

size_t lanes_batch_space(const lanes_t *lanes)
{
    size_t space = 0;

    for (size_t i = 0; i < LANE_BATCH; i++)
        space += (lanes->lanes[0]->sizes[i] + 15) / 16 * 16;
    return space;
}

work_t lanes_work(const lanes_t *lanes)
{
    size_t batches = lanes->batches * lanes->job->threads;

    return (work_t){batches * LANE_BATCH, batches * lanes_batch_bytes(lanes)};
}

static batch_t batch_in(lane_t *lane, size_t place)
{
    return (batch_t){lane->sizes, lane->bodies + place * LANE_BATCH, LANE_BATCH};
}

/* Gives the first `count` batches back. */
static void recycle(const lanes_t *lanes, lane_t *lane, size_t count)
{
    for (size_t place = 0; place < count; place++) {
        batch_t batch = batch_in(lane, place);

        lanes->allocator->recycle(lanes->arena, &batch);
    }
}

static void prime(void *shared, size_t index)
{
    const lanes_t *lanes = shared;
    lane_t        *lane = lanes->lanes[index];
    batch_t        kept = {lane->sizes, lane->kept, LANE_BATCH};

    for (size_t place = 0; lanes->allocator->recycle != NULL && place < lanes->job->hold; place++) {
        batch_t batch = batch_in(lane, place);

        lanes->allocator->batch(lanes->arena, index, &batch);
    }
    lanes->allocator->batch(lanes->arena, index, &kept);
    if (lanes->allocator->recycle != NULL)
        recycle(lanes, lane, lanes->job->hold);
}

void lanes_prime(lanes_t *lanes)
{
    team_run(lanes->team, prime, lanes);
}

static void take_turn(const lanes_t *lanes, size_t index, size_t number)
{
    const job_t *job = lanes->job;
    lane_t      *lane = lanes->lanes[index];
    batch_t      batch = batch_in(lane, number % job->hold);
    double       began = clock_seconds();

    if (job->marked)
        mark();
    (lanes->written ? lanes->allocator->written_batch : lanes->allocator->batch)(lanes->arena, index, &batch);
    if (job->marked)
        mark();
    lane->inside += clock_seconds() - began;
}

static void run_batches(void *shared, size_t index)
{
    const lanes_t *lanes = shared;
    lane_t        *lane = lanes->lanes[index];
    size_t         hold = lanes->job->hold;
    bool           recycles = lanes->allocator->recycle != NULL && !lanes->written;

    lane->inside = 0;
    lane->began = clock_seconds();
    for (size_t i = 0; i < lanes->batches; i++) {
        take_turn(lanes, index, i);
        if (recycles && (i % hold == hold - 1 || i == lanes->batches - 1))
            recycle(lanes, lane, i % hold + 1);
    }
    lane->ended = clock_seconds();
}

/* From the first lane's start to the last one's end; of that, the share that the lanes were inside. With more threads
 * than cores a lane is also made to wait, inside as much as outside. */
double lanes_run(lanes_t *lanes)
{
    double began = 0;
    double ended = 0;
    double inside = 0;
    double all = 0;

    team_run(lanes->team, run_batches, lanes);
    for (size_t i = 0; i < lanes->job->threads; i++) {
        const lane_t *lane = lanes->lanes[i];

        began = i == 0 || lane->began < began ? lane->began : began;
        ended = lane->ended > ended ? lane->ended : ended;
        inside += lane->inside;
        all += lane->ended - lane->began;
    }
    return (ended - began) * inside / all;
}

void lanes_end(lanes_t *lanes)
{
    team_end(lanes->team);
    for (size_t i = 0; i < lanes->job->threads; i++) {
        free(lanes->lanes[i]->bodies);
        free(lanes->lanes[i]);
    }
    free(lanes->lanes);
}
