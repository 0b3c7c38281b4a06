/* SPDX-License-Identifier: MIT */
#include "standstill.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PLACE_TEXT = 96 };

static void note_stop(standstill_t *standstill, const cast_t *cast)
{
    size_t inside = 0;

    for (size_t i = 0; i < cast->count; i++) {
        if (!cast->players[i].inside)
            continue;
        inside++;
        spots_add(&standstill->stops, tracer_position(cast->players[i].thread));
    }
    standstill->positions++;
    standstill->together += inside > 1;
}

/* What the process has loaded does not change. */
static where_t *where_is(standstill_t *standstill)
{
    if (standstill->where == NULL)
        standstill->where = where_open(standstill->stage->process);
    return standstill->where;
}

void standstill_blocked(standstill_t *standstill, const cast_t *cast, const char *who, task_state_t how)
{
    char   text[STAGE_ACTORS * PLACE_TEXT] = "";
    size_t length = 0;

    for (size_t i = 0; i < cast->count; i++) {
        if (!cast->players[i].inside || cast->players[i].last == TRACER_BLOCKED)
            continue;
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s", length > 0 ? " and " : "");
        where_tell(where_is(standstill), tracer_position(cast->players[i].thread), text + length, PLACE_TEXT - 8);
        length += strlen(text + length);
    }
    standstill->blocked++;
    verdict_broken(standstill->verdict, "progress", "stopped in %s, and %s %s", text, who,
                   how == TASK_SPINS ? "spins" : "sleeps");
}

void standstill_come_by(standstill_t *standstill, const call_t *call, uintptr_t position)
{
    static const char *const barred[] = {"mutex_lock", "malloc", "allocx"};
    char                     text[PLACE_TEXT];

    spots_add(&standstill->way, position);
    if (standstill->locks || call->nature & CALL_MAY_BLOCK)
        return;
    where_tell(where_is(standstill), position, text, sizeof(text));
    for (size_t i = 0; i < sizeof(barred) / sizeof(barred[0]); i++)
        standstill->locks = standstill->locks || strstr(text, barred[i]) != NULL;
    if (standstill->locks)
        verdict_broken(standstill->verdict, "progress", "%s comes by %s", call->label, text);
}

/* The other one, and whoever it waits for. */
typedef struct {
    task_watch_t other;
    task_watch_t newcomer;
} watches_t;

/* Somebody gets on as long as one of them does. */
static task_state_t look(const stage_t *stage, watches_t *watches)
{
    pid_t        newcomer = atomic_load(&stage->newcomer);
    task_state_t state;

    if (watches->newcomer.thread != newcomer)
        watches->newcomer = (task_watch_t){.process = stage->process, .thread = newcomer};
    state = task_look(&watches->other);
    if (state == TASK_SLEEPS && newcomer != 0)
        state = task_look(&watches->newcomer);
    return state;
}

task_state_t standstill_try(standstill_t *standstill, const cast_t *cast, errand_t errand)
{
    stage_t     *stage = standstill->stage;
    watches_t    watches = {.other = {.process = stage->process, .thread = stage->other}};
    task_state_t state = TASK_GETS_ON;

    note_stop(standstill, cast);
    if (!standstill->away) {
        stage->errand = errand;
        sem_post(&stage->sent);
        standstill->away = true;
    }
    while (standstill->away && state == TASK_GETS_ON) {
        standstill->away = sem_wait(&stage->back) != 0;
        if (standstill->away)
            state = look(stage, &watches);
    }
    if (standstill->away)
        standstill_blocked(standstill, cast, atomic_load(&stage->doing), state);
    return state;
}

int standstill_end(standstill_t *standstill)
{
    stage_t *stage = standstill->stage;

    while (standstill->away) {
        standstill->away = sem_wait(&stage->back) != 0;
        if (standstill->away && !task_exists(stage->process, stage->other))
            return -ESRCH;
    }
    return 0;
}

static size_t count_functions(standstill_t *standstill)
{
    spots_t functions = {0};
    size_t  count;

    for (size_t i = 0; i < standstill->stops.count; i++)
        spots_add(&functions, where_function(where_is(standstill), standstill->stops.items[i]));
    count = spots_settle(&functions);
    spots_free(&functions);
    return count;
}

void standstill_report(standstill_t *standstill, report_t *report)
{
    size_t stops = spots_settle(&standstill->stops);
    size_t way = spots_settle(&standstill->way);

    report_figure(report, "positions", "positions tried", (double)standstill->positions, "");
    report_figure(report, "positions_together", "of them with two or three threads stopped",
                  (double)standstill->together, "");
    report_figure(report, "instructions", "different instructions stopped at", (double)stops, "");
    report_figure(report, "instructions_alone", "instructions on the calls' way with nobody else about", (double)way,
                  "");
    report_figure(report, "instructions_alone_stopped", "of them stopped at",
                  (double)spots_in_both(&standstill->way, &standstill->stops), "");
    report_figure(report, "functions", "different functions stopped in", (double)count_functions(standstill), "");
    report_figure(report, "blocked", "positions that blocked another thread", (double)standstill->blocked, "");
}

void standstill_free(standstill_t *standstill)
{
    where_close(standstill->where);
    spots_free(&standstill->stops);
    spots_free(&standstill->way);
}
