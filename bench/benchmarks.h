/* SPDX-License-Identifier: MIT
 *
 * benchmarks: the grid's benchmarks, each run in worker processes of its own.
 */
#ifndef BENCH_BENCHMARKS_H
#define BENCH_BENCHMARKS_H

/* Register all that can be run here; says on stderr who is left out. */
void benchmarks_register(void);

#endif
