/* SPDX-License-Identifier: MIT */
#include "service_subject.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "atomic.h"
#include "os.h"
#include "scripted_os.h"
#include "surroundings.h"
#include "unit.h"

/* What a thread is to do. */
typedef struct {
    void *(*main)(void *argument);
    void *argument;
} errand_t;

static _Atomic bool      refusing;
static _Atomic unsigned  made;
static _Atomic unsigned  ended;
static _Atomic unsigned  calls;
static _Atomic uintptr_t last_start;
static _Atomic uintptr_t last_end;
static void (*_Atomic visitor)(void);
static void (*_Atomic visitor_between)(void);

int  __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main)(void *), void *argument);
int  __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main)(void *), void *argument);
void __real_fork_release(void);
void __wrap_fork_release(void);
void __real_os_populate(range_t range);
void __wrap_os_populate(range_t range);

void refuse_threads(bool refused)
{
    atomic_store(&refusing, refused);
}

unsigned threads_made(void)
{
    return atomic_load(&made);
}

unsigned threads_ended(void)
{
    return atomic_load(&ended);
}

unsigned populated(void)
{
    return atomic_load(&calls);
}

range_t last_populated(void)
{
    return (range_t){atomic_load(&last_start), atomic_load(&last_end)};
}

void while_populating(void (*visit)(void))
{
    atomic_store(&visitor, visit);
}

void between_looks(void (*visit)(void))
{
    atomic_store(&visitor_between, visit);
}

int service_clear(void **state)
{
    refuse_threads(false);
    while_populating(NULL);
    between_looks(NULL);
    atomic_store(&made, 0);
    atomic_store(&ended, 0);
    atomic_store(&calls, 0);
    return script_clear(state);
}

static void *run_errand(void *context)
{
    errand_t errand = *(errand_t *)context;

    free(context);
    void *result = errand.main(errand.argument);
    atomic_fetch_add(&ended, 1);
    return result;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main)(void *), void *argument)
{
    if (atomic_load(&refusing))
        return EAGAIN;
    errand_t *errand = malloc(sizeof(*errand));
    if (!errand)
        return EAGAIN;
    *errand = (errand_t){main, argument};
    atomic_fetch_add(&made, 1);
    return __real_pthread_create(thread, attributes, run_errand, errand);
}

void __wrap_os_populate(range_t range)
{
    void (*visit)(void) = atomic_load(&visitor);

    if (visit)
        visit();
    atomic_store(&last_start, range.start);
    atomic_store(&last_end, range.end);
    atomic_fetch_add(&calls, 1);
    __real_os_populate(range);
}

void __wrap_fork_release(void)
{
    void (*visit)(void) = atomic_exchange(&visitor_between, NULL);

    __real_fork_release();
    if (visit)
        visit();
}

size_t resident_in(range_t range)
{
    size_t bytes = 0;

    need_populate();
    for (uintptr_t page = range.start; page < range.end; page += os_page_size()) {
        unsigned char resident = 0;
        bytes += mincore((void *)page, 1, &resident) == 0 && resident & 1 ? os_page_size() : 0;
    }
    return bytes;
}

unsigned kernel_calls(void)
{
    unsigned sum = 0;

    for (os_call_t call = 0; call < META_ALLOCATE; call++)
        sum += script_calls(call);
    return sum + populated();
}
