/* SPDX-License-Identifier: MIT */
#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "failure.h"

typedef struct {
    team_t   *team;
    size_t    index;
    pthread_t thread;
} member_t;

struct team {
    pthread_barrier_t start; /* the members, and who runs the team */
    pthread_barrier_t finish;
    team_work_t      *work; /* NULL: go home */
    void             *shared;
    size_t            count;
    member_t          members[];
};

static void *member_main(void *argument)
{
    const member_t *member = argument;
    team_t         *team = member->team;

    for (;;) {
        pthread_barrier_wait(&team->start);
        if (team->work == NULL)
            return NULL;
        team->work(team->shared, member->index);
        pthread_barrier_wait(&team->finish);
    }
}

/* The core, of those the process may use, that the thread is to stay on. */
static void choose_core(pthread_attr_t *attributes, const cpu_set_t *usable, size_t index)
{
    size_t    skip = index % (size_t)CPU_COUNT(usable);
    cpu_set_t chosen;

    CPU_ZERO(&chosen);
    for (size_t core = 0; core < CPU_SETSIZE && CPU_COUNT(&chosen) == 0; core++)
        if (CPU_ISSET(core, usable) && skip-- == 0)
            CPU_SET(core, &chosen);
    pthread_attr_setaffinity_np(attributes, sizeof(chosen), &chosen);
}

static void start_member(member_t *member, const cpu_set_t *usable)
{
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    if (member->team->count >= (size_t)CPU_COUNT(usable))
        choose_core(&attributes, usable, member->index);
    if (pthread_create(&member->thread, &attributes, member_main, member) != 0)
        failure("no thread could be made");
    pthread_attr_destroy(&attributes);
}

team_t *team_start(size_t threads)
{
    team_t   *team = calloc(1, sizeof(*team) + threads * sizeof(team->members[0]));
    cpu_set_t usable;

    if (team == NULL || sched_getaffinity(0, sizeof(usable), &usable) != 0)
        failure("no team could be made");
    team->count = threads;
    pthread_barrier_init(&team->start, NULL, (unsigned)threads + 1);
    pthread_barrier_init(&team->finish, NULL, (unsigned)threads + 1);
    for (size_t i = 0; i < threads; i++) {
        team->members[i] = (member_t){.team = team, .index = i};
        start_member(&team->members[i], &usable);
    }
    return team;
}

void team_run(team_t *team, team_work_t *work, void *shared)
{
    team->work = work;
    team->shared = shared;
    pthread_barrier_wait(&team->start);
    pthread_barrier_wait(&team->finish);
}

void team_end(team_t *team)
{
    team->work = NULL;
    pthread_barrier_wait(&team->start);
    for (size_t i = 0; i < team->count; i++)
        pthread_join(team->members[i].thread, NULL);
    pthread_barrier_destroy(&team->start);
    pthread_barrier_destroy(&team->finish);
    free(team);
}
