/* SPDX-License-Identifier: MIT
 *
 * bench: Google Benchmark for C. Register benchmarks, then bench_main runs them as the library's flags say
 * (--benchmark_filter, --benchmark_repetitions, --benchmark_out, ...; --help lists them all).
 *
 * A benchmark measures its own time, in batches:
 *
 *     static void run(bench_state_t *state, const void *context)
 *     {
 *         while (bench_keep_running(state, 1000))
 *             bench_set_seconds(state, time_of_1000_somethings(context));
 *     }
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bench_state bench_state_t;

typedef void bench_run_t(bench_state_t *state, const void *context);

typedef struct {
    const char  *name; /* copied */
    bench_run_t *run;
    const void  *context; /* handed to run; not copied */
    bool         once;    /* one batch is a whole run, however short it was */
} bench_t;

void bench_register(const bench_t *bench);

/* Whether to run another batch, of `count` iterations; more than 0. */
bool bench_keep_running(bench_state_t *state, int64_t count);

/* How long the batch took. */
void bench_set_seconds(bench_state_t *state, double seconds);

/* Bytes that all batches of the run went over, for the column of bytes a second. */
void bench_set_bytes(bench_state_t *state, int64_t bytes);

/* A figure of the benchmark's own, shown with the others. */
void bench_set_counter(bench_state_t *state, const char *name, double value);

/* The run is void; leave the loop at once. */
void bench_fail(bench_state_t *state, const char *reason);

/* A fact about the whole run, shown first and kept in the output's context. */
void bench_add_context(const char *name, const char *value);

/* Run what was registered, as the command line says. `defaults` are flags that it overrides, ended by NULL. Returns the
 * program's exit status. */
int bench_main(int argc, char **argv, const char *const *defaults);

#ifdef __cplusplus
}
#endif

#endif
