/* SPDX-License-Identifier: MIT
 *
 * old-kernel PROGRAM [ARGUMENT...]: runs a program, its threads and its children as if on a kernel that lacks what
 * lacking.h lists. A filter (seccomp) answers calls as a kernel does that does not know them. A flag that such a kernel
 * ignores is taken away: the filter stops a call of mmap with MAP_FIXED_NOREPLACE, and this process (ptrace) takes the
 * flag out of the call's arguments.
 *
 * Exits as the program does; 77 where there are no filters or nobody may be traced.
 */
#include "lacking.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_SKIP = 77 };

static void skip_because(const char *reason)
{
    printf("%s\n", reason);
    exit(EXIT_SKIP);
}

static bool refuse(scmp_filter_ctx filter)
{
    uint32_t refused = SCMP_ACT_ERRNO(EINVAL);

    return !seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOTTY), SCMP_SYS(ioctl), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, LACKING_QUERY)) &&
           !seccomp_rule_add(filter, refused, SCMP_SYS(madvise), 1, SCMP_A2(SCMP_CMP_EQ, LACKING_POPULATE_READ, 0)) &&
           !seccomp_rule_add(filter, refused, SCMP_SYS(madvise), 1, SCMP_A2(SCMP_CMP_EQ, LACKING_POPULATE_WRITE, 0)) &&
           !seccomp_rule_add(filter, refused, SCMP_SYS(memfd_create), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, LACKING_EXEC, LACKING_EXEC)) &&
           !seccomp_rule_add(filter, refused, SCMP_SYS(memfd_create), 1,
                             SCMP_A1(SCMP_CMP_MASKED_EQ, LACKING_NOEXEC, LACKING_NOEXEC)) &&
           !seccomp_rule_add(filter, refused, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, LACKING_SET_VMA, 0)) &&
           !seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(membarrier), 0);
}

static bool install_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

    return filter && refuse(filter) &&
           !seccomp_rule_add(filter, SCMP_ACT_TRACE(0), SCMP_SYS(mmap), 1,
                             SCMP_A3(SCMP_CMP_MASKED_EQ, LACKING_NOREPLACE, LACKING_NOREPLACE)) &&
           !seccomp_load(filter);
}

/* Waits until it is traced, and becomes the program. */
static void become(char **program, int traced)
{
    char byte;

    if (read(traced, &byte, 1) != 1)
        _exit(EXIT_SKIP);
    if (!install_filter()) {
        printf("no seccomp filters here\n");
        fflush(stdout);
        _exit(EXIT_SKIP);
    }
    execv(program[0], program);
    perror(program[0]);
    _exit(1);
}

/* The call that the thread is about to make goes on without the flag. */
static void take_flag_out(pid_t thread)
{
    struct user_regs_struct registers;
    struct iovec            set = {&registers, sizeof(registers)};

    if (ptrace(PTRACE_GETREGSET, thread, (void *)NT_PRSTATUS, &set))
        return; /* it was killed */
#if defined(__x86_64__)
    registers.r10 &= ~(unsigned long long)LACKING_NOREPLACE;
#else
    registers.regs[3] &= ~(unsigned long long)LACKING_NOREPLACE;
#endif
    (void)ptrace(PTRACE_SETREGSET, thread, (void *)NT_PRSTATUS, &set);
}

static bool stops_for_good(int number)
{
    return number == SIGSTOP || number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

/* Lets a stopped thread go on: with the signal that it stopped for, or as if nothing had been. */
static void go_on(pid_t thread, int status)
{
    int event = status >> 16;

    if (event == PTRACE_EVENT_SECCOMP)
        take_flag_out(thread);
    if (event == PTRACE_EVENT_STOP && stops_for_good(WSTOPSIG(status)))
        (void)ptrace(PTRACE_LISTEN, thread, NULL, NULL);
    else
        (void)ptrace(PTRACE_CONT, thread, NULL, (void *)(uintptr_t)(event ? 0 : WSTOPSIG(status)));
}

/* Returns what the program exited with. */
static int look_after(pid_t program)
{
    int status;

    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0)
            return 1;
        if (WIFSTOPPED(status)) {
            go_on(thread, status);
        } else if (thread == program) {
            if (WIFSIGNALED(status))
                printf("ended by signal %d\n", WTERMSIG(status));
            return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        }
    }
}

int main(int argc, char **argv)
{
    const unsigned long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                                  PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    int traced[2];

    if (argc < 2 || pipe2(traced, O_CLOEXEC))
        return 1;
    pid_t program = fork();
    if (program == 0)
        become(argv + 1, traced[0]);
    if (program < 0)
        return 1;
    if (ptrace(PTRACE_SEIZE, program, NULL, (void *)options)) {
        close(traced[1]);
        skip_because("nobody may be traced here");
    }
    if (write(traced[1], "", 1) != 1)
        return 1;
    return look_after(program);
}
