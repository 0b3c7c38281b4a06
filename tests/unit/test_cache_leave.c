/* SPDX-License-Identifier: MIT
 *
 * cache: a fork, as a signal handler makes it, in the middle of giving a chunk back, to a module that is just being
 * reclaimed or by a thread that ends, and of getting a page. Neither side waits for the other, and both finish what was
 * interrupted.
 */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <urcu/urcu-bp.h>

#include "atomic.h"
#include "cache.h"
#include "os.h"
#include "outcome.h"
#include "refusals.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "surroundings.h"
#include "team.h"
#include "unit.h"

#define HANDED_OUT (256 * KIB)

static subject_t        subject;
static lintel_module_t *leaving;  /* a module that a thread has a chunk of */
static _Atomic unsigned refusals; /* how often somebody found that it cannot be forgotten yet */
static void (*interrupt)(void);   /* what happens when that chunk is set aside, once */
static pid_t child;

void __real_module_set_aside(module_t *module, range_t span);
void __wrap_module_set_aside(module_t *module, range_t span);

void __wrap_module_set_aside(module_t *module, range_t span)
{
    void (*now)(void) = interrupt;

    if (now && module == leaving->module) {
        interrupt = NULL;
        now();
    }
    __real_module_set_aside(module, span);
}

bool __real_cache_forget(const module_t *module);
bool __wrap_cache_forget(const module_t *module);

bool __wrap_cache_forget(const module_t *module)
{
    bool forgotten = __real_cache_forget(module);

    if (!forgotten)
        atomic_fetch_add_relaxed(&refusals, 1); /* relaxed: a sign */
    return forgotten;
}

static void fork_now(void)
{
    child = fork();
}

static int start(void **state)
{
    lintel_heap_options_t options = {.first_region = MIB};
    lintel_module_desc_t  desc = {.image_size = os_page_size(), .key = 7, .reach = GIB - 1};

    (void)state;
    subject = subject_open(GIB, &options, NULL);
    subject_free(&subject, MIB, 16 * MIB);
    desc.base = subject.arena.start;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &leaving), 0);
    hand_out(leaving, HANDED_OUT);
    child = -1;
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

/* Somebody else would close it; it is reclaimed as far as that goes while this thread stands here. */
static void close_and_fork(void)
{
    bool closed = !lintel_module_close(subject.heap, 7);

    lintel_module_release(leaving);
    /* relaxed: a sign. */
    while (closed && !atomic_load_relaxed(&refusals))
        sched_yield();
    child = fork();
}

static bool is_reclaimed(void)
{
    do
        urcu_bp_barrier();
    while (atomic_load_acquire(&subject.heap->registry.pending)); /* acquire: as registry_end's */
    return !lintel_module_acquire(subject.heap, 7) && stats_of(subject.module).failures == 0;
}

static void assert_child_ended_well(void)
{
    int status = -1;

    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_fork_does_not_wait_for_who_waits_for_its_thread(void **state)
{
    (void)state;
    need_threads_in_children();
    assert_non_null(lintel_alloc(leaving, 64));
    interrupt = close_and_fork;
    alarm(20); /* ends what hangs, the child too, which has an alarm of its own */
    lintel_thread_flush();
    alarm(20);
    bool well = is_reclaimed();
    alarm(0);
    if (!child)
        _exit(!well);
    assert_true(well);
    assert_child_ended_well();
}

/* A heap waits for who is still giving something back to it. */
enum { MORE_REFUSALS = 20 };

static sem_t        stands;
static _Atomic bool destroyed;

static void close_and_stand(void)
{
    /* relaxed, all: signs. */
    (void)lintel_module_close(subject.heap, 7);
    lintel_module_release(leaving);
    while (!atomic_load_relaxed(&refusals))
        sched_yield();
    sem_post(&stands);
    for (unsigned first = atomic_load_relaxed(&refusals);
         atomic_load_relaxed(&refusals) - first < MORE_REFUSALS && !atomic_load_relaxed(&destroyed);)
        sched_yield();
    if (atomic_load_relaxed(&destroyed))
        _exit(EXIT_FAILURE);
}

static void take_a_chunk_and_stand(void *shared, unsigned member)
{
    (void)shared;
    (void)member;
    (void)lintel_alloc(leaving, 64);
    interrupt = close_and_stand;
    lintel_thread_flush();
}

static bool destroy_beside(void *context)
{
    (void)context;
    /* relaxed, both: signs. */
    atomic_store_relaxed(&refusals, 0);
    sem_init(&stands, 0, 0);
    team_start(1, take_a_chunk_and_stand, NULL);
    while (sem_wait(&stands))
        continue;
    lintel_heap_destroy(subject.heap);
    atomic_store_relaxed(&destroyed, true);
    team_join();
    return true;
}

static void a_heap_does_not_end_while_a_chunk_comes_back(void **state)
{
    (void)state;
    need_threads_in_children();
    assert_true(child_says(destroy_beside, NULL));
    lintel_module_release(leaving);
}

/* In the child of a fork somebody may have been about to hand a generation to liburcu, who is not there. */
static bool destroy_with_one_missing(void *context)
{
    (void)context;
    atomic_fetch_add_relaxed(&subject.heap->registry.pending, 1); /* relaxed: alone */
    lintel_heap_destroy(subject.heap);
    return true;
}

static void a_childs_heap_ends_though_a_generation_is_missing(void **state)
{
    (void)state;
    need_threads_in_children();
    assert_true(child_says(destroy_with_one_missing, NULL));
    lintel_module_release(leaving);
}

/* The chunk is still the thread's, which is about to settle it when the handler returns. */
static void fork_and_look(void)
{
    child = fork();
    if (!child)
        _exit(cache_forget(leaving->module));
}

static void take_a_chunk_and_end(void *shared, unsigned member)
{
    (void)member;
    *(void **)shared = lintel_alloc(leaving, 64);
    interrupt = fork_and_look;
}

static void what_a_thread_gives_back_when_it_ends_stays_its_own_in_the_child(void **state)
{
    void *body = NULL;

    (void)state;
    team_run(1, take_a_chunk_and_end, &body);
    assert_non_null(body);
    assert_null(interrupt);
    assert_child_ended_well();
    lintel_module_release(leaving);
}

static bool has_page(void)
{
    cache_page_t *page = atomic_load_relaxed(&cache_page_own); /* relaxed, both: the thread's own */

    return cache_page_is_real(page) && atomic_load_relaxed(&page->place) == &cache_page_own;
}

static void get_a_page(void *shared, unsigned member)
{
    (void)member;
    before_setting = fork_now;
    bool well = lintel_alloc(leaving, 64) && has_page();
    if (!child)
        _exit(!well);
    *(bool *)shared = well;
}

static void a_page_that_a_thread_is_getting_is_its_own_in_the_child(void **state)
{
    bool well = false;

    (void)state;
    for (int i = 0; i < 2; i++) { /* a fresh one, or one that is handed on */
        team_run(1, get_a_page, &well);
        assert_true(well && !before_setting);
        assert_child_ended_well();
    }
    lintel_module_release(leaving);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fork_does_not_wait_for_who_waits_for_its_thread, start, end),
        cmocka_unit_test_setup_teardown(a_heap_does_not_end_while_a_chunk_comes_back, start, end),
        cmocka_unit_test_setup_teardown(a_childs_heap_ends_though_a_generation_is_missing, start, end),
        cmocka_unit_test_setup_teardown(what_a_thread_gives_back_when_it_ends_stays_its_own_in_the_child, start, end),
        cmocka_unit_test_setup_teardown(a_page_that_a_thread_is_getting_is_its_own_in_the_child, start, end),
    };

    try_threads_in_children();
    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
