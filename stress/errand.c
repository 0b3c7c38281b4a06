/* SPDX-License-Identifier: MIT
 *
 * errand: what another thread does, to completion, while the actors stand still: it allocates, from what there is and
 * by growing, acquires and releases, and looks up; now and then a thread that never called lintel does too.
 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "stage.h"

enum { SIZE = 48 };

static const size_t larger_than_region = (size_t)2 << 20;

typedef struct {
    pthread_t thread;
    stage_t  *stage;
    sem_t     sent;
    sem_t     back;
    bool      used;
    pid_t     id;
} newcomer_t;

static newcomer_t newcomers[STAGE_NEWCOMERS];
static size_t     newcomer_count;
static size_t     newcomers_used;

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        continue;
}

static void allocate(stage_t *stage, const subject_t *subject, size_t size)
{
    char *body = lintel_alloc(subject->module, size);

    if (!scene_is_fresh(&stage_scene, subject, body, size))
        stage_fault(stage, "another thread's allocation", body == NULL ? "refused" : "not a fresh body");
    if (body != NULL)
        body[0] = body[size - 1] = 'o';
}

/* Where somebody else may be about to make room, but has not. */
static void ask_too_much(stage_t *stage)
{
    atomic_store(&stage->doing, "lintel_alloc, which fails");
    if (lintel_alloc(stage_scene.narrow.module, TOO_MANY_PAGES * stage_scene.page) != NULL || errno != ENOSPC)
        stage_fault(stage, "another thread's allocation", "not refused");
}

static void use(stage_t *stage, const subject_t *subject)
{
    lintel_module_t *module;

    atomic_store(&stage->doing, "lintel_module_acquire");
    module = lintel_module_acquire(stage_scene.heap, subject->key);
    if (module != subject->module)
        stage_fault(stage, "another thread's look-up", "not the module");
    atomic_store(&stage->doing, "lintel_alloc, then lintel_find");
    allocate(stage, subject, SIZE);
    atomic_store(&stage->doing, "lintel_module_release");
    lintel_module_release(module);
}

static void *newcomer_main(void *argument)
{
    newcomer_t *newcomer = argument;

    newcomer->id = gettid();
    sem_post(&newcomer->back);
    wait_for(&newcomer->sent);
    if (newcomer->used)
        allocate(newcomer->stage, &stage_scene.large, SIZE);
    sem_post(&newcomer->back);
    return NULL;
}

static void send_newcomer(stage_t *stage)
{
    newcomer_t *newcomer = &newcomers[newcomers_used++];

    atomic_store(&stage->doing, "a thread's first lintel_alloc");
    newcomer->used = true;
    atomic_store(&stage->newcomer, newcomer->id);
    sem_post(&newcomer->sent);
    wait_for(&newcomer->back);
    atomic_store(&stage->newcomer, 0);
}

static void run_errand(stage_t *stage)
{
    use(stage, &stage_scene.small);
    use(stage, &stage_scene.large);
    if (stage->errand.refused)
        ask_too_much(stage);
    atomic_store(&stage->doing, "lintel_alloc, which grows the small module");
    allocate(stage, &stage_scene.small, 2 * stage_scene.page);
    atomic_store(&stage->doing, "lintel_alloc, which grows the large module");
    if (stage->errand.grow)
        allocate(stage, &stage_scene.large, larger_than_region);
    if (stage->errand.newcomer && newcomers_used < newcomer_count)
        send_newcomer(stage);
}

void *errand_main(void *argument)
{
    stage_t *stage = argument;

    stage->other = gettid();
    for (;;) {
        wait_for(&stage->sent);
        run_errand(stage);
        atomic_store(&stage->doing, "nothing");
        sem_post(&stage->back);
    }
    return NULL;
}

int newcomers_start(stage_t *stage)
{
    int error = 0;

    newcomers_used = 0;
    for (newcomer_count = 0; error == 0 && newcomer_count < STAGE_NEWCOMERS; newcomer_count += error == 0) {
        newcomer_t *newcomer = &newcomers[newcomer_count];

        newcomer->stage = stage;
        newcomer->used = false;
        sem_init(&newcomer->sent, 0, 0);
        sem_init(&newcomer->back, 0, 0);
        error = pthread_create(&newcomer->thread, NULL, newcomer_main, newcomer);
        if (error == 0)
            wait_for(&newcomer->back);
    }
    return -error;
}

void newcomers_end(void)
{
    for (size_t i = newcomers_used; i < newcomer_count; i++)
        sem_post(&newcomers[i].sent);
    for (size_t i = 0; i < newcomer_count; i++)
        pthread_join(newcomers[i].thread, NULL);
}
