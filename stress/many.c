/* SPDX-License-Identifier: MIT
 *
 * many: 100,000 modules open at once, with nothing reserved. Tells what it costs to open, acquire and release one
 * among 1,000 and among 100,000, and what an idle one takes of memory; then all threads allocate in a sample of them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ground.h"
#include "latency.h"
#include "many_cost.h"
#include "maps.h"
#include "payload.h"
#include "sanitized.h"
#include "team.h"

enum { FEW = 1000, MANY = 100000, SAMPLE = 500, MOST_BODIES = 2000000, COUNT_BATCH = 256, MOST_MAPPINGS = 65530 };

/* An idle module costs at most this much memory. */
static const double most_idle_bytes = 1024;

/* Open modules until `count` are open. */
static bool open_until(many_t *many, size_t count)
{
    for (; many->open < count; many->open++) {
        subject_t *subject = &many->subjects[many->open];

        if (!run_expect(many->run, "open", subject->name, subject_open(many->heap, subject)))
            return false;
        progress_add(&many->run->progress, 1);
    }
    return true;
}

/* Bytes of memory that the process takes; 0 if the kernel does not tell. */
static double resident_bytes(void)
{
    FILE         *file = fopen("/proc/self/statm", "re");
    char          line[128] = "";
    char         *rest;
    unsigned long pages;

    if (file == NULL)
        return 0;
    if (fgets(line, sizeof(line), file) == NULL)
        line[0] = '\0';
    fclose(file);
    strtoul(line, &rest, 10);
    pages = strtoul(rest, NULL, 10);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* Nothing is mapped before the first body, and little is remembered. */
static void check_idle(many_t *many, double bytes_each)
{
    lintel_stats_t stats = {0};

    report_figure(&many->run->report, "idle_module_bytes", "memory of an idle module", bytes_each, "bytes");
    if (!sanitized && bytes_each > most_idle_bytes)
        verdict_broken(&many->run->verdict, "idle", "a module that does nothing takes %.0f bytes", bytes_each);
    run_expect(many->run, "statistics", "heap", lintel_heap_stats(many->heap, &stats));
    if (stats.modules < many->open || stats.reserved != 0 || stats.committed != 0)
        verdict_broken(&many->run->verdict, "idle", "%llu modules, %llu bytes reserved, %llu committed, no body yet",
                       (unsigned long long)stats.modules, (unsigned long long)stats.reserved,
                       (unsigned long long)stats.committed);
}

static bool open_many(many_t *many)
{
    double before;
    double each;

    if (!open_until(many, FEW))
        return false;
    many_measure(many, &many->cost_of_few);
    before = resident_bytes();
    if (!open_until(many, MANY))
        return false;
    each = (resident_bytes() - before) / (MANY - FEW);
    check_idle(many, each);
    many_measure(many, &many->cost_of_many);
    many_report_costs(many);
    return true;
}

static subject_t draw_sample(const many_t *many, random_t *random)
{
    return many->subjects[random_below(random, SAMPLE) * (MANY / SAMPLE)];
}

static bool place(many_t *many, const subject_t *subject, size_t size)
{
    verdict_t *verdict = &many->run->verdict;
    void      *start = latency_alloc(subject->module, size);

    if (start == NULL) {
        verdict_broken(verdict, "place", "key %llu: no place for %zu bytes: %s", (unsigned long long)subject->key, size,
                       strerror(errno));
        return false;
    }
    if (!verify_fresh(verdict, subject, start, size, subject->align))
        return false;
    payload_write(start, size, (uintptr_t)start);
    verify_answers(verdict, many->heap, &(body_t){.start = (uintptr_t)start, .size = size, .owner = subject});
    return true;
}

/* Find one of the sample, put a body into it, let it go. Adds the body's size to *bytes. */
static bool use_one(many_t *many, random_t *random, uint64_t *bytes)
{
    subject_t subject = draw_sample(many, random);
    size_t    size = random_between(random, 1, 256);
    bool      placed;

    subject.module = lintel_module_acquire(many->heap, subject.key);
    if (subject.module == NULL) {
        verdict_broken(&many->run->verdict, "acquire", "key %llu is open: %s", (unsigned long long)subject.key,
                       strerror(errno));
        return false;
    }
    placed = place(many, &subject, size);
    lintel_module_release(subject.module);
    *bytes += placed ? size : 0;
    return placed;
}

static void many_worker(void *shared, size_t index)
{
    many_t  *many = shared;
    random_t random = random_stream(many->run->options->seed, index + 1);
    uint64_t most = MOST_BODIES / many->run->options->threads;
    uint64_t bodies = 0;
    uint64_t bytes = 0;

    while (bodies < most && use_one(many, &random, &bytes))
        if (++bodies % COUNT_BATCH == 0) {
            progress_add(&many->run->progress, COUNT_BATCH);
            if (!run_goes_on(many->run))
                break;
        }
    /* relaxed: summed up after the threads are joined. */
    atomic_fetch_add_explicit(&many->bodies, bodies, memory_order_relaxed);
    atomic_fetch_add_explicit(&many->bytes, bytes, memory_order_relaxed);
    lintel_thread_flush();
}

static void check_books(many_t *many)
{
    lintel_stats_t stats = {0};

    run_expect(many->run, "statistics", "heap", lintel_heap_stats(many->heap, &stats));
    if (stats.allocations != many->run->report.bodies || stats.allocated != many->run->report.bytes)
        verdict_broken(&many->run->verdict, "books", "said to be %llu bytes in %llu bodies, and are %llu in %llu",
                       (unsigned long long)stats.allocated, (unsigned long long)stats.allocations,
                       (unsigned long long)many->run->report.bytes, (unsigned long long)many->run->report.bodies);
}

static int check_mappings(many_t *many)
{
    maps_t maps;
    int    error = maps_read(&maps);

    if (error != 0)
        return error;
    report_figure(&many->run->report, "mappings", "mappings of the process, with all of them open",
                  (double)maps.all.count, "");
    if (maps.all.count > MOST_MAPPINGS)
        verdict_broken(&many->run->verdict, "mappings", "%zu, which is more than most kernels allow", maps.all.count);
    maps_free(&maps);
    return 0;
}

/* The time given is for this alone, however long it took to get here. */
static int use_many(many_t *many)
{
    run_t *run = many->run;
    int    error;

    progress_end(&run->progress);
    run_begin(run, "bodies", 1);
    error = team_run(run->options->threads, many_worker, many, &run->progress, &run->report.seconds);
    if (error != 0)
        return error;
    run->report.rounds = 1;
    run->report.bodies = atomic_load(&many->bodies);
    run->report.bytes = atomic_load(&many->bytes);
    check_books(many);
    return check_mappings(many);
}

static void close_many(many_t *many)
{
    for (size_t i = 0; i < many->open; i++) {
        const subject_t *subject = &many->subjects[i];

        run_expect(many->run, "close", subject->name, lintel_module_close(many->heap, subject->key));
        if (i % FEW == 0 && lintel_module_acquire(many->heap, subject->key) != NULL)
            verdict_broken(&many->run->verdict, "acquire", "key %llu is closed, but found",
                           (unsigned long long)subject->key);
        lintel_module_release(subject->module);
    }
}

static int many_once(many_t *many)
{
    int error = 0;

    run_begin(many->run, "modules", MANY);
    if (!run_expect(many->run, "heap", "create", lintel_heap_create(NULL, &many->heap)))
        return 0;
    if (open_many(many))
        error = use_many(many);
    close_many(many);
    lintel_heap_destroy(many->heap);
    progress_end(&many->run->progress);
    return error;
}

static int prepare(many_t *many, ground_t *ground)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t count = MANY + COST_EXTRA;
    int    error = ground_reserve(ground, count * page);

    many->subjects = calloc(count, sizeof(*many->subjects));
    if (error != 0 || many->subjects == NULL)
        return error != 0 ? error : -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        /* One piece, though each module has a page of it. */
        many->subjects[i] = subject_above("one of many", ground->whole.start + i * page, page);
        many->subjects[i].key = i + 1;
    }
    return ground_keep(ground, count * page, &(uintptr_t){0});
}

int many_run(run_t *run)
{
    many_t   many = {.run = run};
    ground_t ground = {0};
    int      error = prepare(&many, &ground);

    if (error == 0)
        error = many_once(&many);
    free(many.subjects);
    ground_release(&ground);
    return error;
}
