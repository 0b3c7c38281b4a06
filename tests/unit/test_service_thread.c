/* SPDX-License-Identifier: MIT
 *
 * service: the thread itself. When it comes and goes, what it does while others allocate, close and fork.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "atomic.h"
#include "os.h"
#include "outcome.h"
#include "registry.h"
#include "service_subject.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { LONG_SLEEP = 60 * 1000 * 1000 };

static const lintel_heap_options_t serviced = {.service = LINTEL_ON};

static subject_t subject;

/* Long sleeps last until somebody ends them; short ones none at all. */
static _Atomic bool sleeping_for_ever;
static sem_t        asleep;

int __real_sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until);
int __wrap_sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until);

int __wrap_sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
    struct timespec now;

    if (!atomic_load(&sleeping_for_ever))
        return __real_sem_clockwait(semaphore, clock, until);
    clock_gettime(clock, &now);
    if ((until->tv_sec - now.tv_sec) * 1000000000L + until->tv_nsec - now.tv_nsec < LONG_SLEEP) {
        errno = ETIMEDOUT;
        return sem_trywait(semaphore);
    }
    sem_post(&asleep);
    return sem_wait(semaphore);
}

static void wait_for(sem_t *semaphore)
{
    assert_int_equal(sem_wait(semaphore), 0);
}

/* What the thread is, seen from inside a look. */
static sem_t    looking;
static char     thread_name[16];
static sigset_t blocked;
static int      policy;

static void note_thread(void)
{
    struct sched_param parameters;

    pthread_getname_np(pthread_self(), thread_name, sizeof(thread_name));
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    pthread_getschedparam(pthread_self(), &policy, &parameters);
    sem_post(&looking);
}

static void open_subject(const lintel_heap_options_t *options)
{
    sem_init(&looking, 0, 0);
    sem_init(&asleep, 0, 0);
    subject = subject_open(256 * MIB, options, NULL);
    subject_free(&subject, MIB, 128 * MIB);
}

static int open_key(uint64_t key, lintel_module_t **module)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};

    return lintel_module_open(subject.heap, &desc, module);
}

/* The thread prepares regions between two looks at the books. */
static void end_subject(void)
{
    service_stop(&subject.heap->service);
    subject_end(&subject);
}

static int clear(void **state)
{
    atomic_store(&sleeping_for_ever, false);
    unsetenv("LINTEL_OPTIONS");
    return service_clear(state);
}

static void nobody_gets_a_thread_unasked(void **state)
{
    (void)state;
    open_subject(NULL);
    assert_int_equal(lintel_heap_service(subject.heap), -ENOENT);
    assert_int_equal(threads_made(), 0);
    subject_end(&subject);
    assert_int_equal(lintel_heap_service(NULL), -EINVAL);
}

static void the_heap_has_one_thread_until_its_end(void **state)
{
    (void)state;
    open_subject(&serviced);
    assert_int_equal(lintel_heap_service(subject.heap), 0);
    assert_int_equal(threads_ended(), 0);
    subject_end(&subject);
    assert_int_equal(threads_made(), 1);
    assert_int_equal(threads_ended(), 1);
}

static void the_environment_decides(void **state)
{
    (void)state;
    setenv("LINTEL_OPTIONS", "service=1", 1);
    open_subject(NULL);
    assert_int_equal(lintel_heap_service(subject.heap), 0);
    subject_end(&subject);
    setenv("LINTEL_OPTIONS", "service=0", 1);
    open_subject(&serviced);
    assert_int_equal(lintel_heap_service(subject.heap), -ENOENT);
    subject_end(&subject);
    assert_int_equal(threads_made(), 1);
}

static void a_heap_without_the_thread_works(void **state)
{
    (void)state;
    refuse_threads(true);
    open_subject(&serviced);
    assert_int_equal(lintel_heap_service(subject.heap), -EAGAIN);
    hand_out(subject.module, 8 * MIB);
    assert_int_equal(stats_of(subject.module).failures, 0);
    subject_end(&subject);
}

static void a_refused_thread_comes_with_a_later_module(void **state)
{
    lintel_module_t *module;

    (void)state;
    refuse_threads(true);
    open_subject(&serviced);
    refuse_threads(false);
    assert_int_equal(open_key(2, &module), 0);
    assert_int_equal(threads_made(), 1);
    subject_end(&subject);
    assert_int_equal(threads_ended(), 1);
}

static void the_thread_has_a_name_and_no_signals(void **state)
{
    (void)state;
    open_subject(&serviced);
    while_populating(note_thread);
    hand_out(subject.module, 8 * MIB);
    wait_for(&looking);
    end_subject();
    assert_string_equal(thread_name, "lintel-service");
    assert_int_equal(policy, SCHED_BATCH);
    for (int signal = 1; signal < 32; signal++)
        assert_true(signal == SIGKILL || signal == SIGSTOP || sigismember(&blocked, signal));
}

static void who_makes_it_keeps_the_own_signals(void **state)
{
    sigset_t before;
    sigset_t after;

    (void)state;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    open_subject(&serviced);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int signal = 1; signal < 32; signal++)
        assert_int_equal(sigismember(&before, signal), sigismember(&after, signal));
    assert_false(sigismember(&after, SIGTERM));
    end_subject();
}

/* Left alone it would sleep for ever here. */
static void an_opened_module_wakes_it(void **state)
{
    (void)state;
    atomic_store(&sleeping_for_ever, true);
    open_subject(&serviced);
    for (uint64_t key = 1; key < 4; key++) {
        lintel_module_t *module;
        wait_for(&asleep);
        assert_int_equal(open_key(key, &module), 0);
    }
    wait_for(&asleep);
    end_subject();
    assert_int_equal(threads_ended(), 1);
}

/* What went wrong in a thread. */
static void check(_Atomic unsigned *wrong, bool well)
{
    atomic_fetch_add(wrong, !well);
}

static void fill(_Atomic unsigned *wrong, lintel_module_t *module, unsigned member)
{
    for (size_t i = 0; i < 3000; i++) {
        size_t size = 40 + i % 500;
        char  *body = lintel_alloc(module, size);
        check(wrong, body && all_bytes_are(body, size, 0));
        if (body)
            memset(body, (int)('a' + member), size);
    }
}

static void open_fill_and_close(_Atomic unsigned *wrong, unsigned member)
{
    lintel_module_t *module = NULL;

    check(wrong, !open_key(10 + member, &module));
    fill(wrong, module, member);
    fill(wrong, subject.module, member);
    check(wrong, !lintel_module_close(subject.heap, 10 + member));
    lintel_module_release(module);
}

static void come_and_go(void *shared, unsigned member)
{
    for (unsigned turn = 0; turn < 30; turn++)
        open_fill_and_close(shared, member);
}

static void modules_come_and_go_beside_it(void **state)
{
    _Atomic unsigned wrong = 0;
    lintel_stats_t   stats;

    (void)state;
    open_subject(&serviced);
    team_run(2, come_and_go, &wrong);
    assert_int_equal(wrong, 0);
    urcu_bp_barrier();
    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    assert_int_equal(stats.modules, 1);
    assert_int_equal(stats.failures, 0);
    end_subject();
}

static bool is_looked_after(void *unused)
{
    (void)unused;
    sem_init(&looking, 0, 0);
    while_populating(note_thread);
    for (size_t bytes = 0; bytes < 8 * MIB; bytes += 4 * KIB)
        if (!lintel_alloc(subject.module, 4 * KIB))
            return false;
    wait_for(&looking);
    while_populating(NULL);
    return true;
}

static bool child_without_thread(void *context)
{
    bool works = lintel_alloc(subject.module, MIB);
    lintel_heap_destroy(subject.heap);
    return works && threads_made() == *(unsigned *)context;
}

static void a_child_needs_no_thread(void **state)
{
    (void)state;
    open_subject(&serviced);
    hand_out(subject.module, MIB);
    unsigned made = threads_made();
    assert_true(child_says(child_without_thread, &made));
    assert_true(is_looked_after(NULL));
    end_subject();
}

static bool child_with_thread(void *context)
{
    lintel_module_t *module;

    if (open_key(2, &module) || threads_made() != *(unsigned *)context + 1 || !is_looked_after(NULL))
        return false;
    lintel_heap_destroy(subject.heap);
    return threads_made() == *(unsigned *)context + 1;
}

static void a_child_gets_one_with_its_first_module(void **state)
{
    (void)state;
    if (UNDER_TSAN)
        skip_because("ThreadSanitizer ends a child whose thread has the id that one of the parent's had");
    open_subject(&serviced);
    hand_out(subject.module, MIB);
    unsigned made = threads_made();
    assert_true(child_says(child_with_thread, &made));
    assert_true(is_looked_after(NULL));
    end_subject();
}

static _Atomic bool look_is_over;

static void look_for_long(void)
{
    enum { YIELDS = 20000 };

    while_populating(NULL);
    sem_post(&looking);
    for (int i = 0; i < YIELDS; i++)
        sched_yield();
    atomic_store(&look_is_over, true);
}

static bool finds_nothing_half_done(void *unused)
{
    lintel_module_t *module;

    (void)unused;
    /* What the service holds, others can get. */
    return atomic_load(&look_is_over) && !open_key(2, &module) && !lintel_module_close(subject.heap, 2) &&
           lintel_alloc(subject.module, MIB);
}

static void a_fork_waits_for_a_look(void **state)
{
    (void)state;
    open_subject(&serviced);
    while_populating(look_for_long);
    hand_out(subject.module, MIB);
    wait_for(&looking);
    assert_true(child_says(finds_nothing_half_done, NULL));
    end_subject();
}

static _Atomic bool finished;

static void keep_it_busy(void *shared, unsigned member)
{
    /* relaxed: a sign to stop. */
    while (!atomic_load_relaxed(&finished))
        open_fill_and_close(shared, member);
}

static bool lives_on(void *unused)
{
    _Atomic unsigned wrong = 0;

    (void)unused;
    refuse_threads(UNDER_TSAN); /* as above */
    fill(&wrong, subject.module, 0);
    open_fill_and_close(&wrong, 2);
    return !wrong;
}

static void a_fork_may_come_at_any_time(void **state)
{
    enum { FORKS = 20 };
    _Atomic unsigned wrong = 0;
    unsigned         well = 0;

    (void)state;
    open_subject(&serviced);
    atomic_store(&finished, false);
    team_start(2, keep_it_busy, &wrong);
    for (int i = 0; i < FORKS; i++)
        well += child_says(lives_on, NULL);
    atomic_store_relaxed(&finished, true); /* relaxed: a sign to stop. */
    team_join();
    assert_int_equal(well, FORKS);
    assert_int_equal(wrong, 0);
    end_subject();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nobody_gets_a_thread_unasked, clear),
        cmocka_unit_test_teardown(the_heap_has_one_thread_until_its_end, clear),
        cmocka_unit_test_teardown(the_environment_decides, clear),
        cmocka_unit_test_teardown(a_heap_without_the_thread_works, clear),
        cmocka_unit_test_teardown(a_refused_thread_comes_with_a_later_module, clear),
        cmocka_unit_test_teardown(the_thread_has_a_name_and_no_signals, clear),
        cmocka_unit_test_teardown(who_makes_it_keeps_the_own_signals, clear),
        cmocka_unit_test_teardown(an_opened_module_wakes_it, clear),
        cmocka_unit_test_teardown(modules_come_and_go_beside_it, clear),
        cmocka_unit_test_teardown(a_child_gets_one_with_its_first_module, clear),
        cmocka_unit_test_teardown(a_child_needs_no_thread, clear),
        cmocka_unit_test_teardown(a_fork_waits_for_a_look, clear),
        cmocka_unit_test_teardown(a_fork_may_come_at_any_time, clear),
    };
    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
