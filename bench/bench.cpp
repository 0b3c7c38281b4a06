// SPDX-License-Identifier: MIT
#include "bench.h"

#include <benchmark/benchmark.h>

#include <vector>

struct bench_state {
    benchmark::State &google;
};

void bench_register(const bench_t *bench)
{
    bench_run_t *run = bench->run;
    const void  *context = bench->context;
    auto        *google = benchmark::RegisterBenchmark(bench->name, [run, context](benchmark::State &state) {
        bench_state_t ours{state};
        run(&ours, context);
    });

    google->UseManualTime();
    if (bench->once)
        google->Iterations(1);
}

bool bench_keep_running(bench_state_t *state, int64_t count)
{
    return state->google.KeepRunningBatch(count);
}

void bench_set_seconds(bench_state_t *state, double seconds)
{
    state->google.SetIterationTime(seconds);
}

void bench_set_bytes(bench_state_t *state, int64_t bytes)
{
    state->google.SetBytesProcessed(bytes);
}

void bench_set_counter(bench_state_t *state, const char *name, double value)
{
    state->google.counters[name] = value;
}

void bench_fail(bench_state_t *state, const char *reason)
{
    state->google.SkipWithError(reason);
}

void bench_add_context(const char *name, const char *value)
{
    benchmark::AddCustomContext(name, value);
}

int bench_main(int argc, char **argv, const char *const *defaults)
{
    std::vector<char *> arguments{argv[0]};

    for (; *defaults; defaults++)
        arguments.push_back(const_cast<char *>(*defaults));
    arguments.insert(arguments.end(), argv + 1, argv + argc);
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);

    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data()))
        return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
