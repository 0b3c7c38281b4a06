/* SPDX-License-Identifier: MIT
 *
 * mappings: where the kernel has none left for the process, what is held back is given up, one by one and no more than
 * it takes, before a commit or a publication is refused; and not where it refuses for another reason.
 */
#include <errno.h>
#include <urcu/urcu-bp.h>

#include "machine_code.h"
#include "module_growth.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

#define STEP (64 * KIB)

/* A commit is tried twice: a step, and what is needed. */
enum { TRIES = 2 };

static size_t    page;
static subject_t subject;

static void open_subject(lintel_switch_t guard, lintel_kind_t kind)
{
    lintel_heap_options_t options = {.guard = guard};
    lintel_module_desc_t  desc = {.kind = kind, .reach = GIB - 1};

    page = os_page_size();
    subject = subject_open(GIB, &options, &desc);
    subject_free(&subject, MIB, 128 * MIB);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static uintptr_t at(size_t offset)
{
    return subject.arena.start + MIB + offset;
}

static bool is_held(size_t offset)
{
    return is_mapped(at(offset)) && !is_readable(at(offset));
}

/* The next `times` commits that lintel tries are refused, for want of mappings or not. */
static void refuse_commits(unsigned times, bool lacking)
{
    script_answer(OS_COMMIT, 1, times, -ENOMEM);
    script_answer(OS_LACKS_MAPPINGS, 1, FOREVER, lacking);
}

static void open_and_close_another(void)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = page, .key = 7, .reach = GIB - 1};
    lintel_module_t     *module;

    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_non_null(lintel_alloc(module, STEP));
    assert_int_equal(lintel_module_close(subject.heap, 7), 0);
    lintel_module_release(module);
    urcu_bp_barrier();
}

static void what_is_in_quarantine_is_given_up_for_a_commit(void **state)
{
    (void)state;
    open_subject(LINTEL_OFF, LINTEL_DATA);
    open_and_close_another();
    open_and_close_another();
    refuse_commits(TRIES, true);
    assert_ptr_equal(lintel_alloc(subject.module, 100), at(2 * STEP));
    assert_false(is_mapped(at(0)));
    assert_true(is_held(STEP));
    assert_int_equal(stats_of(subject.module).failures, 0);
}

static void it_stays_where_memory_is_what_is_short(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, LINTEL_DATA);
    open_and_close_another();
    refuse_commits(FOREVER, false);
    assert_refused(subject.module, 100, ENOMEM);
    assert_true(is_held(0) && is_held(STEP + page + STEP));
    assert_int_equal(script_calls(OS_RELEASE), 0);
}

static void a_prepared_region_is_given_up_for_a_commit(void **state)
{
    (void)state;
    open_subject(LINTEL_OFF, LINTEL_DATA);
    assert_non_null(lintel_alloc(subject.module, 1));
    assert_int_equal(module_prepare(subject.module->module, page, 0), 0);
    assert_true(is_mapped(at(STEP)));
    refuse_commits(TRIES, true);
    assert_non_null(lintel_alloc(subject.module, STEP / 2));
    assert_false(is_mapped(at(STEP)));
    assert_books_balance(subject.module);
}

/* The newest first: one more makes no difference to the bodies before it. */
static void guards_are_given_up_for_a_commit(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, LINTEL_DATA);
    assert_ptr_equal(lintel_alloc(subject.module, STEP), at(0));
    assert_ptr_equal(lintel_alloc(subject.module, STEP), at(STEP + page));
    refuse_commits(2 * TRIES, true);
    assert_ptr_equal(lintel_alloc(subject.module, 2 * STEP), at(2 * (STEP + page)));
    assert_true(is_held(STEP));
    assert_false(is_mapped(at(STEP + page + STEP)) || is_mapped(at(2 * (STEP + page) + 2 * STEP)));
    assert_int_equal(stats_of(subject.module).regions, 3);
    refuse_commits(FOREVER, true);
    assert_refused(subject.module, 8 * STEP, ENOMEM);
    assert_false(is_mapped(at(STEP)));
    assert_books_balance(subject.module);
}

static void with_the_option_on_guards_stay(void **state)
{
    (void)state;
    open_subject(LINTEL_ON, LINTEL_DATA);
    assert_ptr_equal(lintel_alloc(subject.module, STEP), at(0));
    refuse_commits(FOREVER, true);
    assert_refused(subject.module, STEP, ENOMEM);
    assert_true(is_held(STEP));
}

static void what_is_held_is_given_up_for_a_publication(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, LINTEL_CODE);
    open_and_close_another();
    char *body = lintel_alloc(subject.module, MACHINE_CODE_SIZE);
    machine_code_of(7, lintel_writable(subject.module, body));
    script_answer(OS_CODE_OPEN, 1, 2, -ENOMEM);
    script_answer(OS_LACKS_MAPPINGS, 1, FOREVER, true);
    assert_int_equal(lintel_publish(subject.module, body, MACHINE_CODE_SIZE), 0);
    assert_int_equal(machine_code_call(body), 7);
    assert_false(is_mapped(at(0)) || is_mapped(at(2 * STEP + page)));
    script_answer(OS_CODE_OPEN, 1, FOREVER, -ENOMEM);
    body = lintel_alloc(subject.module, 2 * page);
    assert_int_equal(lintel_publish(subject.module, body, 2 * page), -ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_in_quarantine_is_given_up_for_a_commit, end),
        cmocka_unit_test_teardown(it_stays_where_memory_is_what_is_short, end),
        cmocka_unit_test_teardown(a_prepared_region_is_given_up_for_a_commit, end),
        cmocka_unit_test_teardown(guards_are_given_up_for_a_commit, end),
        cmocka_unit_test_teardown(with_the_option_on_guards_stay, end),
        cmocka_unit_test_teardown(what_is_held_is_given_up_for_a_publication, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
