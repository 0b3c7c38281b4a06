/* SPDX-License-Identifier: MIT
 *
 * race: a few neighbouring modules whose regions and commit steps are one page, so that nearly every call grows or
 * commits, from all threads at once; with odd sizes, alignments and shrinking. The way in which free ranges are found
 * changes from round to round.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ground.h"
#include "judge.h"
#include "latency.h"
#include "payload.h"
#include "random.h"
#include "team.h"

enum { MODULES = 4, BODIES_A_ROUND = 8192, LEAST_BODIES = 32, MOST_PAGES = 3 };

static const size_t ground_size = 256 << 20;

/* One body and what has to be known of it later; `held` is what it takes of the region. */
typedef struct {
    body_t body;
    size_t held;
} racer_t;

typedef struct {
    run_t         *run;
    uint64_t       round;
    subject_t      subjects[MODULES];
    lintel_heap_t *heap;
    racer_t       *racers; /* each thread's in a row */
    size_t         racer_count;
    size_t         a_thread; /* how many of them are each thread's */
    body_t        *bodies;
    size_t         page;
} race_t;

/* Mostly small, sometimes more than a whole region. */
static size_t draw_size(const race_t *race, random_t *random)
{
    switch (random_below(random, 8)) {
    case 0:
        return random_between(random, 1, MOST_PAGES * race->page);
    case 1:
        return race->page;
    case 2:
    case 3:
        return random_between(random, 1, race->page);
    default:
        return random_between(random, 1, 256);
    }
}

static void *allocate(const subject_t *subject, size_t size, random_t *random, size_t *align)
{
    *align = subject->align;
    if (random_below(random, 8) > 0)
        return latency_alloc(subject->module, size);
    *align = (size_t)1 << random_below(random, 13);
    return lintel_alloc_aligned(subject->module, size, *align);
}

/* Give some of it back; what stays is as it was. */
static void shrink(race_t *race, racer_t *racer, random_t *random)
{
    body_t *body = &racer->body;
    size_t  size = random_between(random, 1, body->size);
    size_t  given = lintel_shrink(body->owner->module, (void *)body->start, body->size, size);

    if (given > racer->held || (given > 0 && racer->held - given < size))
        verdict_broken(&race->run->verdict, "shrink", "%s: %zu bytes given back of a body of %zu, of which %zu stay",
                       body->owner->name, given, body->size, size);
    if (given > 0) {
        body->size = size;
        racer->held -= given;
    }
}

static bool place(race_t *race, racer_t *racer, random_t *random)
{
    const subject_t *subject = &race->subjects[random_below(random, MODULES)];
    size_t           size = draw_size(race, random);
    size_t           align;
    void            *start = allocate(subject, size, random, &align);

    if (start == NULL) {
        verdict_broken(&race->run->verdict, "place", "%s: no place for %zu bytes: %s", subject->name, size,
                       strerror(errno));
        return false;
    }
    if (!verify_fresh(&race->run->verdict, subject, start, size, align))
        return false;
    payload_write(start, size, (uintptr_t)start);
    racer->body = (body_t){.start = (uintptr_t)start, .size = size, .owner = subject};
    racer->held = size + (subject->align - size % subject->align) % subject->align;
    if (random_below(random, 16) == 0)
        shrink(race, racer, random);
    return true;
}

static void race_worker(void *shared, size_t index)
{
    race_t  *race = shared;
    racer_t *racers = race->racers + index * race->a_thread;
    random_t random = random_stream(race->run->options->seed + race->round, index + 1);

    for (size_t i = 0; i < race->a_thread && verdict_is_good(&race->run->verdict); i++)
        if (!place(race, &racers[i], &random))
            break;
    progress_add(&race->run->progress, race->a_thread);
    lintel_thread_flush();
}

/* The subject's bodies, listed from `bodies` on. */
static group_t make_group(const race_t *race, const subject_t *subject, body_t *bodies)
{
    group_t group = {.subject = subject, .bodies = bodies};

    for (size_t i = 0; i < race->racer_count; i++) {
        const racer_t *racer = &race->racers[i];

        if (racer->body.owner != subject)
            continue;
        bodies[group.count++] = racer->body;
        group.ledger.bodies++;
        group.ledger.bytes += racer->body.size;
        group.ledger.lost += racer->held - racer->body.size;
    }
    return group;
}

static int check_round(race_t *race, double seconds)
{
    group_t groups[MODULES];
    size_t  listed = 0;

    for (size_t i = 0; i < MODULES; i++) {
        groups[i] = make_group(race, &race->subjects[i], race->bodies + listed);
        listed += groups[i].count;
    }
    verify_intact(&race->run->verdict, race->bodies, listed);
    return judge_round(&(round_t){
        .run = race->run,
        .heap = race->heap,
        .commit_step = race->page,
        .shortened = true,
        .groups = groups,
        .group_count = MODULES,
        .bodies = race->bodies,
        .body_count = listed,
        .seconds = seconds,
    });
}

static int create_heap(race_t *race)
{
    static const lintel_gap_t ways[] = {LINTEL_GAP_AUTO, LINTEL_GAP_TEXT, LINTEL_GAP_PROBE};
    lintel_heap_options_t     options = {
            .gap = ways[race->round % (sizeof(ways) / sizeof(ways[0]))],
            .first_region = race->page,
            .region_limit = race->page,
            .commit_step = race->page,
    };

    return lintel_heap_create(&options, &race->heap);
}

static bool open_subjects(race_t *race)
{
    for (size_t i = 0; i < MODULES; i++)
        if (!run_expect(race->run, "open", race->subjects[i].name, subject_open(race->heap, &race->subjects[i])))
            return false;
    return true;
}

static int race_round(race_t *race, uint64_t round)
{
    run_t *run = race->run;
    double seconds = 0;
    int    error = 0;

    race->round = round;
    memset(race->racers, 0, race->racer_count * sizeof(*race->racers));
    if (!run_expect(run, "heap", "create", create_heap(race)))
        return 0;
    if (open_subjects(race))
        error = team_run(run->options->threads, race_worker, race, &run->progress, &seconds);
    if (error == 0 && verdict_is_good(&run->verdict))
        error = check_round(race, seconds);
    lintel_heap_destroy(race->heap);
    return error;
}

static int prepare(race_t *race, ground_t *ground)
{
    static const char *const names[MODULES] = {"first", "second", "third", "fourth"};
    size_t                   threads = race->run->options->threads;
    int                      error = ground_reserve(ground, ground_size);

    if (error != 0)
        return error;
    for (size_t i = 0; error == 0 && i < MODULES; i++) {
        uintptr_t base;

        error = ground_keep(ground, race->page, &base);
        race->subjects[i] = subject_above(names[i], base, race->page);
    }
    race->a_thread = BODIES_A_ROUND / threads > LEAST_BODIES ? BODIES_A_ROUND / threads : LEAST_BODIES;
    race->racer_count = race->a_thread * threads;
    race->racers = calloc(race->racer_count, sizeof(*race->racers));
    race->bodies = calloc(race->racer_count, sizeof(*race->bodies));
    if (error == 0 && (race->racers == NULL || race->bodies == NULL))
        error = -ENOMEM;
    return error != 0 ? error : ground_open(ground);
}

int race_run(run_t *run)
{
    race_t   race = {.run = run, .page = (size_t)sysconf(_SC_PAGESIZE)};
    ground_t ground = {0};
    uint64_t round = 0;
    int      error = prepare(&race, &ground);

    run_begin(run, "bodies", 1);
    while (error == 0 && (round == 0 || run_goes_on(run)))
        error = race_round(&race, round++);
    progress_end(&run->progress);
    free(race.racers);
    free(race.bodies);
    ground_release(&ground);
    return error;
}
