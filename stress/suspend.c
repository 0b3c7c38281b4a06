/* SPDX-License-Identifier: MIT
 *
 * suspend: stops up to three threads at one instruction of a call after another, and sees whether another thread gets
 * through: allocates, makes modules grow, acquires, releases and looks up. A position is one such standstill.
 *
 * A call that others get in the way of at each of its instructions may go round its loops without end; that is what
 * lock-free allows. So a pass through a call sends the other thread at every so many instructions only, from an offset
 * that moves from round to round, so that in time all of them have their turn.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "random.h"
#include "run.h"
#include "sanitized.h"
#include "standstill.h"

enum {
    MOST_STEPS = 20000,
    LEAST_A_SECOND = 1000,
    LONGEST_RUN = 64,
    TOGETHER = 24,
    GROW_ONE_IN = 16,
    MOST_CALLS = 24,
    LABEL = 64
};

/* One of them a round. */
static const unsigned strides[] = {61, 1, 61, 7, 61, 509, 61, 23};

enum { STRIDES = sizeof(strides) / sizeof(strides[0]) };

typedef struct {
    run_t       *run;
    cast_t       cast;
    standstill_t standstill;
    random_t     random;
    uint64_t     let_go;            /* calls that others got in the way of for too long */
    uint64_t     alone[MOST_CALLS]; /* instructions of each call, with nobody else about */
    uint64_t     most[MOST_CALLS];  /* and the most, with the other one about */
} suspend_t;

/* What takes longer is done at one in so many positions. Returns whether to go on with the pass. */
static bool try_others(suspend_t *suspend, uint64_t one_in)
{
    errand_t errand = {.grow = random_below(&suspend->random, GROW_ONE_IN) == 0,
                       .newcomer = random_below(&suspend->random, one_in) == 0,
                       .refused = random_below(&suspend->random, one_in) == 0};

    progress_add(&suspend->run->progress, 1);
    progress_draw(&suspend->run->progress);
    return standstill_try(&suspend->standstill, &suspend->cast, errand) != TASK_SPINS;
}

/* Lets an actor go on by so many instructions, or to its end. */
static tracer_outcome_t move_on(cast_t *cast, size_t index, uint64_t instructions)
{
    tracer_outcome_t outcome = TRACER_STOPPED;

    for (uint64_t i = 0; i < instructions && cast->players[index].inside && outcome == TRACER_STOPPED; i++)
        outcome = cast_step(cast, index);
    return outcome;
}

/* Has all calls end, and tells what went wrong. */
static int end_pass(suspend_t *suspend)
{
    int error;

    suspend->let_go += cast_is_inside(&suspend->cast);
    cast_let_go(&suspend->cast);
    error = standstill_end(&suspend->standstill);
    return error != 0 ? error : cast_end(&suspend->cast, &suspend->run->verdict);
}

/* To the end, noting what is on the way. */
static void go_alone(suspend_t *suspend, const call_t *call)
{
    cast_t *cast = &suspend->cast;

    while (cast_is_inside(cast) && cast->players[0].steps < MOST_STEPS) {
        standstill_come_by(&suspend->standstill, call, tracer_position(cast->players[0].thread));
        cast_step(cast, 0);
    }
}

/* One call by one thread, with a standstill at every `stride` instructions; none at all if that is 0. */
static int pass_alone(suspend_t *suspend, const call_t *call, unsigned stride, uint64_t offset)
{
    cast_t  *cast = &suspend->cast;
    size_t   number = (size_t)(call - calls);
    uint64_t one_in = stride != 0 ? 1 + suspend->alone[number] / stride / STAGE_NEWCOMERS : 1;
    int      error = cast_begin(cast, suspend->standstill.stage, &call, 1);

    if (error != 0)
        return error;
    if (stride == 0)
        go_alone(suspend, call);
    else
        move_on(cast, 0, offset);
    while (cast_is_inside(cast) && cast->players[0].steps < MOST_STEPS && try_others(suspend, one_in))
        move_on(cast, 0, stride);
    if (stride == 0)
        suspend->alone[number] = cast->players[0].steps;
    if (cast->players[0].steps > suspend->most[number])
        suspend->most[number] = cast->players[0].steps;
    return end_pass(suspend);
}

static const call_t *draw_call(suspend_t *suspend)
{
    const call_t *call;

    do
        call = &calls[random_below(&suspend->random, call_count)];
    while (call->nature & CALL_MAY_BLOCK);
    return call;
}

/* Several calls by as many threads, each going on by a number of instructions that has nothing to do with the rest. */
static int pass_together(suspend_t *suspend, size_t count)
{
    const call_t *wanted[STAGE_ACTORS];
    cast_t       *cast = &suspend->cast;
    size_t        mover = 0;
    int           error;

    for (size_t i = 0; i < count; i++)
        wanted[i] = draw_call(suspend);
    error = cast_begin(cast, suspend->standstill.stage, wanted, count);
    while (error == 0 && cast_is_inside(cast) && cast->players[mover].steps < MOST_STEPS &&
           try_others(suspend, GROW_ONE_IN)) {
        do
            mover = random_below(&suspend->random, count);
        while (!cast->players[mover].inside);
        if (move_on(cast, mover, random_between(&suspend->random, 1, LONGEST_RUN)) != TRACER_BLOCKED)
            continue;
        standstill_blocked(&suspend->standstill, cast, wanted[mover]->label, TASK_SLEEPS);
        break;
    }
    return error != 0 ? error : end_pass(suspend);
}

static int run_round(suspend_t *suspend, uint64_t round)
{
    unsigned stride = strides[round % STRIDES];
    int      error = 0;

    for (size_t i = 0; error == 0 && i < call_count; i++)
        error = pass_alone(suspend, &calls[i], stride, random_below(&suspend->random, stride));
    for (size_t i = 0; error == 0 && suspend->run->options->threads > 1 && i < TOGETHER; i++)
        error = pass_together(suspend, suspend->run->options->threads > 2 && i % 2 == 0 ? 3 : 2);
    return error;
}

static void report_calls(suspend_t *suspend)
{
    static char keys[2 * MOST_CALLS][LABEL];
    static char labels[2 * MOST_CALLS][LABEL];

    for (size_t i = 0; i < call_count; i++) {
        char *key = keys[2 * i];
        char *label = labels[2 * i];

        snprintf(key, LABEL, "%s_steps", calls[i].key);
        snprintf(key + LABEL, LABEL, "%s_most_steps", calls[i].key);
        snprintf(label, LABEL, "%s", calls[i].label);
        snprintf(label + LABEL, LABEL, "    at most, others in its way");
        report_figure(&suspend->run->report, key, label, (double)suspend->alone[i], "steps");
        report_figure(&suspend->run->report, key + LABEL, label + LABEL, (double)suspend->most[i], "steps");
    }
    report_figure(&suspend->run->report, "let_go", "calls not seen to their ends", (double)suspend->let_go, "");
}

static bool goes_on(const suspend_t *suspend)
{
    uint64_t wanted = (uint64_t)suspend->run->options->seconds * LEAST_A_SECOND;

    return run_goes_on(suspend->run) ||
           (verdict_is_good(&suspend->run->verdict) && suspend->standstill.positions < wanted);
}

static int suspend_all(suspend_t *suspend)
{
    uint64_t round = 0;
    int      error = 0;

    for (size_t i = 0; error == 0 && i < call_count; i++)
        error = pass_alone(suspend, &calls[i], 0, 0);
    suspend->let_go = 0;
    while (error == 0 && (round == 0 || goes_on(suspend)))
        error = run_round(suspend, round++);
    return error;
}

int suspend_run(run_t *run)
{
    suspend_t suspend = {.run = run, .random = random_stream(run->options->seed, 1)};
    stage_t  *stage;
    int       error;

    if (sanitized) {
        run->barred = "a sanitizer's own code takes locks on the way";
        return 0;
    }
    tracer_hurry();
    error = stage_start(&stage);
    if (error != 0)
        return error;
    suspend.standstill = (standstill_t){.verdict = &run->verdict, .stage = stage};
    run_begin(run, "positions", (uint64_t)run->options->seconds * LEAST_A_SECOND);
    task_ticking();
    error = suspend_all(&suspend);
    task_silence();
    progress_end(&run->progress);
    standstill_report(&suspend.standstill, &run->report);
    report_calls(&suspend);
    standstill_free(&suspend.standstill);
    stage_end(stage);
    if (error == -EPERM)
        run->barred = "tracing another thread is not allowed here (ptrace)";
    return error == -EPERM ? 0 : error;
}
