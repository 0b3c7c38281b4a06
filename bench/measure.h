/* SPDX-License-Identifier: MIT
 *
 * measure: something to find out about an allocator. A worker process begins one, runs some rounds, and ends it.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "job.h"

/* What is done in every round. */
typedef struct {
    size_t items; /* bodies, lookups, ... */
    size_t bytes; /* asked for; 0 where that means nothing */
} work_t;

typedef struct {
    const char *name;
    bool        fresh; /* a process has only one round in it: the next would find what the first has left */
    void *(*begin)(const job_t *job, work_t *work);
    double (*round)(void *measure);  /* returns seconds */
    void (*counters)(void *measure); /* print other figures, by measure_counter; NULL: none */
    void (*end)(void *measure);
} measure_t;

extern const measure_t measure_warm;
extern const measure_t measure_pages;
extern const measure_t measure_cold;
extern const measure_t measure_latency;
extern const measure_t measure_space;
extern const measure_t measure_acquire;
extern const measure_t measure_find;
extern const measure_t measure_where;
extern const measure_t measure_open;
extern const measure_t measure_close;
extern const measure_t measure_cycle;

/* The measure of that name; ends the process if there is none. */
const measure_t *measure_find_name(const char *name);

void measure_counter(const char *name, double value);

#endif
