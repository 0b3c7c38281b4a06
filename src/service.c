/* SPDX-License-Identifier: MIT */
#include "service.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

#include "cache_idle.h"
#include "fork.h"
#include "sem_clockwait.h"
#include "signals.h"

/* Nanoseconds. */
#define SHORTEST_SLEEP  250000L
#define LONGEST_AT_WORK 4000000L
#define LONG_SLEEP      64000000L
#define LONGEST_SLEEP   999999999L
#define NANOSECONDS     1000000000L

/* Every so many looks at a module, chunks that threads have not used since come back to it. */
#define LOOKS_TO_RECLAIM 16

/* A module that did not move in so many looks has to announce itself anew. */
#define STILL_LOOKS 256

/* Takes in what was announced. */
static void admit(service_t *service)
{
    /* acquire: pairs with announce's release; the modules' `next` are set. */
    module_t *module = atomic_exchange_acquire(&service->space->announced, NULL);

    for (module_t *next; module; module = next) {
        next = module->ahead.next;
        module->ahead.next = service->modules;
        module->ahead.still = 0;
        service->modules = module;
    }
}

static void unlink_module(service_t *service, const module_t *module)
{
    module_t **link = &service->modules;

    while (*link && *link != module)
        link = &(*link)->ahead.next;
    if (*link)
        *link = module->ahead.next;
    if (service->next == module)
        service->next = module->ahead.next;
}

/* Lets go of a module that does not move; it announces itself again. */
static void dismiss(service_t *service, module_t *module)
{
    unlink_module(service, module);
    /* release: pairs with service_forget's acquire; the module is not touched any more. */
    atomic_store_release(&module->announced, false);
}

static ahead_pace_t look_at(service_t *service, module_t *module)
{
    ahead_pace_t pace = ahead_look(module);

    if (++module->ahead.looks % LOOKS_TO_RECLAIM == 0)
        cache_reclaim_idle(module);
    module->ahead.still = pace == AHEAD_STILL ? module->ahead.still + 1 : 0;
    if (module->ahead.still >= STILL_LOOKS)
        dismiss(service, module);
    return pace;
}

ahead_pace_t service_pass(service_t *service)
{
    ahead_pace_t fastest = AHEAD_STILL;

    fork_hold();
    admit(service);
    for (service->next = service->modules; service->next;) {
        module_t *module = service->next;
        service->next = module->ahead.next;
        ahead_pace_t pace = look_at(service, module);
        fastest = pace > fastest ? pace : fastest;
        /* Whoever waits to fork, or to free a module, goes first. */
        fork_release();
        fork_hold();
    }
    fork_release();
    return fastest;
}

void service_forget(service_t *service, module_t *module)
{
    /* acquire: pairs with dismiss's release. Nobody announces it any more. */
    if (!atomic_load_acquire(&module->announced))
        return;
    fork_hold();
    admit(service);
    unlink_module(service, module);
    fork_release();
}

static long next_sleep(long sleep, ahead_pace_t pace)
{
    if (pace == AHEAD_STILL)
        return sleep < LONGEST_SLEEP / 2 ? 2 * sleep : LONGEST_SLEEP;
    if (sleep > LONGEST_AT_WORK)
        return SHORTEST_SLEEP;
    if (pace == AHEAD_STEADY)
        return sleep;
    if (pace == AHEAD_CALM)
        return sleep < LONGEST_AT_WORK / 2 ? 2 * sleep : LONGEST_AT_WORK;
    return sleep > 2 * SHORTEST_SLEEP ? sleep / 2 : SHORTEST_SLEEP;
}

/* Sleeps. Returns whether it was woken. */
static bool rest(service_t *service, long sleep)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (until.tv_nsec + sleep) / NANOSECONDS;
    until.tv_nsec = (until.tv_nsec + sleep) % NANOSECONDS;
    /* relaxed, both: a hint to service_start. */
    atomic_store_relaxed(&service->dozing, sleep >= LONG_SLEEP);
    bool woken = !sem_clockwait(&service->wake, CLOCK_MONOTONIC, &until);
    atomic_store_relaxed(&service->dozing, false);
    return woken;
}

static void *serve(void *context)
{
    service_t         *service = context;
    long               sleep = LONGEST_AT_WORK;
    struct sched_param none = {0};

    pthread_setname_np(pthread_self(), "lintel-service");
    /* As it wakes it is not to take the processor from those it works for. */
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &none);
    /* relaxed: nothing is read through it; the join orders the rest. */
    while (!atomic_load_relaxed(&service->stopping)) {
        sleep = next_sleep(sleep, service_pass(service));
        if (rest(service, sleep))
            sleep = LONGEST_AT_WORK;
    }
    return NULL;
}

static bool is_running(const service_t *service)
{
    /* acquire: pairs with create's release; the semaphore is there. */
    return atomic_load_acquire(&service->process) == fork_process();
}

/* Ends a long sleep: modules that are opened will be allocated from. */
static void wake(service_t *service)
{
    /* relaxed and acquire: one caller wakes it; nothing is read through the word. */
    if (atomic_load_relaxed(&service->dozing) && atomic_exchange_acquire(&service->dozing, false))
        sem_post(&service->wake);
}

/* Returns 0; -EAGAIN. */
static int create(service_t *service, space_t *space)
{
    service->space = space;
    sem_init(&service->wake, 0, 0);
    sigset_t before = signals_block();
    int      refused = pthread_create(&service->thread, NULL, serve, service);
    signals_restore(before);
    if (refused)
        return -EAGAIN;
    /* release: pairs with is_running's acquire; the semaphore is there. */
    atomic_store_release(&service->process, fork_process());
    return 0;
}

int service_start(service_t *service, space_t *space)
{
    if (space->options->service != LINTEL_ON)
        return -ENOENT;
    if (is_running(service)) {
        wake(service);
        return 0;
    }
    fork_hold();
    int result = is_running(service) ? 0 : create(service, space);
    fork_release();
    return result;
}

void service_stop(service_t *service)
{
    if (!is_running(service))
        return;
    /* relaxed: as in serve. */
    atomic_store_relaxed(&service->stopping, true);
    sem_post(&service->wake);
    pthread_join(service->thread, NULL);
    sem_destroy(&service->wake);
    /* relaxed: nobody else uses the service. */
    atomic_store_relaxed(&service->process, 0);
}
