/* SPDX-License-Identifier: MIT */
#include "team.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "stopwatch.h"

enum { DRAW_NANOSECONDS = 100 * 1000 * 1000 };

/* Small, so that many threads fit; sanitizers need more than the rest of us. */
static const size_t stack_size = 1 << 20;

typedef enum { GATE_SHUT, GATE_OPEN, GATE_GO_HOME } gate_t;

typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t  gate_moved;
    pthread_cond_t  all_done;
    gate_t          gate;
    size_t          running;
    team_work_t    *work;
    void           *shared;
} team_t;

typedef struct {
    pthread_t thread;
    team_t   *team;
    size_t    index;
} member_t;

static gate_t wait_at_gate(team_t *team)
{
    gate_t gate;

    pthread_mutex_lock(&team->lock);
    while (team->gate == GATE_SHUT)
        pthread_cond_wait(&team->gate_moved, &team->lock);
    gate = team->gate;
    pthread_mutex_unlock(&team->lock);
    return gate;
}

static void *member_main(void *argument)
{
    member_t *member = argument;
    team_t   *team = member->team;

    if (wait_at_gate(team) == GATE_OPEN)
        team->work(team->shared, member->index);
    pthread_mutex_lock(&team->lock);
    if (--team->running == 0)
        pthread_cond_signal(&team->all_done);
    pthread_mutex_unlock(&team->lock);
    return NULL;
}

/* Returns 0 or a negative errno; *made tells how many threads wait at the gate either way. */
static int make_members(team_t *team, member_t *members, size_t threads, size_t *made)
{
    pthread_attr_t attributes;
    int            error = 0;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_size);
    for (*made = 0; error == 0 && *made < threads; *made += error == 0) {
        members[*made] = (member_t){.team = team, .index = *made};
        error = pthread_create(&members[*made].thread, &attributes, member_main, &members[*made]);
    }
    pthread_attr_destroy(&attributes);
    return -error;
}

static void move_gate(team_t *team, gate_t gate, size_t members)
{
    pthread_mutex_lock(&team->lock);
    team->gate = gate;
    team->running = members;
    pthread_cond_broadcast(&team->gate_moved);
    pthread_mutex_unlock(&team->lock);
}

/* The timeout only paces the drawing. */
static void wait_a_moment(team_t *team)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += DRAW_NANOSECONDS;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_cond_timedwait(&team->all_done, &team->lock, &until);
}

static void watch_members(team_t *team, progress_t *progress)
{
    pthread_mutex_lock(&team->lock);
    while (team->running > 0) {
        progress_draw(progress);
        wait_a_moment(team);
    }
    pthread_mutex_unlock(&team->lock);
}

static void team_end(team_t *team, member_t *members, size_t made)
{
    for (size_t i = 0; i < made; i++)
        pthread_join(members[i].thread, NULL);
    pthread_cond_destroy(&team->all_done);
    pthread_cond_destroy(&team->gate_moved);
    pthread_mutex_destroy(&team->lock);
    free(members);
}

int team_run(size_t threads, team_work_t *work, void *shared, progress_t *progress, double *seconds)
{
    team_t    team = {.gate = GATE_SHUT, .work = work, .shared = shared};
    member_t *members = calloc(threads, sizeof(*members));
    size_t    made = 0;
    double    started;
    int       error;

    if (members == NULL)
        return -ENOMEM;
    pthread_mutex_init(&team.lock, NULL);
    pthread_cond_init(&team.gate_moved, NULL);
    pthread_cond_init(&team.all_done, NULL);

    error = make_members(&team, members, threads, &made);
    started = stopwatch_now();
    move_gate(&team, error == 0 ? GATE_OPEN : GATE_GO_HOME, made);
    watch_members(&team, progress);
    if (error == 0)
        *seconds = stopwatch_now() - started;
    team_end(&team, members, made);
    return error;
}
