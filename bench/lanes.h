/* SPDX-License-Identifier: MIT
 *
 * lanes: a team of threads that allocates in batches, a lane for each, and the time that the batches alone took.
 */
#ifndef BENCH_LANES_H
#define BENCH_LANES_H

#include "measure.h"
#include "team.h"

enum { LANE_BATCH = 1024 };

typedef struct {
    size_t sizes[LANE_BATCH];
    void  *kept[LANE_BATCH]; /* bodies that stay, so that nothing around them is given back to the kernel */
    void **bodies;           /* of the batches held */
    double began;
    double ended;
    double inside; /* seconds between the two in which bodies were allocated */
} lane_t;

typedef struct {
    const job_t       *job;
    const allocator_t *allocator;
    void              *arena; /* NULL: none is open */
    team_t            *team;
    lane_t           **lanes;
    size_t             batches; /* of each lane in a round */
    bool               written;
} lanes_t;

/* Make the team and the sizes. */
void lanes_begin(lanes_t *lanes, const job_t *job);

/* How many bytes one batch asks for; and how many that is with each body rounded up to 16. */
size_t lanes_batch_bytes(const lanes_t *lanes);
size_t lanes_batch_space(const lanes_t *lanes);

/* What a round with so many batches is. */
work_t lanes_work(const lanes_t *lanes);

/* Allocate on each lane what will be held at most, and a batch that stays, then give the former back. */
void lanes_prime(lanes_t *lanes);

/* Allocate `batches` batches on each lane. Returns the seconds. */
double lanes_run(lanes_t *lanes);

void lanes_end(lanes_t *lanes);

#endif
