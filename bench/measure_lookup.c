/* SPDX-License-Identifier: MIT
 *
 * acquire: a reference to an open module by its key, and back; find: the module of an address in a body. Among
 * `modules` modules with one body each, in ascending order or shuffled.
 */
#include <errno.h>
#include <lintel/lintel.h>
#include <stdlib.h>

#include "clock.h"
#include "failure.h"
#include "measure.h"
#include "random.h"
#include "team.h"

enum { BODY_SIZE = 64, LOOKUPS = 1 << 20, PAGE = 4096, KEY_STEP = 4096 };

extern char __executable_start;

/* What one thread looks up. */
typedef struct {
    uint64_t key;
    void    *body;
} target_t;

typedef struct {
    const job_t      *job;
    team_t           *team;
    lintel_heap_t    *heap;
    lintel_module_t **modules;
    target_t         *targets;
    double           *began; /* of each thread */
    double           *ended;
} lookup_t;

static void open_module(lookup_t *lookup, size_t index)
{
    target_t            *target = &lookup->targets[index];
    lintel_module_desc_t desc = {.base = (uintptr_t)&__executable_start, .reach = LINTEL_REACH_ABOVE};
    int                  error;

    target->key = desc.key = (index + 1) * KEY_STEP;
    error = lintel_module_open(lookup->heap, &desc, &lookup->modules[index]);
    if (error != 0)
        failure("module %zu could not be opened: %s", index, strerror(-error));
    target->body = lintel_alloc(lookup->modules[index], BODY_SIZE);
    if (target->body == NULL)
        allocator_exhausted(BODY_SIZE);
}

static void shuffle(target_t *targets, size_t count)
{
    uint64_t seed = 1;

    for (size_t i = count; i > 1; i--) {
        size_t   j = random_below(&seed, i);
        target_t taken = targets[j];

        targets[j] = targets[i - 1];
        targets[i - 1] = taken;
    }
}

/* Regions of one page each, whole in use and without guards, so that neighbours merge: the kernel allows 65,530
 * mappings. */
static void *lookup_begin(const job_t *job, work_t *work)
{
    lookup_t             *lookup = must_allocate(1, sizeof(*lookup));
    lintel_heap_options_t options = {.first_region = PAGE, .commit_step = PAGE, .guard = LINTEL_OFF};

    if (job->modules == 0)
        failure("'%s' has no modules", job->name);
    *lookup = (lookup_t){.job = job, .team = team_start(job->threads)};
    lookup->modules = must_allocate(job->modules, sizeof(lintel_module_t *));
    lookup->targets = must_allocate(job->modules, sizeof(*lookup->targets));
    lookup->began = must_allocate(job->threads, sizeof(double));
    lookup->ended = must_allocate(job->threads, sizeof(double));
    if (lintel_heap_create(&options, &lookup->heap) != 0)
        failure("no heap could be made");
    for (size_t i = 0; i < job->modules; i++)
        open_module(lookup, i);
    work->items = job->threads * LOOKUPS;
    if (job->shuffled)
        shuffle(lookup->targets, job->modules);
    return lookup;
}

static void acquire_all(void *shared, size_t index)
{
    lookup_t *lookup = shared;
    size_t    next = index * lookup->job->modules / lookup->job->threads;

    lookup->began[index] = clock_seconds();
    for (size_t i = 0; i < LOOKUPS; i++) {
        lintel_module_t *module = lintel_module_acquire(lookup->heap, lookup->targets[next].key);

        if (module == NULL)
            failure("a module was not found");
        lintel_module_release(module);
        next = next + 1 < lookup->job->modules ? next + 1 : 0;
    }
    lookup->ended[index] = clock_seconds();
}

static void find_all(void *shared, size_t index)
{
    lookup_t         *lookup = shared;
    size_t            next = index * lookup->job->modules / lookup->job->threads;
    lintel_location_t location;

    lookup->began[index] = clock_seconds();
    for (size_t i = 0; i < LOOKUPS; i++) {
        const target_t *target = &lookup->targets[next];

        if (lintel_find(lookup->heap, target->body, &location) != 0 || location.key != target->key)
            failure("an address was not found");
        next = next + 1 < lookup->job->modules ? next + 1 : 0;
    }
    lookup->ended[index] = clock_seconds();
}

static double run_round(lookup_t *lookup, team_work_t *work)
{
    double began;
    double ended;

    team_run(lookup->team, work, lookup);
    began = lookup->began[0];
    ended = lookup->ended[0];
    for (size_t i = 1; i < lookup->job->threads; i++) {
        began = lookup->began[i] < began ? lookup->began[i] : began;
        ended = lookup->ended[i] > ended ? lookup->ended[i] : ended;
    }
    return ended - began;
}

static double acquire_round(void *measure)
{
    return run_round(measure, acquire_all);
}

static double find_round(void *measure)
{
    return run_round(measure, find_all);
}

static void lookup_end(void *measure)
{
    lookup_t *lookup = measure;

    team_end(lookup->team);
    for (size_t i = 0; i < lookup->job->modules; i++)
        lintel_module_release(lookup->modules[i]);
    lintel_heap_destroy(lookup->heap);
    free(lookup->modules);
    free(lookup->targets);
    free(lookup->began);
    free(lookup->ended);
    free(lookup);
}

const measure_t measure_acquire = {.name = "acquire", .begin = lookup_begin, .round = acquire_round, .end = lookup_end};
const measure_t measure_find = {.name = "find", .begin = lookup_begin, .round = find_round, .end = lookup_end};
