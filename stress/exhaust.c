/* SPDX-License-Identifier: MIT
 *
 * exhaust: lays out a few dozen MiB of holes between walls above a stand-in for an image, and fills every byte within
 * reach from all threads until the last 64 bytes are refused. Every second round puts bodies of up to 1 MiB in first,
 * whose refusals leave tails behind. At least 98 % of what can be used must end up in bodies.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "exhaust_ground.h"
#include "judge.h"
#include "latency.h"
#include "payload.h"
#include "random.h"
#include "team.h"

enum { SMALL_BODY = 64, BIG_BODY = 1024 * 1024, COUNT_BATCH = 1024 };

static const double least_filled = 98.0;

typedef struct {
    run_t            *run;
    uint64_t          round;
    exhaust_ground_t  ground;
    subject_t         subject;
    lintel_heap_t    *heap;
    body_t           *bodies;
    size_t            capacity;
    atomic_size_t     count;
    atomic_uint       refused;
    pthread_barrier_t laid_out;
    double            filled;   /* the least of all rounds, % */
    uint64_t          usable;   /* in the last round */
    uint64_t          refusals; /* in all rounds */
} exhaust_t;

static void refuse(exhaust_t *exhaust, size_t size)
{
    /* relaxed: counted for the books, which are read after the threads are joined. */
    atomic_fetch_add_explicit(&exhaust->refused, 1, memory_order_relaxed);
    if (errno != ENOSPC)
        verdict_broken(&exhaust->run->verdict, "refusal", "%zu bytes refused with %s, not for want of space", size,
                       strerror(errno));
}

/* Returns false once refused. */
static bool place(exhaust_t *exhaust, size_t size)
{
    void  *start = latency_alloc(exhaust->subject.module, size);
    size_t number;

    if (start == NULL) {
        refuse(exhaust, size);
        return false;
    }
    if (!verify_fresh(&exhaust->run->verdict, &exhaust->subject, start, size, exhaust->subject.align))
        return false;
    payload_write(start, size, (uintptr_t)start);
    /* relaxed: gives out each place in the list once; the list is read after the threads are joined. */
    number = atomic_fetch_add_explicit(&exhaust->count, 1, memory_order_relaxed);
    if (number >= exhaust->capacity) {
        verdict_broken(&exhaust->run->verdict, "apart", "more bodies than bytes to put them in");
        return false;
    }
    exhaust->bodies[number] = (body_t){.start = (uintptr_t)start, .size = size, .owner = &exhaust->subject};
    return true;
}

/* Open the holes when all threads are there: a thread's stack would take its place in them. Then ask for what is too
 * big for all of them together: it is refused, and what fits is not. */
static void lay_out(exhaust_t *exhaust)
{
    size_t too_big = exhaust_ground_size(&exhaust->ground) + 1;

    run_expect(exhaust->run, "setup", "munmap", ground_open(&exhaust->ground.ground));
    if (lintel_alloc(exhaust->subject.module, too_big) != NULL)
        verdict_broken(&exhaust->run->verdict, "where", "%zu bytes were given where there are fewer", too_big);
    else
        refuse(exhaust, too_big);
    if (!place(exhaust, SMALL_BODY))
        verdict_broken(&exhaust->run->verdict, "refusal", "after a refused %zu bytes, %d are refused too", too_big,
                       SMALL_BODY);
}

static void fill_with_small(exhaust_t *exhaust)
{
    size_t placed = 0;

    while (place(exhaust, SMALL_BODY))
        if (++placed % COUNT_BATCH == 0)
            progress_add(&exhaust->run->progress, COUNT_BATCH);
    progress_add(&exhaust->run->progress, placed % COUNT_BATCH);
}

static void exhaust_worker(void *shared, size_t index)
{
    exhaust_t *exhaust = shared;
    random_t   random = random_stream(exhaust->run->options->seed + exhaust->round, index + 1);

    /* All are inside by then: AddressSanitizer maps something of a stack's size for a thread's first variables. */
    pthread_barrier_wait(&exhaust->laid_out);
    if (index == 0)
        lay_out(exhaust);
    pthread_barrier_wait(&exhaust->laid_out);
    while (exhaust->round % 2 == 1 && place(exhaust, random_between(&random, 1, BIG_BODY)))
        continue;
    fill_with_small(exhaust);
    lintel_thread_flush();
}

/* What there was to use: all within reach but what others have mapped. Regions may end beyond, in the last page. */
static uint64_t usable_bytes(const exhaust_t *exhaust)
{
    const report_t        *report = &exhaust->run->report;
    const report_module_t *module = &report->modules[0];
    uintptr_t              start = exhaust->subject.base + exhaust->subject.image_size;
    uintptr_t              end = subject_last_address(&exhaust->subject) + 1;
    uint64_t               usable = end - start - ranges_covered(&report->mapped, start, end);

    for (size_t i = 0; i < module->region_count; i++) {
        uintptr_t region_end = module->regions[i].start + module->regions[i].reserved;

        usable += (region_end < end ? region_end : end) - module->regions[i].start;
    }
    return usable;
}

static void check_filled(exhaust_t *exhaust, const ledger_t *ledger)
{
    uint64_t usable = usable_bytes(exhaust);
    double   filled = 100.0 * (double)ledger->bytes / (double)usable;

    if (filled < least_filled)
        verdict_broken(&exhaust->run->verdict, "exhaust", "only %.2f %% of %llu usable bytes are in bodies", filled,
                       (unsigned long long)usable);
    if (exhaust->filled == 0 || filled < exhaust->filled)
        exhaust->filled = filled;
    exhaust->usable = usable;
    exhaust->refusals += ledger->failures;
}

static int check_round(exhaust_t *exhaust, double seconds)
{
    group_t group = {
        .subject = &exhaust->subject,
        .bodies = exhaust->bodies,
        .count = atomic_load(&exhaust->count),
        .ledger.failures = atomic_load(&exhaust->refused),
    };
    round_t round = {
        .run = exhaust->run,
        .heap = exhaust->heap,
        .commit_step = HEAP_COMMIT_STEP,
        .groups = &group,
        .group_count = 1,
        .bodies = group.bodies,
        .body_count = group.count,
        .walls = &exhaust->ground.ground.kept,
        .seconds = seconds,
    };
    int error;

    for (size_t i = 0; i < group.count; i++)
        ledger_add(&group.ledger, group.bodies[i].size, exhaust->subject.align);
    error = judge_round(&round);
    if (error != 0)
        return error;
    check_filled(exhaust, &group.ledger);
    verify_intact(&exhaust->run->verdict, group.bodies, group.count);
    exhaust_ground_check(&exhaust->ground, &exhaust->run->verdict);
    return 0;
}

static int fill_and_check(exhaust_t *exhaust)
{
    run_t *run = exhaust->run;
    double seconds = 0;
    int    error = 0;

    /* relaxed: the threads that count on are made later. */
    atomic_store_explicit(&exhaust->count, 0, memory_order_relaxed);
    atomic_store_explicit(&exhaust->refused, 0, memory_order_relaxed);
    if (!run_expect(run, "heap", "create", lintel_heap_create(NULL, &exhaust->heap)))
        return 0;
    if (run_expect(run, "open", exhaust->subject.name, subject_open(exhaust->heap, &exhaust->subject)))
        error = team_run(run->options->threads, exhaust_worker, exhaust, &run->progress, &seconds);
    if (error == 0 && verdict_is_good(&run->verdict))
        error = check_round(exhaust, seconds);
    lintel_heap_destroy(exhaust->heap);
    return error;
}

static int exhaust_round(exhaust_t *exhaust, uint64_t round)
{
    int error = exhaust_ground_plan(&exhaust->ground, exhaust->run->options->seed + round);

    if (error != 0)
        return error;
    exhaust->round = round;
    exhaust->subject = exhaust_ground_subject(&exhaust->ground);
    exhaust->capacity = exhaust_ground_size(&exhaust->ground) / SMALL_BODY + 1;
    exhaust->bodies = calloc(exhaust->capacity, sizeof(*exhaust->bodies));
    error = exhaust->bodies != NULL ? fill_and_check(exhaust) : -ENOMEM;
    free(exhaust->bodies);
    exhaust_ground_end(&exhaust->ground);
    return error;
}

int exhaust_run(run_t *run)
{
    exhaust_t exhaust = {.run = run};
    uint64_t  round = 0;
    int       error;

    pthread_barrier_init(&exhaust.laid_out, NULL, (unsigned)run->options->threads);
    run_begin(run, "bodies", 1);
    do {
        error = exhaust_round(&exhaust, round++);
    } while (error == 0 && run_goes_on(run));
    progress_end(&run->progress);
    pthread_barrier_destroy(&exhaust.laid_out);
    report_figure(&run->report, "least_filled_percent", "usable bytes in bodies, in the worst round", exhaust.filled,
                  "%");
    report_figure(&run->report, "usable_bytes", "usable bytes within reach, in the last round", (double)exhaust.usable,
                  "bytes");
    report_figure(&run->report, "refusals", "requests refused for want of space", (double)exhaust.refusals, "");
    return error;
}
