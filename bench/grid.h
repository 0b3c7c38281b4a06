/* SPDX-License-Identifier: MIT
 *
 * grid: which measures are taken of whom, and with which parameters.
 */
#ifndef BENCH_GRID_H
#define BENCH_GRID_H

#include <stdbool.h>
#include <stddef.h>

/* Lists end with NULL. Benchmarks of the same parameters follow one another, peer by peer. */
typedef struct {
    const char        *measure;
    bool               once; /* one round is a run */
    const char *const *peers;
    const char *const *outer; /* parameters, as in a benchmark's name */
    const char *const *inner;
} grid_t;

extern const grid_t grids[];
extern const size_t grid_count;

#endif
