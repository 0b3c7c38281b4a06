/* SPDX-License-Identifier: MIT */
#include "standstill.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_TEXT = 96 };

static int compare(const void *a, const void *b)
{
    uintptr_t one = *(const uintptr_t *)a;
    uintptr_t other = *(const uintptr_t *)b;

    return (one > other) - (one < other);
}

/* Keeps each number once, ascending. Returns how many there are. */
static size_t distinct(uintptr_t *numbers, size_t count)
{
    size_t kept = 0;

    if (count > 0)
        qsort(numbers, count, sizeof(*numbers), compare);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || numbers[kept - 1] != numbers[i])
            numbers[kept++] = numbers[i];
    return kept;
}

/* There are only so many instructions: the list does not grow for long. */
static bool make_room(standstill_t *standstill)
{
    uintptr_t *larger;

    if (standstill->place_count < standstill->place_capacity)
        return true;
    standstill->place_count = distinct(standstill->places, standstill->place_count);
    if (standstill->place_count < standstill->place_capacity / 2)
        return true;
    larger = realloc(standstill->places, (standstill->place_capacity + 1) * 4 * sizeof(*larger));
    if (larger == NULL)
        return false;
    standstill->places = larger;
    standstill->place_capacity = (standstill->place_capacity + 1) * 4;
    return true;
}

static void note_places(standstill_t *standstill, const cast_t *cast)
{
    size_t inside = 0;

    for (size_t i = 0; i < cast->count; i++) {
        if (!cast->players[i].inside)
            continue;
        inside++;
        if (make_room(standstill))
            standstill->places[standstill->place_count++] = tracer_position(cast->players[i].thread);
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

    note_places(standstill, cast);
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
    uintptr_t *functions = calloc(standstill->place_count + 1, sizeof(*functions));
    size_t     count;

    if (functions == NULL)
        return 0;
    for (size_t i = 0; i < standstill->place_count; i++)
        functions[i] = where_function(where_is(standstill), standstill->places[i]);
    count = distinct(functions, standstill->place_count);
    free(functions);
    return count;
}

void standstill_report(standstill_t *standstill, report_t *report)
{
    standstill->place_count = distinct(standstill->places, standstill->place_count);
    report_figure(report, "positions", "positions tried", (double)standstill->positions, "");
    report_figure(report, "positions_together", "of them with two or three threads stopped",
                  (double)standstill->together, "");
    report_figure(report, "instructions", "different instructions stopped at", (double)standstill->place_count, "");
    report_figure(report, "functions", "different functions stopped in", (double)count_functions(standstill), "");
    report_figure(report, "blocked", "positions that blocked another thread", (double)standstill->blocked, "");
}

void standstill_free(standstill_t *standstill)
{
    where_close(standstill->where);
    free(standstill->places);
}
