/* SPDX-License-Identifier: MIT
 *
 * names and forks: the child tells of what it inherited and of its own, in files of its own; the parent's stay as they
 * were.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine_code.h"
#include "names_subject.h"
#include "scripted_os.h"
#include "team.h"
#include "unit.h"

static subject_t subject;
static char     *inherited;

static bool names_its_own(void *context)
{
    char *own = names_body(&subject, 64, 2);
    char  expected[128];

    (void)context;
    snprintf(expected, sizeof(expected), "%zx 40 inherited\n%zx 40 own\n", (size_t)inherited, (size_t)own);
    if (lintel_name(subject.module, own, 64, "own") || names_in_gdb() != 2)
        return false;
    const char *map = names_take_map();
    return map && !strcmp(map, expected);
}

static void forking(void)
{
    char expected[128];

    subject = names_open(LINTEL_PERF_MAP, true);
    inherited = names_body(&subject, 64, 1);
    assert_int_equal(lintel_name(subject.module, inherited, 64, "inherited"), 0);
    snprintf(expected, sizeof(expected), "%zx 40 inherited\n", (size_t)inherited);
    for (int i = 0; i < 3; i++)
        assert_true(child_says(names_its_own, NULL));
    assert_int_equal(names_in_gdb(), 1);
    assert_string_equal(names_take_map(), expected);
    subject_end(&subject);
}

static void each_side_has_its_own_file(void **state)
{
    (void)state;
    names_apart(forking);
}

/* More than are told at once. */
enum { MANY = 50 };

static char expected_of_many[MANY * 64];

static bool knows_many(void *context)
{
    (void)context;
    const char *map = names_take_map();
    return map && !strcmp(map, expected_of_many) && names_in_gdb() == MANY;
}

static void forking_with_many(void)
{
    size_t length = 0;

    subject = names_open(LINTEL_PERF_MAP, true);
    for (int i = 0; i < MANY; i++) {
        char  name[16];
        void *body = names_body(&subject, 64, 1);
        snprintf(name, sizeof(name), "inherited_%d", i);
        assert_int_equal(lintel_name(subject.module, body, 64, name), 0);
        length += (size_t)snprintf(expected_of_many + length, sizeof(expected_of_many) - length, "%zx 40 %s\n",
                                   (size_t)body, name);
    }
    assert_true(child_says(knows_many, NULL));
    assert_string_equal(names_take_map(), expected_of_many);
    subject_end(&subject);
}

static void a_child_tells_of_all_that_it_inherited(void **state)
{
    (void)state;
    names_apart(forking_with_many);
}

static bool knows_what_it_has(void *context)
{
    char expected[128];

    (void)context;
    snprintf(expected, sizeof(expected), "%zx 40 behind\n", (size_t)inherited);
    const char *map = names_take_map();
    return map && !strcmp(map, expected) && names_in_gdb() == 2;
}

/* The first region, which is full, is not copied. */
static void forking_without_all(void)
{
    subject = names_open(LINTEL_PERF_MAP, true);
    assert_int_equal(lintel_name(subject.module, names_body(&subject, 64 * KIB, 1), 64, "lost"), 0);
    inherited = names_body(&subject, 64, 1);
    assert_int_equal(lintel_name(subject.module, inherited, 64, "behind"), 0);
    script_answer(OS_CODE_COPY, 1, 1, -ENOMEM);
    assert_true(child_says(knows_what_it_has, NULL));
    assert_non_null(names_take_map());
    subject_end(&subject);
}

static void a_child_does_not_tell_of_code_that_it_does_not_have(void **state)
{
    (void)state;
    names_apart(forking_without_all);
}

static bool cannot_name(void *context)
{
    void *own = names_body(&subject, 64, 2);
    (void)context;
    bool refused = lintel_name(subject.module, own, 64, "own") == -EACCES;
    script_answer(OS_FILE_OPEN_MAP, 0, 0, 0);
    return refused && !lintel_name(subject.module, own, 64, "own") && strstr(names_take_map(), " own\n");
}

static void refused_child(void)
{
    subject = names_open(LINTEL_PERF_MAP, false);
    inherited = names_body(&subject, 64, 1);
    assert_int_equal(lintel_name(subject.module, inherited, 64, "inherited"), 0);
    script_answer(OS_FILE_OPEN_MAP, 1, 3, -EACCES);
    assert_true(child_says(cannot_name, NULL));
    assert_non_null(names_take_map());
    subject_end(&subject);
}

static void a_child_without_a_file_goes_on(void **state)
{
    (void)state;
    names_apart(refused_child);
}

static bool code_runs(void *context)
{
    void *own = lintel_alloc(subject.module, MACHINE_CODE_SIZE);

    (void)context;
    names_take_map();
    if (machine_code_call(inherited) != 7 || writable_and_executable())
        return false;
    machine_code_of(9, lintel_writable(subject.module, own));
    return !lintel_publish(subject.module, own, MACHINE_CODE_SIZE) && machine_code_call(own) == 9;
}

/* Memory that perf has its map for is copied in a way of its own. */
static void nameless_memory(void)
{
    subject = names_open(LINTEL_PERF_MAP, false);
    inherited = lintel_alloc(subject.module, MACHINE_CODE_SIZE);
    machine_code_of(7, lintel_writable(subject.module, inherited));
    assert_int_equal(lintel_publish(subject.module, inherited, MACHINE_CODE_SIZE), 0);
    assert_int_equal(writable_and_executable(), 0);
    assert_true(child_says(code_runs, NULL));
    machine_code_of(8, lintel_writable(subject.module, inherited));
    assert_int_equal(machine_code_call(inherited), 8);
    subject_end(&subject);
}

static void the_child_has_nameless_code_of_its_own(void **state)
{
    (void)state;
    names_apart(nameless_memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_side_has_its_own_file),
        cmocka_unit_test(a_child_tells_of_all_that_it_inherited),
        cmocka_unit_test(a_child_does_not_tell_of_code_that_it_does_not_have),
        cmocka_unit_test(a_child_without_a_file_goes_on),
        cmocka_unit_test(the_child_has_nameless_code_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
