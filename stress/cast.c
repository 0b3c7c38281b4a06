/* SPDX-License-Identifier: MIT */
#include "cast.h"

#include <errno.h>

static bool is_inside(const cast_t *cast, size_t index)
{
    return atomic_load(&cast->stage->actors[index].place) == PLACE_INSIDE;
}

static tracer_outcome_t step(cast_t *cast, size_t index)
{
    const actor_t *actor = &cast->stage->actors[index];
    player_t      *player = &cast->players[index];
    bool           patiently = actor->call->nature & CALL_MAY_BLOCK || !player->inside;

    player->last = tracer_step(cast->stage->process, player->thread, patiently);
    return player->last;
}

/* From the gate to the call. */
static int enter(cast_t *cast, size_t index)
{
    player_t *player = &cast->players[index];

    sem_post(&cast->stage->actors[index].gate);
    while (!is_inside(cast, index))
        if (step(cast, index) != TRACER_STOPPED)
            return -ESRCH;
    player->inside = true;
    return 0;
}

int cast_begin(cast_t *cast, stage_t *stage, const call_t *const *wanted, size_t count)
{
    int error = stage_set(stage, wanted, count);

    *cast = (cast_t){.stage = stage, .count = count};
    for (size_t i = 0; error == 0 && i < count; i++) {
        cast->players[i].thread = stage->actors[i].thread;
        error = tracer_stop(cast->players[i].thread);
        if (error == 0)
            error = enter(cast, i);
    }
    return error;
}

tracer_outcome_t cast_step(cast_t *cast, size_t index)
{
    player_t        *player = &cast->players[index];
    tracer_outcome_t outcome = step(cast, index);

    player->steps += outcome == TRACER_STOPPED;
    if (outcome == TRACER_STOPPED && !is_inside(cast, index))
        tracer_let_go(player->thread, outcome);
    if (outcome == TRACER_ENDED || !is_inside(cast, index))
        player->inside = false;
    return outcome;
}

bool cast_is_inside(const cast_t *cast)
{
    for (size_t i = 0; i < cast->count; i++)
        if (cast->players[i].inside)
            return true;
    return false;
}

/* One that is blocked stops only when others have gone on. */
void cast_let_go(cast_t *cast)
{
    for (int blocked = 0; blocked < 2; blocked++)
        for (size_t i = 0; i < cast->count; i++) {
            player_t *player = &cast->players[i];

            if (!player->inside || (player->last == TRACER_BLOCKED) != blocked)
                continue;
            tracer_let_go(player->thread, player->last);
            player->inside = false;
        }
}

int cast_end(cast_t *cast, verdict_t *verdict)
{
    int error = stage_clear(cast->stage);

    stage_tell(cast->stage, verdict);
    return error;
}
