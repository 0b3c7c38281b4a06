/* SPDX-License-Identifier: MIT
 *
 * Forks, one after another, out of a process whose threads allocate, acquire, open and close all the while: each child
 * goes on with lintel, now and then to fork again, and so does the parent. vfork and posix_spawn start other programs
 * and run no handlers.
 */
#include <pthread.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <urcu/urcu-bp.h>

#include "atomic.h"
#include "os.h"
#include "outcome.h"
#include "scripted_os.h"
#include "subject.h"
#include "surroundings.h"
#include "team.h"
#include "unit.h"

enum {
    THREADS = 3,
    SIZE = 80,
    RENEWED = 7,
    BODIES_A_TURN = 64,
    EXIT_SPAWNED = 42,
    USUAL_FORKS = UNDER_ASAN ? 40 : 300
};

static const char spawned[] = "spawned";
static const char program[] = "/proc/self/exe";

static unsigned long         wanted = USUAL_FORKS;
static subject_t             subject;
static _Atomic bool          finished;
static _Atomic unsigned      faults;
static _Atomic unsigned long turns;
static unsigned long         handlers;

static bool allocate(lintel_module_t *module, unsigned char value)
{
    lintel_location_t location;
    unsigned char    *body = lintel_alloc(module, SIZE);

    if (!body || !all_bytes_are(body, SIZE, 0) || lintel_find(subject.heap, body, &location))
        return false;
    memset(body, value, SIZE);
    return all_bytes_are(body, SIZE, value);
}

/* A module of a key that nobody else uses, for as long as it takes. */
static bool open_and_close(uint64_t key)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};
    lintel_module_t     *module;

    if (lintel_module_open(subject.heap, &desc, &module))
        return false;
    bool well = allocate(module, 'm');
    lintel_module_release(module);
    module = lintel_module_acquire(subject.heap, key);
    lintel_module_release(module);
    return !lintel_module_close(subject.heap, key) && well && module;
}

/* A module that is renewed before it gets large: the larger the process, the longer takes a fork. */
static bool renew(void)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = RENEWED};
    lintel_module_t     *module;

    (void)lintel_module_close(subject.heap, RENEWED);
    if (lintel_module_open(subject.heap, &desc, &module))
        return false;
    lintel_module_release(module);
    return true;
}

/* Between a close and the next open there is none. */
static bool allocate_in_renewed(unsigned char value)
{
    lintel_module_t *module = lintel_module_acquire(subject.heap, RENEWED);
    bool             well = true;

    for (int i = 0; module && well && i < BODIES_A_TURN; i++)
        well = allocate(module, value);
    lintel_module_release(module);
    return well;
}

static void go_on(void *shared, unsigned member)
{
    bool well = true;

    (void)shared;
    /* relaxed, here and below: a sign to stop, and figures. */
    for (unsigned turn = 0; !atomic_load_relaxed(&finished) && well; turn++) {
        if (member == 0 && turn % 16 == 0)
            well = renew();
        else if (turn % 64 == 0)
            well = allocate(subject.module, (unsigned char)(member + 1)) && open_and_close(100 + member);
        else
            well = allocate_in_renewed((unsigned char)(member + 1));
        if (turn % 8 == 0)
            lintel_thread_flush();
        sched_yield();
        atomic_fetch_add_relaxed(&turns, 1);
    }
    atomic_fetch_add_relaxed(&faults, !well);
}

static bool live_on(void *context)
{
    bool well = true;

    for (int i = 0; i < 20; i++)
        well = well && allocate(subject.module, 'c');
    well = well && open_and_close(1000);
    lintel_thread_flush();
    if (!context)
        return well;
    /* What was closed is reclaimed here too. */
    urcu_bp_barrier();
    return well && child_says(live_on, NULL) && allocate(subject.module, 'd');
}

static bool ended_well(pid_t child)
{
    int status = 0;

    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SPAWNED;
}

static bool spawn(void)
{
    char *arguments[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)spawned, NULL};
    pid_t child;

    return !posix_spawn(&child, program, NULL, NULL, arguments, environ) && ended_well(child);
}

static bool vfork_and_execute(void)
{
    pid_t child = vfork();

    if (!child) {
        execl(program, program, spawned, (char *)NULL);
        _exit(1);
    }
    return ended_well(child);
}

static void count_handler(void)
{
    handlers++;
}

static void forks_come_at_any_time(void **state)
{
    unsigned long well = 0;
    unsigned long grandchild = 1;

    (void)state;
    need_threads_in_children();
    handlers = 0;
    team_start(THREADS, go_on, NULL);
    for (unsigned long i = 0; i < wanted && well == i; i++)
        well += child_says(live_on, i % 8 == 0 ? &grandchild : NULL);
    unsigned long forks = handlers;
    bool          others_well = true;
    for (int i = 0; i < 20; i++)
        others_well = others_well && spawn() && vfork_and_execute();
    atomic_store_relaxed(&finished, true); /* relaxed: as above. */
    team_join();
    assert_int_equal(well, wanted);
    assert_int_equal(forks, wanted);
    assert_true(others_well);
    assert_int_equal(handlers, forks);
    assert_int_equal(faults, 0);
    assert_true(live_on(NULL));
    urcu_bp_barrier();
    print_message("%lu forks, beside which the threads took %lu turns\n", forks, turns);
}

static int start(void **state)
{
    (void)state;
    subject = subject_open(4 * GIB, NULL, NULL);
    subject_free(&subject, MIB, 2 * GIB);
    return pthread_atfork(count_handler, NULL, NULL);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

/* The number of forks may be given. */
int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(forks_come_at_any_time, start, end)};

    if (count > 1 && !strcmp(arguments[1], spawned))
        return EXIT_SPAWNED;
    if (UNDER_TSAN) {
        puts("ThreadSanitizer gives up where a child starts a thread of its own in place of one it lost");
        return EXIT_SKIP;
    }
    if (UNDER_ASAN) {
        puts("AddressSanitizer's own allocator does not look after its locks in a fork: a child may find one taken");
        return EXIT_SKIP;
    }
    if (count > 1)
        wanted = strtoul(arguments[1], NULL, 10);
    try_threads_in_children();
    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
