/* SPDX-License-Identifier: MIT
 *
 * The kernel's list of threads passes over one where another ends beside it. This program's own syscall, in the place
 * of the C library's, does the same: it takes a thread out of the list, a few times. That one has to be stopped too.
 */
#include "native_unit.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_thread_that_was_not_listed_stops_too)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
