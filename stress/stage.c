/* SPDX-License-Identifier: MIT */
#include "stage.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "handler.h"
#include "task.h"

scene_t stage_scene;

static pthread_t threads[STAGE_ACTORS];

void stage_fault(stage_t *stage, const char *call, const char *what)
{
    if (atomic_fetch_add(&stage->faults, 1) == 0)
        snprintf(stage->words, sizeof(stage->words), "%s: %s", call, what);
}

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        continue;
}

typedef struct {
    stage_t *stage;
    size_t   index;
} role_t;

static void *actor_main(void *argument)
{
    const role_t *role = argument;
    stage_t      *stage = role->stage;
    actor_t      *actor = &stage->actors[role->index];
    caller_t      caller = {.scene = &stage_scene, .own = role->index + 1};

    if (!actor->call->prepare(&caller))
        stage_fault(stage, actor->call->label, "could not be prepared");
    actor->thread = gettid();
    sem_post(&actor->ready);
    wait_for(&actor->gate);
    atomic_store(&actor->place, PLACE_INSIDE);
    actor->call->make(&caller);
    if (actor->call->nature & CALL_ENDS_THREAD)
        return NULL;
    if (handler_forked())
        handler_end_child(actor->call->check(&caller));
    atomic_store(&actor->place, PLACE_AFTER);
    /* The fork may have come between the two. */
    if (handler_forked())
        handler_end_child(actor->call->check(&caller));
    if (!actor->call->check(&caller))
        stage_fault(stage, actor->call->label, "wrong answer");
    return NULL;
}

/* One after the other: each finds what it needs. */
static int start_actor(stage_t *stage, size_t index)
{
    static role_t roles[STAGE_ACTORS];
    actor_t      *actor = &stage->actors[index];
    int           error;

    roles[index] = (role_t){stage, index};
    atomic_store(&actor->place, PLACE_BEFORE);
    sem_init(&actor->ready, 1, 0);
    sem_init(&actor->gate, 1, 0);
    error = pthread_create(&threads[index], NULL, actor_main, &roles[index]);
    if (error == 0)
        wait_for(&actor->ready);
    return -error;
}

static int set(stage_t *stage)
{
    int error = scene_open(&stage_scene);

    if (error == 0)
        error = newcomers_start(stage);
    for (size_t i = 0; error == 0 && i < stage->actor_count; i++)
        error = start_actor(stage, i);
    return error;
}

static int clear(stage_t *stage)
{
    for (size_t i = 0; i < stage->actor_count; i++)
        pthread_join(threads[i], NULL);
    newcomers_end();
    handler_check(stage);
    if (!scene_close(&stage_scene))
        stage_fault(stage, "books", "do not add up");
    return 0;
}

static void __attribute__((noreturn)) obey(stage_t *stage)
{
    pthread_t other;
    int       error = scene_prepare(&stage_scene);

    handler_install(stage);
    if (error == 0)
        error = -pthread_create(&other, NULL, errand_main, stage);
    for (;;) {
        wait_for(&stage->ordered);
        if (stage->order == STAGE_END)
            _exit(0);
        if (error == 0)
            error = stage->order == STAGE_SET ? set(stage) : clear(stage);
        stage->error = error;
        sem_post(&stage->obeyed);
    }
}

int stage_start(stage_t **stage)
{
    void    *memory = mmap(NULL, sizeof(stage_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    stage_t *started = memory;

    if (memory == MAP_FAILED)
        return -errno;
    sem_init(&started->ordered, 1, 0);
    sem_init(&started->obeyed, 1, 0);
    sem_init(&started->sent, 1, 0);
    sem_init(&started->back, 1, 0);
    fflush(NULL);
    started->process = fork();
    if (started->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        started->process = getpid();
        obey(started);
    }
    if (started->process < 0) {
        int error = -errno;
        munmap(memory, sizeof(stage_t));
        return error;
    }
    *stage = started;
    return 0;
}

/* Returns 0 or a negative errno; -ESRCH if the process died. */
static int order(stage_t *stage, stage_order_t what)
{
    stage->order = what;
    sem_post(&stage->ordered);
    while (sem_wait(&stage->obeyed) != 0)
        if (!task_exists(stage->process, stage->process))
            return -ESRCH;
    return stage->error;
}

int stage_set(stage_t *stage, const call_t *const *wanted, size_t count)
{
    stage->actor_count = count;
    for (size_t i = 0; i < count; i++)
        stage->actors[i].call = wanted[i];
    return order(stage, STAGE_SET);
}

int stage_clear(stage_t *stage)
{
    return order(stage, STAGE_CLEAR);
}

void stage_tell(stage_t *stage, verdict_t *verdict)
{
    unsigned faults = atomic_exchange(&stage->faults, 0);

    if (faults > 0)
        verdict_broken(verdict, "answer", "%s (%u of them)", stage->words, faults);
}

void stage_end(stage_t *stage)
{
    kill(stage->process, SIGKILL);
    waitpid(stage->process, NULL, 0);
    munmap(stage, sizeof(*stage));
}
