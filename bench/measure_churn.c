/* SPDX-License-Identifier: MIT
 *
 * open, close: modules without bodies; cycle: open, one body, close. With `modules` others open all the time. What
 * lintel does in the background after a close is not in the time.
 */
#include <errno.h>
#include <lintel/lintel.h>
#include <stdlib.h>

#include "clock.h"
#include "failure.h"
#include "measure.h"

enum { MODULES = 1000, BODY_SIZE = 64, KEY_STEP = 4096 };

extern char __executable_start;

typedef struct {
    const job_t      *job;
    lintel_heap_t    *heap;
    lintel_module_t **others;
    lintel_module_t  *modules[MODULES];
} churn_t;

static uint64_t key_of(size_t index)
{
    return (index + 1) * KEY_STEP;
}

static lintel_module_t *open_one(const churn_t *churn, size_t index)
{
    lintel_module_desc_t desc = {
        .base = (uintptr_t)&__executable_start, .key = key_of(index), .reach = LINTEL_REACH_ABOVE};
    lintel_module_t *module;
    int              error = lintel_module_open(churn->heap, &desc, &module);

    if (error != 0)
        failure("module %zu could not be opened: %s", index, strerror(-error));
    return module;
}

static void close_one(const churn_t *churn, size_t index, lintel_module_t *module)
{
    if (lintel_module_close(churn->heap, key_of(index)) != 0)
        failure("module %zu could not be closed", index);
    lintel_module_release(module);
}

static void *churn_begin(const job_t *job, work_t *work)
{
    churn_t *churn = must_allocate(1, sizeof(*churn));

    work->items = MODULES;
    churn->job = job;
    churn->others = must_allocate(job->modules + 1, sizeof(lintel_module_t *));
    if (lintel_heap_create(NULL, &churn->heap) != 0)
        failure("no heap could be made");
    for (size_t i = 0; i < job->modules; i++)
        churn->others[i] = open_one(churn, MODULES + i);
    return churn;
}

static double open_all(churn_t *churn)
{
    double began = clock_seconds();

    for (size_t i = 0; i < MODULES; i++)
        churn->modules[i] = open_one(churn, i);
    return clock_seconds() - began;
}

static double close_all(churn_t *churn)
{
    double began = clock_seconds();

    for (size_t i = 0; i < MODULES; i++)
        close_one(churn, i, churn->modules[i]);
    return clock_seconds() - began;
}

static double open_round(void *measure)
{
    double seconds = open_all(measure);

    close_all(measure);
    return seconds;
}

static double close_round(void *measure)
{
    open_all(measure);
    return close_all(measure);
}

static double cycle_round(void *measure)
{
    churn_t *churn = measure;
    double   began = clock_seconds();

    for (size_t i = 0; i < MODULES; i++) {
        lintel_module_t *module = open_one(churn, i);

        if (lintel_alloc(module, BODY_SIZE) == NULL)
            allocator_exhausted(BODY_SIZE);
        close_one(churn, i, module);
    }
    return clock_seconds() - began;
}

static void churn_end(void *measure)
{
    churn_t *churn = measure;

    for (size_t i = 0; i < churn->job->modules; i++)
        lintel_module_release(churn->others[i]);
    lintel_heap_destroy(churn->heap);
    free(churn->others);
    free(churn);
}

const measure_t measure_open = {.name = "open", .begin = churn_begin, .round = open_round, .end = churn_end};
const measure_t measure_close = {.name = "close", .begin = churn_begin, .round = close_round, .end = churn_end};
const measure_t measure_cycle = {.name = "cycle", .begin = churn_begin, .round = cycle_round, .end = churn_end};
