/* SPDX-License-Identifier: MIT
 *
 * lintel_name: who is told what, what is refused, and that a name goes with its module.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <urcu/urcu-bp.h>

#include "names.h"
#include "names_subject.h"
#include "registry.h"
#include "scripted_os.h"
#include "team.h"
#include "unit.h"

enum { MEMBERS = 4, NAMES_EACH = 200 };

static const lintel_unwind_t frameless = {.frameless = 1};

static bool well;

static void off(void)
{
    subject_t subject = names_open(LINTEL_PERF_OFF, false);
    void     *body = names_body(&subject, 64, 1);
    unsigned  allocated = script_calls(META_ALLOCATE);

    assert_int_equal(lintel_name(subject.module, body, 64, "body"), 0);
    assert_int_equal(lintel_name_unwindable(subject.module, body, 64, "body", &frameless), 0);
    assert_int_equal(script_calls(META_ALLOCATE), allocated);
    assert_int_equal(script_calls(OS_FILE_OPEN_MAP) + script_calls(OS_FILE_MAKE_DUMP) + script_calls(OS_FILE_ADD), 0);
    assert_int_equal(names_in_gdb(), 0);
    subject_end(&subject);
}

static void nobody_is_told_unless_asked_for(void **state)
{
    (void)state;
    names_apart(off);
}

static void wrong_arguments(void)
{
    for (int told = 0; told < 2; told++) {
        subject_t            subject = names_open(LINTEL_PERF_OFF, told);
        lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = 4096, .key = 2};
        lintel_module_t     *data;
        void                *body = names_body(&subject, 64, 1);
        char                 name[LINTEL_NAME_MOST + 2];
        memset(name, 'n', sizeof(name));
        name[sizeof(name) - 1] = 0;

        assert_int_equal(lintel_name(NULL, body, 64, "body"), -EINVAL);
        assert_int_equal(lintel_name(subject.module, NULL, 64, "body"), -EINVAL);
        assert_int_equal(lintel_name(subject.module, body, 0, "body"), -EINVAL);
        assert_int_equal(lintel_name(subject.module, body, 64, NULL), -EINVAL);
        assert_int_equal(lintel_name(subject.module, body, 64, ""), -EINVAL);
        assert_int_equal(lintel_name(subject.module, body, 64, name), told ? -ENAMETOOLONG : 0);
        assert_int_equal(lintel_name(subject.module, body, MIB, "body"), told ? -ERANGE : 0);
        assert_int_equal(lintel_name(subject.module, (char *)body - 1, 64, "body"), told ? -ERANGE : 0);
        assert_int_equal(lintel_name(subject.module, body, SIZE_MAX, "body"), told ? -ERANGE : 0);
        assert_int_equal(lintel_module_open(subject.heap, &desc, &data), 0);
        assert_int_equal(lintel_name(data, lintel_alloc(data, 64), 64, "body"), -EINVAL);
        assert_int_equal(names_in_gdb(), 0);
        assert_int_equal(lintel_name(subject.module, body, 64, name + 1), 0);
        assert_int_equal(names_in_gdb(), told);
        subject_end(&subject);
    }
}

/* Nobody has to hand out a body of that size to find out. */
static void too_large(void)
{
    subject_t subject = names_open(LINTEL_PERF_OFF, true);
    uintptr_t body = (uintptr_t)names_body(&subject, 64, 1);

    assert_int_equal(names_add(subject.module->module, (range_t){body, body + GIB + 1}, "large", NULL), -EFBIG);
    assert_int_equal(names_in_gdb(), 0);
    subject_end(&subject);
}

static void a_body_over_a_gib_has_no_name(void **state)
{
    (void)state;
    names_apart(too_large);
}

static void arguments_are_checked_told_or_not(void **state)
{
    (void)state;
    names_apart(wrong_arguments);
}

static void map_lines(void)
{
    subject_t subject = names_open(LINTEL_PERF_MAP, false);
    char     *body = names_body(&subject, 64, 1);
    char      expected[256];

    assert_int_equal(lintel_name(subject.module, body, 64, "a name, with: spaces"), 0);
    assert_int_equal(lintel_name(subject.module, body + 16, 8, "\ntwo\r\nlines\x7f\xc3\xa9"), 0);
    snprintf(expected, sizeof(expected), "%zx 40 a name, with: spaces\n%zx 8 ?two??lines?\xc3\xa9\n", (size_t)body,
             (size_t)body + 16);
    assert_string_equal(names_take_map(), expected);
    assert_int_equal(names_in_gdb(), 0);
    subject_end(&subject);
}

static void the_map_has_a_line_for_each_name(void **state)
{
    (void)state;
    names_apart(map_lines);
}

/* Whether naming failed so, and nobody knows the name. */
static void assert_refused_by(const subject_t *subject, void *body, int error)
{
    size_t before = names_in_gdb();

    assert_int_equal(lintel_name(subject->module, body, 64, "refused"), error);
    assert_int_equal(names_in_gdb(), before);
}

static void refusals(void)
{
    subject_t subject = names_open(LINTEL_PERF_MAP, true);
    void     *body = names_body(&subject, 64, 1);

    script_answer(META_ALLOCATE, 1, 1, 0);
    assert_refused_by(&subject, body, -ENOMEM);
    script_answer(OS_FILE_OPEN_MAP, 1, 1, -EACCES);
    assert_refused_by(&subject, body, -EACCES);
    script_answer(OS_FILE_ADD, 1, 1, -ENOSPC);
    assert_refused_by(&subject, body, -ENOSPC);
    assert_int_equal(lintel_name(subject.module, body, 64, "accepted"), 0);
    assert_int_equal(names_in_gdb(), 1);
    const char *map = names_take_map();
    assert_non_null(strstr(map, " accepted\n"));
    assert_null(strstr(map, "refused"));
    subject_end(&subject);
}

static void what_is_refused_has_no_name_anywhere(void **state)
{
    (void)state;
    names_apart(refusals);
}

static void wrong_unwinding(void)
{
    subject_t       subject = names_open(LINTEL_PERF_OFF, true);
    void           *body = names_body(&subject, 64, 1);
    char            bytes[16] = {0};
    lintel_unwind_t both = {.frameless = 1, .eh_frame = bytes, .eh_frame_size = sizeof(bytes)};
    lintel_unwind_t nothing = {.eh_frame = bytes, .eh_frame_size = sizeof(bytes)};
    lintel_unwind_t missing = {.eh_frame_size = 16};
    lintel_unwind_t unsaid = {0};

    assert_int_equal(lintel_name_unwindable(subject.module, body, 64, "body", &both), -EINVAL);
    assert_int_equal(lintel_name_unwindable(subject.module, body, 64, "body", &nothing), -EINVAL);
    assert_int_equal(lintel_name_unwindable(subject.module, body, 64, "body", &missing), -EINVAL);
    assert_int_equal(names_in_gdb(), 0);
    assert_int_equal(lintel_name_unwindable(subject.module, body, 64, "body", &unsaid), 0);
    assert_int_equal(lintel_name_unwindable(subject.module, body, 64, "body", &frameless), 0);
    assert_int_equal(names_in_gdb(), 2);
    subject_end(&subject);
}

static void unwinding_is_checked(void **state)
{
    (void)state;
    names_apart(wrong_unwinding);
}

static void told_at_once(void)
{
    subject_t subject = names_open(LINTEL_PERF_OFF, true);
    void     *body = names_body(&subject, 64, 1);

    assert_int_equal(lintel_name(subject.module, body, 32, "first"), 0);
    assert_ptr_equal(names_told_gdb(), names_first_in_gdb());
    const gdb_entry_t *first = names_first_in_gdb();
    assert_int_equal(lintel_name(subject.module, body, 64, "second"), 0);
    assert_ptr_equal(names_told_gdb(), names_first_in_gdb());
    assert_ptr_not_equal(names_told_gdb(), first);
    subject_end(&subject);
    /* Which of the two went last does not matter: the one that was told of last is not the last that came. */
    assert_ptr_equal(names_told_gdb(), first);
}

static void gdb_is_told_of_each(void **state)
{
    (void)state;
    names_apart(told_at_once);
}

static void going(void)
{
    subject_t            subject = names_open(LINTEL_PERF_OFF, true);
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = 4096, .key = 2, .kind = LINTEL_CODE, .name = "other"};
    lintel_module_t *other;

    assert_int_equal(lintel_module_open(subject.heap, &desc, &other), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(lintel_name(subject.module, names_body(&subject, 64, 1), 64, "stays"), 0);
        void *body = lintel_alloc(other, 64);
        assert_int_equal(lintel_name(other, body, 64, "goes"), 0);
    }
    assert_int_equal(names_in_gdb(), 6);
    assert_int_equal(lintel_module_close(subject.heap, 2), 0);
    urcu_bp_barrier();
    assert_int_equal(names_in_gdb(), 6); /* the reference holds them */
    lintel_module_release(other);
    urcu_bp_barrier();
    assert_int_equal(names_in_gdb(), 3);
    subject_end(&subject);
    assert_int_equal(names_in_gdb(), 0);
}

static void names_go_with_their_module(void **state)
{
    (void)state;
    names_apart(going);
}

static void name_many(void *shared, unsigned member)
{
    const subject_t *subject = shared;
    char             name[32];

    for (int i = 0; i < NAMES_EACH; i++) {
        void *body = lintel_alloc(subject->module, 64);
        snprintf(name, sizeof(name), "member_%u_%d", member, i);
        if (!body || lintel_publish(subject->module, body, 64) || lintel_name(subject->module, body, 64, name))
            well = false;
    }
}

/* A number, and what has to follow it. Returns where that ends. */
static const char *expect_number(const char *at, int base, const char *words)
{
    char *end;

    (void)strtoul(at, &end, base);
    assert_ptr_not_equal(end, at);
    assert_int_equal(strncmp(end, words, strlen(words)), 0);
    return end + strlen(words);
}

static void threads(void)
{
    subject_t subject = names_open(LINTEL_PERF_MAP, true);

    well = true;
    team_run(MEMBERS, name_many, &subject);
    assert_true(well);
    assert_int_equal(names_in_gdb(), MEMBERS * NAMES_EACH);
    size_t      lines = 0;
    const char *map = names_take_map();
    for (const char *at = map; *at; at++, lines++) {
        at = expect_number(at, 16, " 40 member_");
        at = expect_number(at, 10, "_");
        at = expect_number(at, 10, "\n") - 1;
    }
    assert_int_equal(lines, MEMBERS * NAMES_EACH);
    subject_end(&subject);
    assert_int_equal(names_in_gdb(), 0);
}

static void threads_name_at_once(void **state)
{
    (void)state;
    names_apart(threads);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_told_unless_asked_for),
        cmocka_unit_test(arguments_are_checked_told_or_not),
        cmocka_unit_test(a_body_over_a_gib_has_no_name),
        cmocka_unit_test(the_map_has_a_line_for_each_name),
        cmocka_unit_test(what_is_refused_has_no_name_anywhere),
        cmocka_unit_test(unwinding_is_checked),
        cmocka_unit_test(gdb_is_told_of_each),
        cmocka_unit_test(names_go_with_their_module),
        cmocka_unit_test(threads_name_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
