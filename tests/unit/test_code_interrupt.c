/* SPDX-License-Identifier: MIT
 *
 * code: a signal handler forks at any instruction of the thread's exchange of a chunk of code. The child goes on with a
 * copy of it; or it has none, and is told so, or was just writing to it. The processor's single step stops the thread.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine_code.h"
#include "os.h"
#include "scripted_os.h"
#include "stepping.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { ROUNDS = UNDER_ASAN ? 30 : 120, BODIES = 100 };

static subject_t subject;
static pid_t     child;
static char     *last;
static range_t   view; /* where the code is written */

/* A thread with a chunk of which one page is open, and little left. */
static void open_subject(void)
{
    lintel_module_desc_t desc = {.kind = LINTEL_CODE};

    subject = subject_open(4 * GIB, NULL, &desc);
    subject_free(&subject, MIB, 2 * MIB);
    hand_out(subject.module, 300 * KIB);
    lintel_thread_flush();
    last = lintel_alloc(subject.module, 64);
    assert_int_equal(lintel_publish(subject.module, last, 64), 0);
    uintptr_t writable = (uintptr_t)lintel_writable(subject.module, last);
    view = (range_t){writable - MIB, writable + MIB};
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

/* Who was just writing where there is nothing any more cannot go on. */
static void end_at_lost_memory(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    _exit((uintptr_t)info->si_addr - view.start >= range_size(view));
}

static void fork_here(void)
{
    struct sigaction action = {.sa_sigaction = end_at_lost_memory, .sa_flags = SA_SIGINFO};

    child = fork();
    if (!child)
        (void)sigaction(SIGSEGV, &action, NULL);
}

/* Uses up the chunk and the next one, and is interrupted at one instruction. Returns the last body; NULL if refused. */
static void *exchange_chunk(unsigned long at)
{
    void *body = last;

    stepping_begin(at, fork_here);
    for (unsigned i = 0; i < 9 && body; i++)
        body = lintel_alloc(subject.module, 500);
    stepping_end();
    return body;
}

static bool write_and_call(void *body, uint16_t value)
{
    void *writable = body ? lintel_writable(subject.module, body) : NULL;

    return writable && !lintel_publish(subject.module, body, machine_code_of(value, writable)) &&
           machine_code_call(body) == value;
}

static bool goes_on(void *body)
{
    bool well = write_and_call(body, 7);

    for (unsigned i = 0; i < BODIES; i++) {
        unsigned char *next = lintel_alloc(subject.module, 200);
        well = well && next && all_bytes_are(next, 200, 0) && write_and_call(next, (uint16_t)i);
    }
    return well && !writable_and_executable();
}

/* A body that came before it is lost; none comes after it. */
static bool has_none(void *body)
{
    bool well = !body || (!lintel_writable(subject.module, body) && errno == ERANGE);

    for (unsigned i = 0; i < BODIES; i++)
        well = well && !lintel_alloc(subject.module, 200) && errno == ENOMEM;
    return well;
}

static void fork_from_a_handler_at(unsigned long at, bool refused)
{
    int status;

    open_subject();
    child = -1;
    if (refused)
        script_answer(OS_CODE_COPY, 1, FOREVER, -ENOMEM);
    void *body = exchange_chunk(at);
    if (!child) {
        bool well = refused ? has_none(body) : goes_on(body);
        keep_counts();
        _exit(!well);
    }
    assert_true(goes_on(body));
    if (at) {
        assert_int_equal(waitpid(child, &status, 0), child);
        if (status)
            fail_msg("after instruction %lu the child ends with %#x", at, (unsigned)status);
    }
}

static void fork_anywhere(void **state, bool refused)
{
    fork_from_a_handler_at(0, refused);
    unsigned long all = stepping_count();
    unsigned long stride = all / ROUNDS + 1;
    for (unsigned long at = 1; at <= all; at += stride) {
        end(state);
        fork_from_a_handler_at(at, refused);
    }
    print_message("forked at every %luth of %lu instructions\n", stride, all);
}

static void a_child_with_a_copy_goes_on(void **state)
{
    fork_anywhere(state, false);
}

static void a_child_without_one_has_no_code(void **state)
{
    fork_anywhere(state, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_child_with_a_copy_goes_on, end),
        cmocka_unit_test_teardown(a_child_without_one_has_no_code, end),
    };

    if (!stepping_works())
        return EXIT_SKIP;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
