/* SPDX-License-Identifier: MIT */
#include "many_cost.h"

#include "stopwatch.h"

enum { TRIES = 15, BATCHES = 64, BATCH = 64 };

static void keep_least(double *least, double seconds, size_t calls)
{
    double nanoseconds = seconds * 1e9 / (double)calls;

    if (*least == 0 || nanoseconds < *least)
        *least = nanoseconds;
}

/* Open some more modules, and close them again. */
static void measure_open(many_t *many, cost_t *cost)
{
    subject_t *extra = many->subjects + many->open;
    double     started = stopwatch_now();
    size_t     opened = 0;

    while (opened < COST_EXTRA && run_expect(many->run, "open", "one more", subject_open(many->heap, &extra[opened])))
        opened++;
    if (opened == COST_EXTRA)
        keep_least(&cost->open, stopwatch_now() - started, opened);
    while (opened-- > 0) {
        run_expect(many->run, "close", "one more", lintel_module_close(many->heap, extra[opened].key));
        lintel_module_release(extra[opened].module);
    }
}

static void draw_keys(const many_t *many, random_t *random, uint64_t *keys)
{
    for (size_t i = 0; i < BATCH; i++)
        keys[i] = many->subjects[random_below(random, many->open)].key;
}

static void measure_batch(many_t *many, const uint64_t *keys, double *acquiring, double *releasing)
{
    lintel_module_t *modules[BATCH];
    double           started;
    double           acquired;

    started = stopwatch_now();
    for (size_t i = 0; i < BATCH; i++)
        modules[i] = lintel_module_acquire(many->heap, keys[i]);
    acquired = stopwatch_now();
    for (size_t i = 0; i < BATCH; i++)
        lintel_module_release(modules[i]);
    *acquiring += acquired - started;
    *releasing += stopwatch_now() - acquired;
    for (size_t i = 0; i < BATCH; i++)
        if (modules[i] == NULL)
            verdict_broken(&many->run->verdict, "acquire", "key %llu is open, but not found",
                           (unsigned long long)keys[i]);
}

/* Acquire and release modules that are open: others every time, or the same again. */
static void measure_acquire(many_t *many, random_t *random, cost_t *cost)
{
    const size_t calls = (size_t)BATCHES * BATCH;
    uint64_t     keys[BATCH];
    double       acquiring = 0;
    double       again = 0;
    double       releasing = 0;

    for (size_t i = 0; i < BATCHES; i++) {
        draw_keys(many, random, keys);
        measure_batch(many, keys, &acquiring, &releasing);
        measure_batch(many, keys, &again, &releasing);
    }
    keep_least(&cost->acquire, acquiring, calls);
    keep_least(&cost->again, again, calls);
    keep_least(&cost->release, releasing, 2 * calls);
}

void many_measure(many_t *many, cost_t *cost)
{
    random_t random = random_stream(many->run->options->seed, 0);

    for (size_t i = 0; i < TRIES; i++) {
        measure_open(many, cost);
        measure_acquire(many, &random, cost);
        progress_draw(&many->run->progress);
    }
}

void many_report_costs(many_t *many)
{
    const cost_t *few = &many->cost_of_few;
    const cost_t *all = &many->cost_of_many;
    report_t     *report = &many->run->report;

    report_figure(report, "open_ns_few", "open, among 1,000", few->open, "ns");
    report_figure(report, "open_ns_many", "open, among 100,000", all->open, "ns");
    report_figure(report, "open_ratio", "  that is", all->open / few->open, "times as much");
    report_figure(report, "acquire_ns_few", "acquire, among 1,000", few->acquire, "ns");
    report_figure(report, "acquire_ns_many", "acquire, among 100,000", all->acquire, "ns");
    report_figure(report, "acquire_ratio", "  that is", all->acquire / few->acquire, "times as much");
    report_figure(report, "again_ns_few", "acquire the same again, among 1,000", few->again, "ns");
    report_figure(report, "again_ns_many", "acquire the same again, among 100,000", all->again, "ns");
    report_figure(report, "again_ratio", "  that is", all->again / few->again, "times as much");
    report_figure(report, "release_ns_few", "release, among 1,000", few->release, "ns");
    report_figure(report, "release_ns_many", "release, among 100,000", all->release, "ns");
    report_figure(report, "release_ratio", "  that is", all->release / few->release, "times as much");
}
