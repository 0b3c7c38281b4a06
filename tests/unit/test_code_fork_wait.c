/* SPDX-License-Identifier: MIT
 *
 * code and forks: the thread that forks waits until its child has a copy of the code, so that nothing is in the copy
 * that was written after fork returned.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

static subject_t subject;

/* Whether the parent's fork has returned: shared with the child. */
static _Atomic bool *went_on;

static void note_that_it_went_on(void)
{
    *went_on = true;
}

/* By its state in the kernel: its thread that forked is the first. */
static bool parent_sleeps(void)
{
    char  path[64];
    char  text[512] = "";
    char *name_end;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)getppid());
    FILE *status = fopen(path, "re");
    assert_non_null(status);
    text[fread(text, 1, sizeof(text) - 1, status)] = 0;
    fclose(status);
    name_end = strrchr(text, ')');
    return name_end && name_end[2] == 'S';
}

static bool waited;

/* In the child, which is about to copy: one that does not wait here sleeps no sooner than when it waits for its child's
 * end. */
static void see_the_parent_wait(void *context)
{
    (void)context;
    while (!parent_sleeps())
        continue;
    waited = !*went_on;
}

/* And does not wait for longer. */
static bool was_waited_for(void *context)
{
    (void)context;
    while (!*went_on)
        continue;
    return waited;
}

static void the_parent_waits_for_the_copy_alone(void **state)
{
    lintel_module_desc_t desc = {.kind = LINTEL_CODE};

    (void)state;
    went_on = mmap(NULL, sizeof(*went_on), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(went_on, MAP_FAILED);
    subject = subject_open(GIB, NULL, &desc);
    subject_free(&subject, 16 * MIB, 16 * MIB);
    assert_non_null(lintel_alloc(subject.module, 100));
    /* After lintel's own, which comes with its first heap. */
    assert_int_equal(pthread_atfork(NULL, note_that_it_went_on, NULL), 0);
    script_interlude(OS_CODE_COPY, 1, see_the_parent_wait, NULL);
    assert_true(child_says(was_waited_for, NULL));
    assert_true(*went_on);
    subject_end(&subject);
    script_clear(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_parent_waits_for_the_copy_alone)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
