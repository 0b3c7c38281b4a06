/* SPDX-License-Identifier: MIT
 *
 * code_flip: code that is written in place, and never where it is executable.
 */
#include <errno.h>
#include <string.h>

#include "code.h"
#include "machine_code.h"
#include "os.h"
#include "outcome.h"
#include "scripted_os.h"
#include "subject.h"
#include "surroundings.h"
#include "team.h"
#include "unit.h"

static subject_t subject;
static size_t    page;

static int start(void **state)
{
    lintel_heap_options_t options = {.code = LINTEL_CODE_FLIP, .guard = bare.guard};
    lintel_module_desc_t  desc = {.kind = LINTEL_CODE};

    (void)state;
    page = os_page_size();
    subject = subject_open(GIB, &options, &desc);
    subject_free(&subject, 16 * MIB, 512 * MIB);
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static bool is_executable(const void *address)
{
    bool executable;

    machine_code_executable(align_down((uintptr_t)address, page), 1, &executable);
    return executable;
}

static void *new_function(uint16_t value)
{
    void *body = lintel_alloc(subject.module, MACHINE_CODE_SIZE);

    if (!body || lintel_writable(subject.module, body) != body)
        return NULL;
    size_t size = machine_code_of(value, body);
    return lintel_publish(subject.module, body, size) ? NULL : body;
}

static void a_body_is_writable_then_executable(void **state)
{
    unsigned char *body = lintel_alloc(subject.module, 6);

    (void)state;
    need_true_maps();
    assert_true(all_bytes_are(body, 6, 0));
    assert_true(is_writable((uintptr_t)body));
    assert_false(is_executable(body));
    (void)machine_code_of(5, lintel_writable(subject.module, body));
    assert_int_equal(lintel_publish(subject.module, body, 6), 0);
    assert_true(is_executable(body));
    assert_false(is_writable((uintptr_t)body));
    assert_int_equal(machine_code_call(body), 5);
    assert_true(all_bytes_are(body + 6, page - 6, CODE_TRAP));
    assert_null(lintel_writable(subject.module, body));
    assert_int_equal(errno, EACCES);
    assert_int_equal(lintel_publish(subject.module, body, 6), 0);
    assert_int_equal(writable_and_executable(), 0);
    assert_true(machine_code_traps(body + page));
}

static void bodies_share_no_page(void **state)
{
    char *first = lintel_alloc(subject.module, 10);
    char *second = lintel_alloc_aligned(subject.module, 3 * page + 1, 64);
    char *third = lintel_alloc(subject.module, 1);

    (void)state;
    assert_ptr_equal(second, first + page);
    assert_ptr_equal(third, second + 4 * page);
}

static void only_what_is_not_published_shrinks(void **state)
{
    char *body = lintel_alloc(subject.module, 8 * page);

    (void)state;
    memset(body, 1, 8 * page);
    assert_int_equal(lintel_shrink(subject.module, body, 8 * page, 5 * page), 3 * page);
    assert_int_equal(lintel_publish(subject.module, body, page), 0);
    assert_int_equal(lintel_shrink(subject.module, body, 5 * page, 2 * page), 3 * page);
    assert_int_equal(lintel_publish(subject.module, body, 2 * page), 0);
    assert_int_equal(lintel_shrink(subject.module, body, 2 * page, 100), 0);
    char *next = lintel_alloc(subject.module, 6 * page);
    assert_ptr_equal(next, body + 2 * page);
    assert_true(all_bytes_are(next, 6 * page, 0));
}

static void a_refusal_is_told(void **state)
{
    char *body = lintel_alloc(subject.module, 10);

    (void)state;
    script_answer(OS_CODE_OPEN, 1, 1, -EPERM);
    assert_int_equal(lintel_publish(subject.module, body, 10), -EPERM);
    assert_ptr_equal(lintel_writable(subject.module, body), body);
    assert_int_equal(lintel_publish(subject.module, body, 10), 0);
}

enum { MEMBERS = 4, FUNCTIONS = 3000 };

static void publish_and_call(void *shared, unsigned member)
{
    unsigned *wrong = shared;

    for (unsigned i = 0; i < FUNCTIONS; i++) {
        void *function = new_function((uint16_t)(i * MEMBERS + member));
        if (!function || machine_code_call(function) != (uint16_t)(i * MEMBERS + member))
            wrong[member]++;
        if (i % 500 == 0)
            wrong[member] += writable_and_executable();
    }
}

static void many_threads_publish_side_by_side(void **state)
{
    unsigned wrong[MEMBERS] = {0};

    (void)state;
    team_run(MEMBERS, publish_and_call, wrong);
    for (unsigned member = 0; member < MEMBERS; member++)
        assert_int_equal(wrong[member], 0);
}

static bool live_on(void *function)
{
    void *own = new_function(9);

    return machine_code_call(function) == 8 && own && machine_code_call(own) == 9;
}

static void both_sides_of_a_fork_go_on(void **state)
{
    void *function = new_function(8);

    (void)state;
    assert_true(child_says(live_on, function));
    assert_true(live_on(function));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_body_is_writable_then_executable, start, end),
        cmocka_unit_test_setup_teardown(bodies_share_no_page, start, end),
        cmocka_unit_test_setup_teardown(only_what_is_not_published_shrinks, start, end),
        cmocka_unit_test_setup_teardown(a_refusal_is_told, start, end),
        cmocka_unit_test_setup_teardown(many_threads_publish_side_by_side, start, end),
        cmocka_unit_test_setup_teardown(both_sides_of_a_fork_go_on, start, end),
    };

    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
