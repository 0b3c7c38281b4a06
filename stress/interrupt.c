/* SPDX-License-Identifier: MIT
 *
 * interrupt: has a signal arrive at one instruction of a call after another. The handler allocates, from chunks, from
 * modules and by growing them, looks up, shrinks and flushes; or it forks. Then the call goes on, in both processes.
 */
#include <errno.h>

#include "cast.h"
#include "handler.h"
#include "random.h"
#include "run.h"
#include "sanitized.h"
#include "task.h"

enum { MOST_STEPS = 20000, MOST_STEPS_BACK = 1000, LEAST_A_SECOND = 200, FORKS_A_CALL = 4 };

static const unsigned strides[] = {61, 23, 61, 7, 61, 509, 61, 1};

enum { STRIDES = sizeof(strides) / sizeof(strides[0]) };

typedef struct {
    run_t   *run;
    stage_t *stage;
    cast_t   cast;
    random_t random;
    uint64_t handlers;
    uint64_t forks;
    uint64_t masked; /* positions where the thread keeps signals back */
} interrupt_t;

/* From the end of the handler to the instruction that it had interrupted. */
static bool come_back(cast_t *cast, uintptr_t position)
{
    player_t *player = &cast->players[0];

    for (int i = 0; i < MOST_STEPS_BACK; i++) {
        if (tracer_position(player->thread) == position)
            return true;
        player->last = tracer_step(cast->stage->process, player->thread, true);
        if (player->last != TRACER_STOPPED)
            return false;
    }
    return false;
}

static int interrupt_here(interrupt_t *interrupt)
{
    player_t *player = &interrupt->cast.players[0];
    uintptr_t position = tracer_position(player->thread);

    if (tracer_is_masked(player->thread, HANDLER_CALL)) {
        interrupt->masked++;
        return 0;
    }
    player->last = tracer_run(player->thread, HANDLER_CALL, HANDLER_DONE);
    if (player->last != TRACER_STOPPED || !come_back(&interrupt->cast, position))
        return -ESRCH;
    interrupt->handlers++;
    interrupt->forks += interrupt->stage->handler_forks;
    progress_add(&interrupt->run->progress, 1);
    progress_draw(&interrupt->run->progress);
    return 0;
}

/* One call, interrupted at every `stride` instructions. Stores how many it had, handlers left out, in *steps. */
static int pass(interrupt_t *interrupt, const call_t *call, uint64_t stride, uint64_t offset, uint64_t *steps)
{
    cast_t  *cast = &interrupt->cast;
    uint64_t next = offset;
    int      error = cast_begin(cast, interrupt->stage, &call, 1);

    while (error == 0 && cast_is_inside(cast) && cast->players[0].steps < MOST_STEPS) {
        if (cast->players[0].steps == next) {
            error = interrupt_here(interrupt);
            next += stride;
        }
        if (error == 0)
            cast_step(cast, 0);
    }
    *steps = cast->players[0].steps;
    if (error != 0)
        return error;
    cast_let_go(cast);
    return cast_end(cast, &interrupt->run->verdict);
}

static int pass_with_forks(interrupt_t *interrupt, const call_t *call, uint64_t steps)
{
    uint64_t stride = steps / FORKS_A_CALL + 1;
    uint64_t unused;
    int      error;

    if (call->nature != 0)
        return 0;
    interrupt->stage->handler_forks = true;
    error = pass(interrupt, call, stride, random_below(&interrupt->random, stride), &unused);
    interrupt->stage->handler_forks = false;
    return error;
}

static int run_round(interrupt_t *interrupt, uint64_t round)
{
    unsigned stride = strides[round % STRIDES];
    uint64_t steps = 0;
    int      error = 0;

    for (size_t i = 0; error == 0 && i < call_count; i++) {
        error = pass(interrupt, &calls[i], stride, random_below(&interrupt->random, stride), &steps);
        if (error == 0)
            error = pass_with_forks(interrupt, &calls[i], steps);
    }
    return error;
}

static bool goes_on(const interrupt_t *interrupt)
{
    return run_goes_on(interrupt->run) ||
           (verdict_is_good(&interrupt->run->verdict) &&
            interrupt->handlers < (uint64_t)interrupt->run->options->seconds * LEAST_A_SECOND);
}

static void report(interrupt_t *interrupt)
{
    report_t *to = &interrupt->run->report;

    report_figure(to, "handlers", "calls interrupted by a handler", (double)interrupt->handlers, "");
    report_figure(to, "forks", "of them by one that forked", (double)interrupt->forks, "");
    report_figure(to, "masked", "positions where signals were masked", (double)interrupt->masked, "");
}

static int interrupt_all(interrupt_t *interrupt)
{
    uint64_t round = 0;
    int      error = 0;

    run_begin(interrupt->run, "handlers", (uint64_t)interrupt->run->options->seconds * LEAST_A_SECOND);
    task_ticking();
    while (error == 0 && (round == 0 || goes_on(interrupt)))
        error = run_round(interrupt, round++);
    task_silence();
    progress_end(&interrupt->run->progress);
    report(interrupt);
    return error;
}

int interrupt_run(run_t *run)
{
    interrupt_t interrupt = {.run = run, .random = random_stream(run->options->seed, 1)};
    int         error;

    if (sanitized) {
        run->barred = "a sanitizer's own code is no place for handlers";
        return 0;
    }
    tracer_hurry();
    error = stage_start(&interrupt.stage);
    if (error != 0)
        return error;
    error = interrupt_all(&interrupt);
    stage_end(interrupt.stage);
    if (error == -EPERM)
        run->barred = "tracing another thread is not allowed here (ptrace)";
    return error == -EPERM ? 0 : error;
}
