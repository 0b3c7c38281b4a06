/* SPDX-License-Identifier: MIT */
#include "benchmarks.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "grid.h"
#include "remote.h"

typedef struct benchmark benchmark_t;

struct benchmark {
    benchmark_t *next;
    char         name[JOB_NAME_SIZE];
    bool         fresh; /* a worker for each round */
};

/* All there are, for as long as there is the program. */
static benchmark_t *benchmarks;

static void keep_counter(void *state, const char *name, double value)
{
    bench_set_counter(state, name, value);
}

/* Another round in the worker there is, or in a new one. */
static bool next_round(const benchmark_t *benchmark, bench_state_t *state, remote_t *remote, double *seconds)
{
    work_t work;

    if (benchmark->fresh && (!remote_end(remote, keep_counter, state) || !remote_start(remote, benchmark->name, &work)))
        return false;
    return remote_round(remote, seconds);
}

static void run_benchmark(bench_state_t *state, const void *context)
{
    const benchmark_t *benchmark = context;
    remote_t           remote;
    work_t             work = {0};
    int64_t            bytes = 0;
    double             seconds;
    bool               good = remote_start(&remote, benchmark->name, &work);

    while (good && bench_keep_running(state, (int64_t)work.items)) {
        good = bytes == 0 ? remote_round(&remote, &seconds) : next_round(benchmark, state, &remote, &seconds);
        if (good)
            bench_set_seconds(state, seconds);
        bytes += (int64_t)work.bytes;
    }
    good = remote_end(&remote, keep_counter, state) && good;
    if (bytes > 0)
        bench_set_bytes(state, bytes);
    if (!good)
        bench_fail(state, remote.reason);
}

static void register_one(const grid_t *grid, const char *peer, const char *outer, const char *inner)
{
    benchmark_t *benchmark = calloc(1, sizeof(*benchmark));

    if (benchmark == NULL)
        abort();
    snprintf(benchmark->name, sizeof(benchmark->name), "%s/%s/%s/%s", grid->measure, peer, outer, inner);
    benchmark->fresh = measure_find_name(grid->measure)->fresh;
    benchmark->next = benchmarks;
    benchmarks = benchmark;
    bench_register(&(bench_t){.name = benchmark->name, .run = run_benchmark, .context = benchmark, .once = grid->once});
}

static bool can_run(const char *peer)
{
    char     name[JOB_NAME_SIZE];
    remote_t remote;
    work_t   work;
    bool     good;

    snprintf(name, sizeof(name), "warm/%s/bytes:64/bodies:1", peer);
    good = remote_start(&remote, name, &work);
    good = remote_end(&remote, keep_counter, NULL) && good;
    if (!good)
        fprintf(stderr, "lintel-bench: %s is left out: %s\n", peer, remote.reason);
    return good;
}

/* Of peers that are used more than once, what was found out the first time. */
static bool is_usable(const char *name)
{
    static struct {
        const char *name;
        bool        usable;
    } known[32];
    static size_t count;

    for (size_t i = 0; i < count; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].usable;
    known[count].name = name;
    known[count].usable = can_run(name);
    return known[count++].usable;
}

static void register_grid(const grid_t *grid)
{
    for (const char *const *outer = grid->outer; *outer != NULL; outer++)
        for (const char *const *inner = grid->inner; *inner != NULL; inner++)
            for (const char *const *peer = grid->peers; *peer != NULL; peer++)
                if (is_usable(*peer))
                    register_one(grid, *peer, *outer, *inner);
}

void benchmarks_register(void)
{
    for (size_t i = 0; i < grid_count; i++)
        register_grid(&grids[i]);
}
