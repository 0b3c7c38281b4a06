/* SPDX-License-Identifier: MIT
 *
 * cancel: a thread that is being cancelled goes through lintel, and ends somewhere else: nothing is left half done.
 */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
#include <urcu/urcu-bp.h>

#include "subject.h"
#include "team.h"
#include "unit.h"

static subject_t subject;

static int start(void **state)
{
    lintel_module_desc_t desc = {.kind = LINTEL_CODE};

    (void)state;
    subject = subject_open(GIB, NULL, &desc);
    subject_free(&subject, 16 * MIB, 256 * MIB);
    return 0;
}

static int end(void **state)
{
    (void)state;
    subject_end(&subject);
    return 0;
}

/* Ends at the first point where a thread can be cancelled, if what it does has one. */
static void *go_through(void *context)
{
    void (**work)(void) = context;
    int state;

    pthread_cancel(pthread_self());
    (*work)();
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    return state == PTHREAD_CANCEL_ENABLE ? context : NULL;
}

/* Fails the test unless such a thread gets to the end of `work`, and can be cancelled there. */
static void assert_goes_through(void (*work)(void))
{
    pthread_t thread;
    void     *result;

    assert_int_equal(pthread_create(&thread, NULL, go_through, &work), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_ptr_not_equal(result, PTHREAD_CANCELED);
    assert_non_null(result);
}

static void have_a_heap(void)
{
    lintel_heap_options_t options = {.service = LINTEL_ON};
    lintel_heap_t        *heap;

    assert_int_equal(lintel_heap_create(&options, &heap), 0);
    lintel_heap_destroy(heap);
}

/* Must come first: of what LINTEL_OPTIONS says wrongly a process is told once. */
static void a_heap_is_made_and_ended(void **state)
{
    (void)state;
    assert_int_equal(setenv("LINTEL_OPTIONS", "mistake=1", 1), 0);
    assert_goes_through(have_a_heap);
    assert_int_equal(unsetenv("LINTEL_OPTIONS"), 0);
}

static void use_code(void)
{
    void *body = lintel_alloc(subject.module, 100);

    assert_non_null(body);
    assert_int_equal(lintel_publish(subject.module, body, 100), 0);
}

static void code_is_had_and_published(void **state)
{
    (void)state;
    assert_goes_through(use_code);
    assert_int_equal(stats_of(subject.module).regions, 1);
    assert_books_balance(subject.module);
}

/* So many that the table is made larger by several threads. */
static void open_many(void)
{
    enum { MODULES = 10000 };

    for (uint64_t key = 1; key <= MODULES; key++) {
        lintel_module_desc_t desc = {.base = subject.arena.start, .key = key, .kind = LINTEL_CODE};
        lintel_module_t     *module;
        assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
        lintel_module_release(module);
        assert_true(key % 2 || !lintel_module_close(subject.heap, key));
    }
}

static void modules_come_and_go(void **state)
{
    lintel_stats_t stats;

    (void)state;
    assert_goes_through(open_many);
    urcu_bp_barrier();
    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    assert_int_equal(stats.modules, 1 + 5000);
}

static bool allocate(void *context)
{
    (void)context;
    return lintel_alloc(subject.module, 100);
}

static void fork_once(void)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (!child)
        _exit(0);
}

static void the_next_fork_is_not_locked_out(void **state)
{
    (void)state;
    assert_true(allocate(NULL));
    assert_goes_through(fork_once);
    assert_true(child_says(allocate, NULL));
    assert_true(allocate(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heap_is_made_and_ended),
        cmocka_unit_test_setup_teardown(code_is_had_and_published, start, end),
        cmocka_unit_test_setup_teardown(modules_come_and_go, start, end),
        cmocka_unit_test_setup_teardown(the_next_fork_is_not_locked_out, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
