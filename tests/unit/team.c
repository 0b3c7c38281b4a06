/* SPDX-License-Identifier: MIT */
#include "team.h"

#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { MOST_MEMBERS = 16, CHILD_SECONDS = 60 };

typedef struct {
    pthread_t      thread;
    member_work_t *work;
    void          *shared;
    unsigned       number;
} member_t;

static pthread_barrier_t gate;
static member_t          members[MOST_MEMBERS];
static unsigned          member_count;

static void *member_main(void *argument)
{
    member_t *member = argument;

    pthread_barrier_wait(&gate);
    member->work(member->shared, member->number);
    return NULL;
}

void team_start(unsigned count, member_work_t *work, void *shared)
{
    assert_true(count <= MOST_MEMBERS);
    assert_int_equal(pthread_barrier_init(&gate, NULL, count), 0);
    member_count = count;
    for (unsigned i = 0; i < count; i++) {
        members[i] = (member_t){.work = work, .shared = shared, .number = i};
        assert_int_equal(pthread_create(&members[i].thread, NULL, member_main, &members[i]), 0);
    }
}

void team_join(void)
{
    for (unsigned i = 0; i < member_count; i++)
        assert_int_equal(pthread_join(members[i].thread, NULL), 0);
    pthread_barrier_destroy(&gate);
}

void team_run(unsigned count, member_work_t *work, void *shared)
{
    team_start(count, work, shared);
    team_join();
}

/* In a build with coverage only. */
void __gcov_dump(void) __attribute__((weak));

void keep_counts(void)
{
    if (__gcov_dump)
        __gcov_dump();
}

bool child_says(bool (*work)(void *context), void *context)
{
    int status = 0;

    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        alarm(CHILD_SECONDS);
        bool well = work(context);
        keep_counts();
        _exit(well ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status)
        print_message("the child's wait status is %#x\n", (unsigned)status);
    return status == 0;
}

unsigned random_below(unsigned long *seed, unsigned limit)
{
    *seed = *seed * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(*seed >> 33) % limit;
}

turns_t *turns_start(void)
{
    turns_t *turns = mmap(NULL, sizeof(*turns), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    assert_ptr_not_equal(turns, MAP_FAILED);
    sem_init(&turns->childs_turn, 1, 0);
    sem_init(&turns->parents_turn, 1, 0);
    return turns;
}

void turns_end(turns_t *turns)
{
    munmap(turns, sizeof(*turns));
}

void turns_pass(sem_t *to, sem_t *wait_for)
{
    sem_post(to);
    while (sem_wait(wait_for))
        continue;
}
