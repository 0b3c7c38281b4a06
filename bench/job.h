/* SPDX-License-Identifier: MIT
 *
 * job: what a benchmark's name says: "measure/peer/parameter:value/...".
 */
#ifndef BENCH_JOB_H
#define BENCH_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "peers.h"

enum { JOB_NAME_SIZE = 160 };

typedef struct {
    const char   *name;
    char          measure[32];
    const peer_t *peer;
    size_t        bytes;   /* of a body; 0 ("real"): the sizes of real functions */
    size_t        threads; /* 1 if the name is silent */
    size_t        modules;
    size_t        total;    /* bytes to ask for in a round; 0: what the measure thinks right */
    size_t        bodies;   /* to ask for in a round, the same */
    size_t        hold;     /* batches that are allocated before all of them are given back; 1 if the name is silent */
    size_t        pace;     /* nanoseconds of other work between two bodies */
    size_t        rounds;   /* to run; 0: as many as are asked for on stdin */
    size_t        shuffled; /* 1: in random order */
    size_t        marked;   /* 1: stop the tracer at both ends of each batch */
} job_t;

/* Take the name apart; ends the process if it means nothing. The job keeps the name. */
void job_parse(const char *name, job_t *job);

#endif
