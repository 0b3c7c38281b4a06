/* SPDX-License-Identifier: MIT
 *
 * registry: one open generation a key, references that keep working, and memory that goes when nobody can use it any
 * more: a grace period after the last reference.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

#define STEP (64 * KIB)
#define KEY  UINT64_C(0x1234)

/* Callbacks wait here for the test to let them go; threads can be refused. */
static bool             holding_callbacks;
static struct rcu_head *held_callback;
static void (*held_function)(struct rcu_head *head);
static unsigned callbacks;
static bool     refusing_threads;

void __real_urcu_bp_call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head));
void __wrap_urcu_bp_call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head));
int  __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main)(void *), void *argument);
int  __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main)(void *), void *argument);

void __wrap_urcu_bp_call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head))
{
    callbacks++;
    held_callback = head;
    held_function = function;
    if (!holding_callbacks)
        __real_urcu_bp_call_rcu(head, function);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*main)(void *), void *argument)
{
    return refusing_threads ? EAGAIN : __real_pthread_create(thread, attributes, main, argument);
}

static subject_t subject;

static int start(void **state)
{
    (void)state;
    subject = subject_open(GIB, &bare, NULL);
    subject_free(&subject, 16 * MIB, 16 * MIB);
    callbacks = 0;
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static int open_key(uint64_t key, lintel_module_t **module)
{
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = os_page_size(), .key = key, .reserve = os_page_size()};

    return lintel_module_open(subject.heap, &desc, module);
}

static lintel_module_t *opened(uint64_t key)
{
    lintel_module_t *module = NULL;

    assert_int_equal(open_key(key, &module), 0);
    assert_non_null(module);
    return module;
}

static uint64_t modules_now(void)
{
    lintel_stats_t stats;

    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    return stats.modules;
}

static void assert_not_found(uint64_t key)
{
    errno = 0;
    assert_null(lintel_module_acquire(subject.heap, key));
    assert_int_equal(errno, ENOENT);
}

/* Must come first: once there is a thread for callbacks, none is asked for. */
static void without_a_thread_for_it_memory_is_given_back_at_once(void **state)
{
    lintel_module_t *module = opened(KEY);
    uintptr_t        body = (uintptr_t)lintel_alloc(module, 16);

    (void)state;
    assert_int_equal(lintel_module_close(subject.heap, KEY), 0);
    refusing_threads = true;
    lintel_module_release(module);
    refusing_threads = false;
    assert_false(is_mapped(align_down(body, os_page_size())));
    assert_int_equal(callbacks, 0);
    assert_int_equal(modules_now(), 1);
}

static void an_open_module_is_found_by_its_key(void **state)
{
    lintel_module_t *module = opened(KEY);

    (void)state;
    assert_ptr_equal(lintel_module_acquire(subject.heap, KEY), module);
    lintel_module_release(module);
    lintel_module_release(module);
    /* The registry's own reference is left. */
    assert_ptr_equal(lintel_module_acquire(subject.heap, KEY), module);
    lintel_module_release(module);
    assert_not_found(KEY + 1);
    assert_not_found(0);
}

/* G4: what stands before every generation is none. */
static void in_an_empty_heap_there_is_no_key_not_even_0(void **state)
{
    lintel_heap_t *empty;

    (void)state;
    assert_int_equal(lintel_heap_create(NULL, &empty), 0);
    errno = 0;
    assert_null(lintel_module_acquire(empty, 0));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(lintel_module_close(empty, 0), -ENOENT);
    lintel_heap_destroy(empty);
}

static void without_a_key_the_base_is_the_key(void **state)
{
    (void)state;
    assert_ptr_equal(lintel_module_acquire(subject.heap, subject.arena.start), subject.module);
    lintel_module_release(subject.module);
}

/* G1 */
static void a_key_that_is_open_cannot_be_opened(void **state)
{
    lintel_module_t *module = opened(KEY);
    lintel_module_t *second = (lintel_module_t *)8;
    size_t           before = mappings_in(subject.arena);

    (void)state;
    assert_int_equal(open_key(KEY, &second), -EEXIST);
    assert_ptr_equal(second, (lintel_module_t *)8);
    assert_int_equal(open_key(0, &second), -EEXIST);
    assert_int_equal(modules_now(), 2);
    assert_int_equal(mappings_in(subject.arena), before);
    lintel_module_release(module);
}

static void a_closed_key_is_not_found_and_not_closed_again(void **state)
{
    lintel_module_t *module = opened(KEY);

    (void)state;
    assert_int_equal(lintel_module_close(subject.heap, KEY + 1), -ENOENT);
    assert_int_equal(lintel_module_close(subject.heap, KEY), 0);
    assert_int_equal(lintel_module_close(subject.heap, KEY), -ENOENT);
    assert_not_found(KEY);
    lintel_module_release(module);
    assert_int_equal(lintel_module_close(subject.heap, KEY), -ENOENT);
    assert_not_found(KEY);
}

static void a_reference_keeps_working_after_the_close(void **state)
{
    lintel_module_t *module = opened(KEY);
    char            *before = lintel_alloc(module, 100);

    (void)state;
    memset(before, 'x', 100);
    assert_int_equal(lintel_module_close(subject.heap, KEY), 0);
    char *after = lintel_alloc(module, STEP);
    assert_non_null(after);
    memset(after, 'y', STEP);
    assert_true(all_bytes_are(before, 100, 'x'));
    assert_int_equal(lintel_offset(module, after), (int64_t)((uintptr_t)after - subject.arena.start));
    assert_books_balance(module);
    assert_int_equal(modules_now(), 2);
    lintel_module_release(module);
}

static void a_key_can_be_opened_again_while_its_past_drains(void **state)
{
    lintel_module_t *old = opened(KEY);

    (void)state;
    assert_int_equal(lintel_module_close(subject.heap, KEY), 0);
    lintel_module_t *new = opened(KEY);
    assert_ptr_not_equal(new, old);
    assert_ptr_equal(lintel_module_acquire(subject.heap, KEY), new);
    assert_int_equal(modules_now(), 3);
    assert_non_null(lintel_alloc(old, 10));
    assert_non_null(lintel_alloc(new, 20));
    assert_int_equal(stats_of(old).allocated, 10);
    assert_int_equal(stats_of(new).allocated, 20);

    assert_int_equal(lintel_module_close(subject.heap, KEY), 0);
    lintel_module_t *newest = opened(KEY);
    lintel_module_release(new);
    lintel_module_release(new);
    lintel_module_release(old);
    assert_ptr_equal(lintel_module_acquire(subject.heap, KEY), newest);
    lintel_module_release(newest);
    lintel_module_release(newest);
    urcu_bp_barrier();
    assert_int_equal(modules_now(), 2);
}

/* G3: not before it is closed, not before the last reference, not before the grace period. */
static void memory_goes_a_grace_period_after_the_last_reference(void **state)
{
    lintel_module_t *module = opened(KEY);
    uintptr_t        body = (uintptr_t)lintel_alloc(module, os_page_size());

    (void)state;
    assert_ptr_equal(lintel_module_acquire(subject.heap, KEY), module);
    lintel_module_release(module);
    lintel_module_release(module);
    urcu_bp_barrier();
    assert_true(is_mapped(body));
    assert_ptr_equal(lintel_module_acquire(subject.heap, KEY), module);
    assert_int_equal(lintel_module_close(subject.heap, KEY), 0);
    urcu_bp_barrier();
    assert_true(is_mapped(body));
    assert_int_equal(callbacks, 0);

    holding_callbacks = true;
    lintel_module_release(module);
    assert_int_equal(callbacks, 1);
    assert_true(is_mapped(body));
    holding_callbacks = false;
    __real_urcu_bp_call_rcu(held_callback, held_function);
    urcu_bp_barrier();
    assert_false(is_mapped(body));
    assert_int_equal(modules_now(), 1);
}

/* G2: the registry's reference is a reference like any other. */
static void the_close_retires_what_nobody_holds(void **state)
{
    lintel_module_t *module = opened(KEY);
    uintptr_t        body = (uintptr_t)lintel_alloc(module, os_page_size());

    (void)state;
    lintel_module_release(module);
    assert_int_equal(lintel_module_close(subject.heap, KEY), 0);
    assert_int_equal(callbacks, 1);
    urcu_bp_barrier();
    assert_false(is_mapped(body));
}

/* G2: whoever comes after the last one gets nothing, however he found it. */
static void a_generation_that_is_gone_cannot_be_referenced(void **state)
{
    lintel_module_t *module = opened(KEY);

    (void)state;
    assert_int_equal(lintel_module_close(subject.heap, KEY), 0);
    assert_true(registry_reference(module));
    lintel_module_release(module);
    holding_callbacks = true;
    lintel_module_release(module);
    assert_false(registry_reference(module));
    assert_false(registry_is_open(module));
    holding_callbacks = false;
    __real_urcu_bp_call_rcu(held_callback, held_function);
    urcu_bp_barrier();
}

static void the_end_of_a_heap_takes_everything(void **state)
{
    lintel_module_t *open = opened(KEY);
    lintel_module_t *closed = opened(KEY + 1);
    uintptr_t        bodies[2] = {(uintptr_t)lintel_alloc(open, STEP), (uintptr_t)lintel_alloc(closed, STEP)};
    size_t           page = os_page_size();

    (void)state;
    assert_int_equal(lintel_module_close(subject.heap, KEY + 1), 0);
    lintel_heap_destroy(subject.heap);
    assert_false(is_mapped(align_down(bodies[0], page)));
    assert_false(is_mapped(align_down(bodies[1], page)));
    assert_int_equal(lintel_heap_create(NULL, &subject.heap), 0);
    lintel_module_desc_t desc = {.base = subject.arena.start};
    assert_int_equal(lintel_module_open(subject.heap, &desc, &subject.module), 0);
}

static void thousands_of_modules_are_all_found(void **state)
{
    enum { MODULES = 3000 };
    static lintel_module_t *modules[MODULES];

    (void)state;
    for (unsigned i = 0; i < MODULES; i++) {
        lintel_module_desc_t desc = {.base = subject.arena.start, .key = KEY + i * 4096};
        assert_int_equal(lintel_module_open(subject.heap, &desc, &modules[i]), 0);
    }
    assert_int_equal(modules_now(), MODULES + 1);
    for (unsigned i = 0; i < MODULES; i++) {
        assert_ptr_equal(lintel_module_acquire(subject.heap, KEY + i * 4096), modules[i]);
        lintel_module_release(modules[i]);
        lintel_module_release(modules[i]);
        if (i % 2)
            assert_int_equal(lintel_module_close(subject.heap, KEY + i * 4096), 0);
    }
    for (unsigned i = 1; i < MODULES; i += 2)
        assert_not_found(KEY + i * 4096);
    urcu_bp_barrier();
    assert_int_equal(modules_now(), MODULES / 2 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_thread_for_it_memory_is_given_back_at_once, start, end),
        cmocka_unit_test_setup_teardown(an_open_module_is_found_by_its_key, start, end),
        cmocka_unit_test(in_an_empty_heap_there_is_no_key_not_even_0),
        cmocka_unit_test_setup_teardown(without_a_key_the_base_is_the_key, start, end),
        cmocka_unit_test_setup_teardown(a_key_that_is_open_cannot_be_opened, start, end),
        cmocka_unit_test_setup_teardown(a_closed_key_is_not_found_and_not_closed_again, start, end),
        cmocka_unit_test_setup_teardown(a_reference_keeps_working_after_the_close, start, end),
        cmocka_unit_test_setup_teardown(a_key_can_be_opened_again_while_its_past_drains, start, end),
        cmocka_unit_test_setup_teardown(memory_goes_a_grace_period_after_the_last_reference, start, end),
        cmocka_unit_test_setup_teardown(the_close_retires_what_nobody_holds, start, end),
        cmocka_unit_test_setup_teardown(a_generation_that_is_gone_cannot_be_referenced, start, end),
        cmocka_unit_test_setup_teardown(the_end_of_a_heap_takes_everything, start, end),
        cmocka_unit_test_setup_teardown(thousands_of_modules_are_all_found, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
