/* SPDX-License-Identifier: MIT
 *
 * cache: a fork, as a signal handler makes it, in the middle of giving a chunk back to a module that is just being
 * reclaimed. Neither side waits for the other, and both finish what was interrupted.
 */
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>
#include <urcu/urcu-bp.h>

#include "atomic.h"
#include "cache.h"
#include "os.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fork_does_not_wait_for_who_waits_for_its_thread, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
