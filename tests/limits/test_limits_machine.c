/* SPDX-License-Identifier: MIT
 *
 * Limits that hold for a whole machine or a group: strict counting of what is committed, a group's memory and threads.
 * In a kernel of its own; elsewhere it says that they are not there.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/arena.h"
#include "../unit/outcome.h"
#include "../unit/subject.h"
#include "../unit/team.h"
#include "../unit/unit.h"
#include "os.h"

static subject_t subject;

static int start(void **state)
{
    (void)state;
    subject = subject_open(4 * GIB, NULL, NULL);
    subject_free(&subject, MIB, 3 * GIB);
    return 0;
}

static int end(void **state)
{
    (void)state;
    subject_end(&subject);
    return 0;
}

/* The number behind `name` in a file of the kernel's, in bytes if it is one of KiB; SIZE_MAX if there is none. */
static size_t figure(const char *path, const char *name)
{
    char   line[256];
    size_t found = SIZE_MAX;
    FILE  *file = fopen(path, "re");

    while (file && fgets(line, sizeof(line), file))
        if (!strncmp(line, name, strlen(name)))
            found = strtoul(line + strlen(name), NULL, 10) * (strstr(line, "kB") ? KIB : 1);
    if (file)
        fclose(file);
    return found;
}

static lintel_module_t *open_with(uint64_t key, size_t reserve)
{
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = os_page_size(), .key = key, .reserve = reserve};
    lintel_module_t *module = NULL;

    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    return module;
}

/* Takes all that can be committed, the large first. Returns how much that was. */
static size_t commit_all(lintel_module_t *module)
{
    size_t got = 0;

    for (size_t size = 256 * MIB; size >= 4 * KIB; size /= 2) {
        while (lintel_alloc(module, size))
            got += size;
        assert_int_equal(errno, ENOMEM);
    }
    return got;
}

static void reservations_cost_no_commit_charge(void **state)
{
    (void)state;
    size_t limit = figure("/proc/meminfo", "CommitLimit:");
    if (figure("/proc/sys/vm/overcommit_memory", "") != 2 || limit > 2 * GIB)
        skip_because("what is committed is not counted strictly here");
    lintel_module_t *module = open_with(2, 2 * GIB);
    size_t           got = commit_all(module);
    assert_in_range(got, limit / 4, limit);
    assert_books_balance(module);

    /* Others' memory goes, and there is room again; nothing was lost by the refusals. */
    assert_refused(subject.module, MIB, ENOMEM);
    assert_int_equal(lintel_module_close(subject.heap, 2), 0);
    lintel_module_release(module);
    while (!lintel_alloc(subject.module, MIB))
        assert_int_equal(errno, ENOMEM);
    assert_books_balance(subject.module);
}

static size_t memory_of_group(void)
{
    return figure("/sys/fs/cgroup/limited/memory.max", "");
}

/* Only what is written to is charged to a group. */
static void committed_memory_costs_a_group_nothing_before_its_use(void **state)
{
    (void)state;
    size_t limit = memory_of_group();
    if (limit > GIB)
        skip_because("there is no group with little memory here");
    for (size_t got = 0; got < 2 * limit; got += MIB) {
        char *body = lintel_alloc(subject.module, MIB);
        assert_non_null(body);
        body[0] = 1;
    }
    assert_true(stats_of(subject.module).committed >= 2 * limit);
}

static void *do_nothing(void *unused)
{
    return unused;
}

/* liburcu would end the process that cannot have its thread. */
static void modules_go_where_no_thread_can_be_had(void **state)
{
    pthread_t thread;

    (void)state;
    lintel_module_t *module = open_with(3, 0);
    void            *body = lintel_alloc(module, 100);
    assert_non_null(body);
    for (unsigned i = 0; !pthread_create(&thread, NULL, do_nothing, NULL); i++) {
        pthread_join(thread, NULL);
        if (i == 0)
            skip_because("threads can be had here");
    }
    assert_int_equal(lintel_module_close(subject.heap, 3), 0);
    lintel_module_release(module);
    assert_false(is_mapped(align_down((uintptr_t)body, os_page_size())));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(modules_go_where_no_thread_can_be_had, start, end),
        cmocka_unit_test_setup_teardown(reservations_cost_no_commit_charge, start, end),
        cmocka_unit_test_setup_teardown(committed_memory_costs_a_group_nothing_before_its_use, start, end),
    };

    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
