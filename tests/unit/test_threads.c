/* SPDX-License-Identifier: MIT
 *
 * threads: those that lintel has made, by itself or by liburcu, take none of the host's signals.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <urcu/urcu-bp.h>

#include "subject.h"
#include "team.h"
#include "unit.h"

static subject_t subject;

/* The signals that a thread of this process has blocked, a bit each; all if it has ended, as it does a little after who
 * joined it knows. */
static unsigned long long blocked_by(const char *thread)
{
    static const char  wanted[] = "SigBlk:";
    static const char  dead[] = "State:\tX";
    static const char  zombie[] = "State:\tZ";
    char               path[512];
    char               line[256];
    unsigned long long blocked = ~0ULL;

    snprintf(path, sizeof(path), "/proc/self/task/%s/status", thread);
    FILE *status = fopen(path, "re");
    while (status && fgets(line, sizeof(line), status)) {
        if (!strncmp(line, dead, sizeof(dead) - 1) || !strncmp(line, zombie, sizeof(zombie) - 1))
            break;
        if (!strncmp(line, wanted, sizeof(wanted) - 1))
            blocked = strtoull(line + sizeof(wanted) - 1, NULL, 16);
    }
    if (status)
        fclose(status);
    return blocked;
}

/* How many threads there are beside this one; or -1, if a signal could find one of them. */
static int threads_out_of_reach(void)
{
    const unsigned long long ended = 1ULL << (SIGTERM - 1);
    long                     self = syscall(SYS_gettid);
    DIR                     *threads = opendir("/proc/self/task");
    int                      count = 0;

    assert_non_null(threads);
    for (struct dirent *entry; count >= 0 && (entry = readdir(threads));)
        if (*entry->d_name != '.' && strtol(entry->d_name, NULL, 10) != self)
            count = blocked_by(entry->d_name) & ended ? count + 1 : -1;
    closedir(threads);
    return count;
}

static void close_one(void)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .key = 7};
    lintel_module_t     *module;

    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_int_equal(lintel_module_close(subject.heap, 7), 0);
    lintel_module_release(module);
    urcu_bp_barrier();
}

static bool has_its_own(void *context)
{
    (void)context;
    close_one();
    return threads_out_of_reach() > 0;
}

static void signals_find_none_of_them(void **state)
{
    lintel_heap_options_t options = {.service = LINTEL_ON};
    int                   before = threads_out_of_reach();

    (void)state;
    assert_true(before >= 0);
    subject = subject_open(GIB, &options, NULL);
    close_one();
    assert_true(threads_out_of_reach() >= before + 2);
    assert_true(child_says(has_its_own, NULL));
    subject_end(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(signals_find_none_of_them)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
