/* SPDX-License-Identifier: MIT
 *
 * Threads that are hard to stop: one that the kernel's list passes over, as it does where another ends beside it (this
 * program's own syscall, in the place of the C library's, takes one out of the list, a few times); and one that waits,
 * deaf, for what another holds that has stopped.
 */
#include "native_unit.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "threads.h"

enum { TIMES_HIDDEN = 3 };

/* What SYS_getdents64 fills in. */
typedef struct {
    uint64_t       inode;
    int64_t        offset;
    unsigned short length;
    unsigned char  type;
    char           name[];
} entry_t;

static atomic_int  hidden; /* a thread */
static atomic_int  times_left;
static atomic_int  asked; /* how many have been sent the signal */
static atomic_bool over;

static pthread_mutex_t    lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool        is_held;
static atomic_bool        is_deaf;
static _Atomic(pthread_t) holder;
static atomic_bool        holder_stopped;

/* Takes the hidden thread out of a part of the list. Returns how long it is then. */
static long hide(char *entries, long size)
{
    for (long at = 0; at < size;) {
        long length = ((entry_t *)(void *)(entries + at))->length;

        if (strtol(((entry_t *)(void *)(entries + at))->name, NULL, 10) == atomic_load(&hidden)) {
            memmove(entries + at, entries + at + length, (size_t)(size - at - length));
            atomic_fetch_sub(&times_left, 1);
            return size - length;
        }
        at += length;
    }
    return size;
}

long syscall(long sysno, ...)
{
    static long (*_Atomic real)(long number, ...);
    long    arguments[6];
    va_list list;

    va_start(list, sysno);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    if (atomic_load(&real) == NULL)
        atomic_store(&real, (long (*)(long, ...))(uintptr_t)dlsym(RTLD_NEXT, "syscall"));
    if (sysno == SYS_rt_tgsigqueueinfo)
        atomic_fetch_add(&asked, 1);
    /* Only a thread that stops comes here with it. */
    if (sysno == SYS_futex && atomic_load(&is_held) && pthread_equal(pthread_self(), atomic_load(&holder)))
        atomic_store(&holder_stopped, true);
    long result = atomic_load(&real)(sysno, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                                     arguments[5]);
    return sysno == SYS_getdents64 && atomic_load(&times_left) > 0 ? hide((char *)arguments[1], result) : result;
}

static void *run(void *hides)
{
    if (hides != NULL)
        atomic_store(&hidden, (int)syscall(SYS_gettid));
    while (!atomic_load(&over))
        sched_yield();
    return NULL;
}

static void a_thread_that_was_not_listed_stops_too(void **state)
{
    pthread_t threads[2];

    (void)state;
    assert_int_equal(pthread_create(&threads[0], NULL, run, NULL), 0);
    assert_int_equal(pthread_create(&threads[1], NULL, run, &hidden), 0);
    while (atomic_load(&hidden) == 0)
        sched_yield();
    atomic_store(&times_left, TIMES_HIDDEN);
    assert_false(threads_alone());
    int result = threads_stop();
    int sent = atomic_load(&asked);
    threads_resume();
    atomic_store(&over, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(result, 0);
    assert_int_equal(sent, 2);
    assert_int_equal(atomic_load(&times_left), 0);
}

static void *hold(void *context)
{
    pthread_mutex_lock(&lock);
    atomic_store(&holder, pthread_self());
    atomic_store(&is_held, true);
    while (!atomic_load(&holder_stopped))
        sched_yield();
    pthread_mutex_unlock(&lock);
    return context;
}

static void *wait_deaf(void *context)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    atomic_store(&is_deaf, true);
    pthread_mutex_lock(&lock);
    pthread_mutex_unlock(&lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return context;
}

static void a_thread_that_waits_for_one_that_stopped_stops_too(void **state)
{
    pthread_t threads[2];

    (void)state;
    assert_int_equal(pthread_create(&threads[0], NULL, hold, NULL), 0);
    while (!atomic_load(&is_held))
        sched_yield();
    assert_int_equal(pthread_create(&threads[1], NULL, wait_deaf, NULL), 0);
    while (!atomic_load(&is_deaf))
        sched_yield();
    int result = threads_stop();
    if (result == 0)
        threads_resume();
    atomic_store(&holder_stopped, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_was_not_listed_stops_too),
        cmocka_unit_test(a_thread_that_waits_for_one_that_stopped_stops_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
