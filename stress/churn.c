/* SPDX-License-Identifier: MIT
 *
 * churn: modules are opened, closed and opened again under the same keys while other threads acquire them and allocate
 * in them. What a thread holds a reference to stays intact until it lets go; every answer must make sense; when the
 * heap is gone, so is its memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "churn_hand.h"
#include "ground.h"
#include "maps.h"
#include "run.h"
#include "sanitized.h"
#include "team.h"

enum { SHARED_KEYS = 32, IMAGE_SIZE = 64 * 1024, COUNT_BATCH = 256 };

/* One key, and how often it was opened and closed. The last keys belong to one thread each. */
typedef struct {
    subject_t            subject;
    atomic_uint_fast64_t opened;
    atomic_uint_fast64_t closed;
} churn_key_t;

typedef struct {
    run_t         *run;
    lintel_heap_t *heap;
    churn_key_t   *keys;
    size_t         key_count;
    FILE          *nowhere; /* where the heap is printed to */
    atomic_size_t  bodies;
    atomic_size_t  bytes;
} churn_t;

/* One thread's view. */
typedef struct {
    churn_t     *churn;
    churn_key_t *own;
    hand_t       hand;
    random_t     random;
} churner_t;

static void expect(churner_t *churner, const char *call, const churn_key_t *key, int result, int expected)
{
    if (result != expected)
        verdict_broken(&churner->churn->run->verdict, call, "%s: answered by %d, not %d", key->subject.name, result,
                       expected);
}

/* A call that is answered by 0 or by one errno. Returns true if by 0. */
static bool is_done(churner_t *churner, const char *call, const churn_key_t *key, int result, int refusal)
{
    if (result != 0)
        expect(churner, call, key, result, refusal);
    return result == 0;
}

static void count_up(atomic_uint_fast64_t *counter)
{
    /* relaxed: summed up after the threads are joined. */
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* Other threads' own keys too: to acquire them is open to all. */
static churn_key_t *draw_any_key(churner_t *churner)
{
    return &churner->churn->keys[random_below(&churner->random, churner->churn->key_count)];
}

static void use_key(churner_t *churner, churn_key_t *key)
{
    subject_t held = key->subject;

    held.module = lintel_module_acquire(churner->churn->heap, held.key);
    if (held.module == NULL) {
        expect(churner, "acquire", key, -errno, -ENOENT);
        return;
    }
    hand_take(&churner->hand, &held);
}

/* Open a key, and keep the reference that comes with it. */
static bool open_key(churner_t *churner, churn_key_t *key)
{
    subject_t held = key->subject;

    if (!is_done(churner, "open", key, subject_open(churner->churn->heap, &held), -EEXIST))
        return false;
    count_up(&key->opened);
    hand_take(&churner->hand, &held);
    return true;
}

static bool close_key(churner_t *churner, churn_key_t *key)
{
    if (!is_done(churner, "close", key, lintel_module_close(churner->churn->heap, key->subject.key), -ENOENT))
        return false;
    count_up(&key->closed);
    return true;
}

/* Nobody else opens or closes this thread's own key: it knows every answer beforehand. */
static void cycle_own_key(churner_t *churner)
{
    churn_t     *churn = churner->churn;
    churn_key_t *own = churner->own;
    subject_t    again = own->subject;

    if (!open_key(churner, own))
        verdict_broken(&churn->run->verdict, "open", "%s: refused, though nobody has it open", own->subject.name);
    expect(churner, "open again", own, subject_open(churn->heap, &again), -EEXIST);
    use_key(churner, own);
    if (!close_key(churner, own))
        verdict_broken(&churn->run->verdict, "close", "%s: refused, though it is open", own->subject.name);
    expect(churner, "close again", own, lintel_module_close(churn->heap, own->subject.key), -ENOENT);
    if (lintel_module_acquire(churn->heap, own->subject.key) != NULL)
        verdict_broken(&churn->run->verdict, "acquire", "%s: found, though it is closed", own->subject.name);
}

/* The heap can be looked at as a whole at any time. */
static void look_at_heap(churner_t *churner)
{
    lintel_stats_t stats;

    run_expect(churner->churn->run, "statistics", "heap", lintel_heap_stats(churner->churn->heap, &stats));
    run_expect(churner->churn->run, "print", "heap",
               lintel_heap_print(churner->churn->heap, churner->churn->nowhere,
                                 (lintel_format_t)random_below(&churner->random, 3)));
}

static churn_key_t *draw_shared_key(churner_t *churner)
{
    return &churner->churn->keys[random_below(&churner->random, SHARED_KEYS)];
}

/* Of 64 steps, 10 open, 10 close, 4 try the own key, 1 looks at all, the rest allocate. */
static void churn_step(churner_t *churner)
{
    uint64_t dice = random_below(&churner->random, 64);

    if (dice < 10)
        open_key(churner, draw_shared_key(churner));
    else if (dice < 20)
        close_key(churner, draw_shared_key(churner));
    else if (dice < 24)
        cycle_own_key(churner);
    else if (dice == 24)
        look_at_heap(churner);
    else
        use_key(churner, draw_any_key(churner));
}

static void churn_worker(void *shared, size_t index)
{
    churn_t  *churn = shared;
    churner_t churner = {
        .churn = churn,
        .own = &churn->keys[SHARED_KEYS + index],
        .random = random_stream(churn->run->options->seed, index + 1),
    };
    size_t steps = 0;

    hand_begin(&churner.hand, churn->heap, &churn->run->verdict, &churner.random);
    do {
        churn_step(&churner);
        if (++steps % COUNT_BATCH == 0)
            progress_add(&churn->run->progress, COUNT_BATCH);
    } while (run_goes_on(churn->run));
    hand_end(&churner.hand);
    /* relaxed: read after the threads are joined, here and below. */
    atomic_fetch_add_explicit(&churn->bodies, churner.hand.bodies, memory_order_relaxed);
    atomic_fetch_add_explicit(&churn->bytes, churner.hand.bytes, memory_order_relaxed);
    lintel_thread_flush();
}

/* With all threads gone, a key is open if it was opened once more than closed. Closes what is. */
static void settle_key(churn_t *churn, churn_key_t *key, uint64_t *generations)
{
    uint64_t opened = atomic_load(&key->opened);
    uint64_t closed = atomic_load(&key->closed);
    int      result = lintel_module_close(churn->heap, key->subject.key);

    if (opened - closed > 1 || result != (opened > closed ? 0 : -ENOENT))
        verdict_broken(&churn->run->verdict, "close", "%s: opened %llu times, closed %llu times, then answered by %d",
                       key->subject.name, (unsigned long long)opened, (unsigned long long)closed, result);
    *generations += opened;
}

static void settle_keys(churn_t *churn)
{
    uint64_t generations = 0;

    for (size_t i = 0; i < churn->key_count; i++)
        settle_key(churn, &churn->keys[i], &generations);
    report_figure(&churn->run->report, "generations", "modules opened and closed", (double)generations, "");
    report_figure(&churn->run->report, "keys", "keys they shared", (double)churn->key_count, "");
}

static int mapping_count(size_t *count)
{
    maps_t maps;
    int    error = maps_read(&maps);

    if (error == 0)
        *count = maps.all.count;
    maps_free(&maps);
    return error;
}

static int churn_once(churn_t *churn)
{
    run_t *run = churn->run;
    int    error;

    if (!run_expect(run, "heap", "create", lintel_heap_create(NULL, &churn->heap)))
        return 0;
    error = team_run(run->options->threads, churn_worker, churn, &run->progress, &run->report.seconds);
    if (error == 0) {
        settle_keys(churn);
        run->report.rounds = 1;
        run->report.bodies = atomic_load(&churn->bodies);
        run->report.bytes = atomic_load(&churn->bytes);
    }
    lintel_heap_destroy(churn->heap);
    return error;
}

/* Thousands of generations came and went: mappings that any of them left behind would show. A few come from elsewhere:
 * metadata, and what the C library keeps of each thread. */
static void check_mappings(churn_t *churn, size_t before, size_t after)
{
    size_t allowed = before + 64 + 4 * churn->run->options->threads;

    report_figure(&churn->run->report, "mappings_before", "mappings of the process before", (double)before, "");
    report_figure(&churn->run->report, "mappings_after", "mappings of the process after", (double)after, "");
    if (!sanitized && after > allowed)
        verdict_broken(&churn->run->verdict, "gone", "%zu mappings before, %zu after", before, after);
}

static int churn_and_count(churn_t *churn)
{
    size_t before;
    size_t after;
    int    error = mapping_count(&before);

    run_begin(churn->run, "steps", 1);
    if (error == 0)
        error = churn_once(churn);
    progress_end(&churn->run->progress);
    if (error == 0)
        error = mapping_count(&after);
    if (error == 0)
        check_mappings(churn, before, after);
    return error;
}

static int prepare(churn_t *churn, ground_t *ground)
{
    int error = ground_reserve(ground, churn->key_count * IMAGE_SIZE);

    for (size_t i = 0; error == 0 && i < churn->key_count; i++) {
        uintptr_t base;

        error = ground_keep(ground, IMAGE_SIZE, &base);
        churn->keys[i].subject = subject_above(i < SHARED_KEYS ? "a shared key" : "a key of its own", base, IMAGE_SIZE);
        churn->keys[i].subject.key = i + 1;
    }
    return error;
}

int churn_run(run_t *run)
{
    churn_t  churn = {.run = run, .key_count = SHARED_KEYS + run->options->threads};
    ground_t ground = {0};
    int      error = -ENOMEM;

    churn.keys = calloc(churn.key_count, sizeof(*churn.keys));
    churn.nowhere = fopen("/dev/null", "we");
    if (churn.keys != NULL && churn.nowhere != NULL)
        error = prepare(&churn, &ground);
    if (error == 0)
        error = churn_and_count(&churn);
    if (churn.nowhere != NULL)
        fclose(churn.nowhere);
    free(churn.keys);
    ground_release(&ground);
    return error;
}
