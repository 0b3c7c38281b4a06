/* SPDX-License-Identifier: MIT
 *
 * where: whose code is at an address? By lintel_find, with ever more modules and bytes of bodies; or, for a peer that
 * is a malloc, by dladdr, with so many shared libraries. Addresses are drawn at random, as a profiler meets them, and
 * each look-up waits for the one before.
 *
 * A floor comes with it, `chase_ns`: loads that wait for one another, at random in as much memory as lintel notes the
 * bodies' starts in. To look anything up there takes one such load at least.
 */
#include <dlfcn.h>
#include <errno.h>
#include <lintel/lintel.h>
#include <stdlib.h>

#include "chase.h"
#include "clock.h"
#include "failure.h"
#include "libraries.h"
#include "measure.h"
#include "random.h"

enum { SAMPLES = 1 << 18, DLADDR_LOOKUPS = 1 << 12, BODY = 256 };

/* Bytes of code for each byte that says what starts there. */
enum { CODE_OF_MARK = 16 };

static const size_t page = 4096;
static const size_t usual_total = (size_t)16 << 20;

extern char __executable_start;

typedef struct {
    const job_t   *job;
    lintel_heap_t *heap; /* NULL: dladdr is asked */
    size_t         total;
    const void   **samples;
} where_t;

/* Modules lie one behind another, each with room for its own bodies before the next, as images do. */
static lintel_module_t *open_module(lintel_heap_t *heap, size_t index, size_t bytes)
{
    size_t               stride = (bytes + 2 * page - 1) / page * page + page;
    lintel_module_desc_t desc = {.key = index + 1, .kind = LINTEL_CODE, .reach = LINTEL_REACH_ABOVE, .reserve = bytes};
    lintel_module_t     *module;

    desc.base = (uintptr_t)&__executable_start / page * page + ((uintptr_t)8 << 30) + index * stride;
    int error = lintel_module_open(heap, &desc, &module);
    if (error != 0)
        failure("module %zu could not be opened: %s", index, strerror(-error));
    return module;
}

/* Keeps an even choice of all bodies that there were so far. */
static void consider(where_t *where, const char *body, size_t seen, uint64_t *seed)
{
    size_t place = seen < SAMPLES ? seen : random_below(seed, seen + 1);

    if (place < SAMPLES)
        where->samples[place] = body + random_below(seed, BODY);
}

static void fill(where_t *where)
{
    size_t                each = where->total / where->job->modules;
    lintel_heap_options_t options = {.commit_step = page * 256};
    uint64_t              seed = 7;
    size_t                seen = 0;

    if (lintel_heap_create(&options, &where->heap) != 0)
        failure("no heap could be made");
    for (size_t i = 0; i < where->job->modules; i++) {
        lintel_module_t *module = open_module(where->heap, i, each);
        for (size_t j = 0; j < each / BODY; j++, seen++) {
            char *body = lintel_alloc(module, BODY);
            if (body == NULL)
                allocator_exhausted(BODY);
            consider(where, body, seen, &seed);
        }
        lintel_module_release(module);
    }
    if (seen == 0)
        failure("%zu bytes for %zu modules are less than a body for each", where->total, where->job->modules);
    for (size_t i = seen; i < SAMPLES; i++)
        where->samples[i] = where->samples[i % seen];
}

static void load(where_t *where)
{
    size_t       count = where->job->modules * LIBRARY_FUNCTIONS;
    const void **functions = must_allocate(count, sizeof(void *));

    libraries_load(where->job->modules, functions);
    for (size_t i = 0; i < SAMPLES; i++)
        where->samples[i] = functions[i % count];
    free(functions);
}

static void shuffle(const void **samples)
{
    uint64_t seed = 3;

    for (size_t i = SAMPLES; i > 1; i--) {
        size_t      j = random_below(&seed, i);
        const void *taken = samples[j];
        samples[j] = samples[i - 1];
        samples[i - 1] = taken;
    }
}

/* The next sample is found by the answer: it adds nothing, as no key has its highest bit set. */
static void find_all(const where_t *where)
{
    lintel_location_t location = {0};

    for (size_t i = 0; i < SAMPLES; i++)
        if (lintel_find(where->heap, where->samples[i + (location.key >> 63)], &location) != 0 || location.body == NULL)
            failure("a body was not found");
}

static void dladdr_all(const where_t *where)
{
    Dl_info found;

    for (size_t i = 0; i < DLADDR_LOOKUPS; i++)
        if (dladdr(where->samples[i], &found) == 0 || found.dli_saddr != where->samples[i])
            failure("a function was not found");
}

static void look_all_up(const where_t *where)
{
    if (where->heap != NULL)
        find_all(where);
    else
        dladdr_all(where);
}

static void *where_begin(const job_t *job, work_t *work)
{
    where_t *where = must_allocate(1, sizeof(*where));

    if (job->modules == 0)
        failure("'%s' has no modules", job->name);
    *where = (where_t){.job = job, .total = job->total != 0 ? job->total : usual_total};
    where->samples = must_allocate(SAMPLES, sizeof(void *));
    if (job->peer->allocator == &allocator_lintel)
        fill(where);
    else
        load(where);
    shuffle(where->samples);
    look_all_up(where);
    work->items = where->heap != NULL ? SAMPLES : DLADDR_LOOKUPS;
    return where;
}

static double where_round(void *measure)
{
    double began = clock_seconds();

    look_all_up(measure);
    return clock_seconds() - began;
}

static void where_counters(void *measure)
{
    const where_t *where = measure;

    if (where->heap != NULL)
        measure_counter("chase_ns", chase(where->total / CODE_OF_MARK / CHASE_LINE));
}

static void where_end(void *measure)
{
    where_t *where = measure;

    lintel_heap_destroy(where->heap);
    free(where->samples);
    free(where);
}

const measure_t measure_where = {
    .name = "where", .begin = where_begin, .round = where_round, .counters = where_counters, .end = where_end};
