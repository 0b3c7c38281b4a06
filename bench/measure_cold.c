/* SPDX-License-Identifier: MIT
 *
 * cold: what bodies take that nobody has had before, each written whole; nothing is given back. One round a process.
 * pages: the same without the writing, which only tells something of allocators that populate pages themselves.
 */
#include <stdlib.h>

#include "failure.h"
#include "lanes.h"
#include "mapping.h"
#include "measure.h"

static const size_t usual_total = (size_t)32 << 20;

static void *begin(const job_t *job, bool written, work_t *work)
{
    lanes_t *lanes = must_allocate(1, sizeof(*lanes));
    size_t   total = job->total != 0 ? job->total : usual_total;

    lanes_begin(lanes, job);
    if (written && lanes->allocator->written_batch == NULL)
        failure("bodies of %s are not written in place", job->peer->name);
    lanes->written = written;
    lanes->batches = total / (lanes_batch_bytes(lanes) * job->threads);
    lanes->batches += lanes->batches == 0;
    *work = lanes_work(lanes);
    return lanes;
}

static void *cold_begin(const job_t *job, work_t *work)
{
    return begin(job, true, work);
}

static void *pages_begin(const job_t *job, work_t *work)
{
    return begin(job, false, work);
}

static double cold_round(void *measure)
{
    lanes_t *lanes = measure;
    plan_t   plan = {lanes->batches * lanes->job->threads * lanes_batch_space(lanes), lanes->job->threads, false};

    mapping_warm_machine(2 * plan.bytes);
    lanes->arena = lanes->allocator->open(&plan);
    return lanes_run(lanes);
}

static void cold_end(void *measure)
{
    lanes_t *lanes = measure;

    lanes->allocator->close(lanes->arena);
    lanes_end(lanes);
    free(lanes);
}

const measure_t measure_cold = {
    .name = "cold", .fresh = true, .begin = cold_begin, .round = cold_round, .end = cold_end};
const measure_t measure_pages = {
    .name = "pages", .fresh = true, .begin = pages_begin, .round = cold_round, .end = cold_end};
