/* SPDX-License-Identifier: MIT
 *
 * meta: memory for lintel's own objects begins as zero, wherever it comes from; and one thread at a time is in
 * jemalloc, which believes that there is but one.
 */
#include "meta.h"

#include <sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "atomic.h"
#include "heaps.h"

#include "base.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { SIZE = 200, OBJECTS = 64, THREADS = 4, ALLOCATIONS = 500, FORKS = 100 };

static void *objects[OBJECTS];

static void allocate_all(void)
{
    for (unsigned i = 0; i < OBJECTS; i++) {
        objects[i] = meta_allocate(SIZE);
        assert_non_null(objects[i]);
        assert_int_equal((uintptr_t)objects[i] % CACHE_LINE, 0);
        assert_true(all_bytes_are(objects[i], SIZE, 0));
        memset(objects[i], 0x5a, SIZE);
    }
}

static void free_all(void)
{
    for (unsigned i = 0; i < OBJECTS; i++)
        meta_free(objects[i]);
}

static void memory_that_is_used_again_is_zero(void **state)
{
    (void)state;
    assert_int_equal(meta_start(), 0);
    for (unsigned round = 0; round < 3; round++) {
        allocate_all();
        free_all();
    }
    meta_free(NULL);
}

static _Atomic int  inside;
static _Atomic bool met, finished;

void *REAL_MALLOCX(size_t size, int flags);
void *WRAP_MALLOCX(size_t size, int flags);

/* Long enough for another thread to come, or a fork, if they can. */
void *WRAP_MALLOCX(size_t size, int flags)
{
    if (atomic_fetch_add_acq_rel(&inside, 1))
        atomic_store_relaxed(&met, true);
    sched_yield();
    void *memory = REAL_MALLOCX(size, flags);
    atomic_fetch_sub_release(&inside, 1);
    return memory;
}

static void allocate_and_free(void *unused, unsigned member)
{
    (void)unused;
    (void)member;
    for (unsigned i = 0; i < ALLOCATIONS; i++)
        meta_free(meta_allocate(SIZE));
}

static void two_threads_never_meet_in_jemalloc(void **state)
{
    (void)state;
    assert_int_equal(meta_start(), 0);
    team_run(THREADS, allocate_and_free, NULL);
    assert_false(atomic_load_relaxed(&met));
}

static void allocate_until_the_end(void *unused, unsigned member)
{
    (void)unused;
    (void)member;
    while (!atomic_load_acquire(&finished))
        meta_free(meta_allocate(SIZE));
}

static bool forks_with_nobody_inside(void)
{
    int   status = 0;
    pid_t child = fork();

    if (!child) {
        bool nobody = !atomic_load_relaxed(&inside);
        meta_free(meta_allocate(SIZE));
        keep_counts();
        _exit(!nobody);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status);
}

static void a_fork_waits_until_nobody_is_in_jemalloc(void **state)
{
    unsigned right = 0;

    (void)state;
    assert_int_equal(heaps_start(), 0);
    assert_int_equal(meta_start(), 0);
    team_start(THREADS, allocate_until_the_end, NULL);
    while (right < FORKS && forks_with_nobody_inside())
        right++;
    atomic_store_release(&finished, true);
    team_join();
    assert_int_equal(right, FORKS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_is_used_again_is_zero),
        cmocka_unit_test(two_threads_never_meet_in_jemalloc),
        cmocka_unit_test(a_fork_waits_until_nobody_is_in_jemalloc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
