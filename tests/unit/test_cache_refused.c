/* SPDX-License-Identifier: MIT
 *
 * cache: what threads' pages need may be refused: a thread-specific key, one that needs no malloc, memory. Then every
 * body comes straight from its module. And the handlers for a fork may be.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "cache.h"
#include "meta.h"
#include "refusals.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { SIZE = 64, BODIES = 100, KEYS = 64 };

static unsigned pages(void)
{
    unsigned count = 0;

    for (cache_page_t *page = cache_page_first(); page; page = page->next)
        count++;
    return count;
}

static subject_t open_subject(void)
{
    lintel_heap_options_t options = {.first_region = 8 * MIB};
    subject_t             subject = subject_open(GIB, &options, NULL);

    subject_free(&subject, MIB, 32 * MIB);
    hand_out(subject.module, MIB);
    return subject;
}

/* Says whether the bodies come exactly, one behind the other and nothing set aside. */
static void allocate_exactly(void *shared, unsigned member)
{
    subject_t *subject = shared;
    char      *first = lintel_alloc(subject->module, SIZE);
    bool       exact = first && member == 0;

    for (size_t i = 1; i < BODIES; i++)
        exact = exact && lintel_alloc(subject->module, SIZE) == first + i * SIZE;
    if (!exact || stats_of(subject->module).spare)
        subject->arena = (range_t){0, 0};
}

static bool is_exact(subject_t *subject)
{
    subject_t shared = *subject;

    team_run(1, allocate_exactly, &shared);
    return shared.arena.end != 0;
}

static bool without_a_key(void *unused)
{
    (void)unused;
    refuse_key = true;
    subject_t subject = open_subject();
    bool      well = !refuse_key && !pages() && is_exact(&subject) && !pages();
    lintel_thread_flush();
    assert_books_balance(subject.module);
    /* The next heap gets one, for all. */
    subject_t second = open_subject();
    well = well && pages() == 1 && !is_exact(&subject);
    subject_end(&second);
    subject_end(&subject);
    return well;
}

static void there_may_be_no_key(void **state)
{
    (void)state;
    assert_true(child_says(without_a_key, NULL));
}

static void acquire_and_allocate(void *shared, unsigned member)
{
    subject_t *subject = shared;

    lintel_module_release(lintel_module_acquire(subject->heap, subject->arena.start));
    allocate_exactly(shared, member);
}

/* What would call malloc is left to the calls that may block. */
static bool with_a_late_key(void *unused)
{
    pthread_key_t key;

    (void)unused;
    for (int i = 0; i < KEYS; i++)
        assert_int_equal(pthread_key_create(&key, NULL), 0);
    subject_t subject = open_subject();
    bool      well = pages() == 1 && is_exact(&subject) && pages() == 1;
    subject_t shared = subject;
    team_run(1, acquire_and_allocate, &shared);
    well = well && shared.arena.end == 0 && pages() == 2;
    subject_end(&subject);
    return well;
}

static void the_key_may_be_one_that_needs_malloc(void **state)
{
    (void)state;
    assert_true(child_says(with_a_late_key, NULL));
}

static bool nothing(void *unused)
{
    (void)unused;
    return true;
}

/* They are installed with the next heap. */
static bool without_handlers(void *unused)
{
    lintel_heap_t *heap;

    (void)unused;
    refuse_handlers_at = 1;
    bool      well = lintel_heap_create(NULL, &heap) == -ENOMEM;
    subject_t subject = open_subject();
    well = child_says(nothing, NULL) && well;
    subject_end(&subject);
    return well;
}

static void handlers_for_a_fork_may_be_refused(void **state)
{
    (void)state;
    assert_true(child_says(without_handlers, NULL));
}

/* A thread that makes a heap while another one's is the first: it must not have one, and fork, before that is ready. */
static pthread_t    second;
static _Atomic bool second_is_done;
static bool         second_was_early;

static void *create_second(void *unused)
{
    lintel_heap_t *heap;

    (void)unused;
    second_is_done = lintel_heap_create(NULL, &heap) == 0;
    lintel_heap_destroy(heap);
    return NULL;
}

static void let_the_second_try(void)
{
    while_installing = NULL;
    assert_int_equal(pthread_create(&second, NULL, create_second, NULL), 0);
    while (!second_is_done && !script_calls(OS_YIELD))
        sched_yield();
    second_was_early = second_is_done;
}

static bool two_first_heaps(void *unused)
{
    lintel_heap_t *heap;

    (void)unused;
    /* jemalloc has handlers too. */
    bool well = meta_start() == 0;
    while_installing = let_the_second_try;
    well = lintel_heap_create(NULL, &heap) == 0 && well;
    pthread_join(second, NULL);
    lintel_heap_destroy(heap);
    return well && second_is_done && !second_was_early;
}

static void who_has_a_heap_may_fork(void **state)
{
    (void)state;
    assert_true(child_says(two_first_heaps, NULL));
}

static void there_may_be_no_memory_for_a_page(void **state)
{
    subject_t subject = open_subject();
    unsigned  before = pages();

    (void)state;
    script_answer(OS_MAP, 1, FOREVER, -ENOMEM);
    assert_true(is_exact(&subject));
    assert_int_equal(pages(), before);
    script_answer(OS_MAP, 0, 0, 0);
    assert_false(is_exact(&subject));
    assert_int_equal(pages(), before + 1);
    /* The next thread takes over the page that is there. */
    assert_false(is_exact(&subject));
    assert_int_equal(pages(), before + 1);
    subject_end(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_may_be_no_key),
        cmocka_unit_test(the_key_may_be_one_that_needs_malloc),
        cmocka_unit_test(handlers_for_a_fork_may_be_refused),
        cmocka_unit_test(who_has_a_heap_may_fork),
        cmocka_unit_test_teardown(there_may_be_no_memory_for_a_page, script_clear),
    };

    if (UNDER_TSAN) {
        puts("ThreadSanitizer cannot start threads in a forked child");
        return EXIT_SKIP;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
