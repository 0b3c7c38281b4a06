/* SPDX-License-Identifier: MIT
 *
 * options: defaults, the environment's say over them, and what is wrong told once and ignored.
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os.h"
#include "unit.h"

static lintel_heap_options_t completed(const char *environment, lintel_heap_options_t options)
{
    if (environment)
        setenv("LINTEL_OPTIONS", environment, 1);
    else
        unsetenv("LINTEL_OPTIONS");
    assert_int_equal(options_complete(&options), 0);
    unsetenv("LINTEL_OPTIONS");
    return options;
}

static void zeros_become_defaults(void **state)
{
    lintel_heap_options_t options = completed(NULL, (lintel_heap_options_t){0});

    (void)state;
    assert_int_equal(options.first_region, 64 * KIB);
    assert_int_equal(options.region_limit, 256 * MIB);
    assert_int_equal(options.commit_step, 16 * KIB);
    assert_int_equal(options.quarantine, 64 * MIB);
    assert_int_equal(options.pool_reach, LINTEL_REACH_RVA32);
    assert_int_equal(options.gap, LINTEL_GAP_AUTO);
}

static void the_environment_overrides_the_program(void **state)
{
    lintel_heap_options_t program = {
        .gap = LINTEL_GAP_QUERY, .first_region = MIB, .populate = LINTEL_ON, .huge = LINTEL_OFF};
    lintel_heap_options_t options = completed(
        "populate=0,huge=1,names=0,service=1,guard=0,gap=text,first_region=128k,region_limit=1g,commit_step=2m,"
        "quarantine=1m,perf=map,gdb=1,code=flip",
        program);

    (void)state;
    assert_int_equal(options.populate, LINTEL_OFF);
    assert_int_equal(options.huge, LINTEL_ON);
    assert_int_equal(options.service, LINTEL_ON);
    assert_int_equal(options.names, LINTEL_OFF);
    assert_int_equal(options.gap, LINTEL_GAP_TEXT);
    assert_int_equal(options.first_region, 128 * KIB);
    assert_int_equal(options.region_limit, GIB);
    assert_int_equal(options.commit_step, 2 * MIB);
    assert_int_equal(options.guard, LINTEL_OFF);
    assert_int_equal(options.quarantine, MIB);
    assert_int_equal(options.perf, LINTEL_PERF_MAP);
    assert_int_equal(options.gdb, LINTEL_ON);
    assert_int_equal(options.code, LINTEL_CODE_FLIP);
    program.code = LINTEL_CODE_FLIP;
    assert_int_equal(completed("code=double", program).code, LINTEL_CODE_DOUBLE);
    program.perf = LINTEL_PERF_MAP;
    program.gdb = LINTEL_ON;
    assert_int_equal(completed("perf=jitdump", program).perf, LINTEL_PERF_JITDUMP);
    options = completed("perf=off,gdb=0", program);
    assert_int_equal(options.perf, LINTEL_PERF_OFF);
    assert_int_equal(options.gdb, LINTEL_OFF);
    assert_int_equal(completed("gap=auto", program).gap, LINTEL_GAP_AUTO);
}

static void a_pool_is_whole_pages(void **state)
{
    size_t                page = os_page_size();
    lintel_heap_options_t program = {.pool_near = page, .pool_size = page + 1};

    (void)state;
    assert_int_equal(completed(NULL, program).pool_size, 2 * page);
    program.pool_size = page;
    assert_int_equal(completed(NULL, program).pool_size, page);
}

/* Of the sizes it is the one that people want to be without. */
static void a_quarantine_of_0_is_none(void **state)
{
    (void)state;
    assert_int_equal(completed("quarantine=0", (lintel_heap_options_t){0}).quarantine, 1);
    assert_int_equal(completed("quarantine=", (lintel_heap_options_t){0}).quarantine, 64 * MIB);
}

static void what_it_does_not_name_stays(void **state)
{
    lintel_heap_options_t options = completed("huge=1",
                                              (lintel_heap_options_t){.first_region = 3 * MIB, .populate = LINTEL_ON});

    (void)state;
    assert_int_equal(options.first_region, 3 * MIB);
    assert_int_equal(options.populate, LINTEL_ON);
}

static void wrong_settings_change_nothing(void **state)
{
    static const char *const wrong[] = {"huge",
                                        "huge=",
                                        "huge=2",
                                        "huge=on",
                                        "Huge=1",
                                        "hug=1",
                                        "huge=1 ",
                                        "service=yes",
                                        "=1",
                                        "gap=3",
                                        "perf=1",
                                        "perf=jit",
                                        "gdb=on",
                                        "code=1",
                                        "code=flipped",
                                        "gap=querys",
                                        "commit_step=",
                                        "commit_step=k",
                                        "commit_step=1t",
                                        "commit_step=-1",
                                        ",,",
                                        "commit_step=99999999999999999999",
                                        "commit_step=9223372036854775807g"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        lintel_heap_options_t options = completed(wrong[i], (lintel_heap_options_t){0});
        assert_int_equal(options.huge, LINTEL_DEFAULT);
        assert_int_equal(options.service, LINTEL_DEFAULT);
        assert_int_equal(options.gap, LINTEL_GAP_AUTO);
        assert_int_equal(options.code, LINTEL_CODE_DOUBLE);
        assert_int_equal(options.commit_step, 16 * KIB);
    }
}

/* What a process says on stderr that completes options twice in this environment. */
static void said(const char *environment, char *text, size_t size)
{
    int    ends[2];
    size_t length = 0;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[1]);
        (void)completed(environment, (lintel_heap_options_t){0});
        (void)completed(environment, (lintel_heap_options_t){0});
        _exit(0);
    }
    close(ends[1]);
    for (ssize_t count; (count = read(ends[0], text + length, size - 1 - length)) > 0;)
        length += (size_t)count;
    text[length] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* In a process that has not read the variable yet: this test comes first. */
static void each_wrong_setting_is_told_once(void **state)
{
    char text[512];

    (void)state;
    said("huge=1,nonsense=1,populate=7", text, sizeof(text));
    assert_string_equal(text, "lintel: LINTEL_OPTIONS: unknown name in 'nonsense=1', ignored\n"
                              "lintel: LINTEL_OPTIONS: bad value in 'populate=7', ignored\n");
    said("huge=1,populate=0", text, sizeof(text));
    assert_string_equal(text, "");
}

static void wrong_options_of_the_program_are_refused(void **state)
{
    const lintel_heap_options_t wrong[] = {{.gap = (lintel_gap_t)4},     {.populate = (lintel_switch_t)3},
                                           {.huge = (lintel_switch_t)3}, {.service = (lintel_switch_t)3},
                                           {.pool_size = MIB},           {.pool_size = SIZE_MAX, .pool_near = MIB},
                                           {.first_region = SIZE_MAX},   {.region_limit = SIZE_MAX / 2 + 1},
                                           {.commit_step = SIZE_MAX},    {.guard = (lintel_switch_t)3},
                                           {.quarantine = SIZE_MAX},     {.perf = (lintel_perf_t)3},
                                           {.gdb = (lintel_switch_t)3}};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        lintel_heap_options_t options = wrong[i];
        assert_int_equal(options_complete(&options), -EINVAL);
        assert_memory_equal(&options, &wrong[i], sizeof(options));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wrong_setting_is_told_once),
        cmocka_unit_test(zeros_become_defaults),
        cmocka_unit_test(the_environment_overrides_the_program),
        cmocka_unit_test(a_pool_is_whole_pages),
        cmocka_unit_test(a_quarantine_of_0_is_none),
        cmocka_unit_test(what_it_does_not_name_stays),
        cmocka_unit_test(wrong_settings_change_nothing),
        cmocka_unit_test(wrong_options_of_the_program_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
