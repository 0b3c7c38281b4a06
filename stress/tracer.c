/* SPDX-License-Identifier: MIT */
#include "tracer.h"

#include <elf.h>
#include <errno.h>
#include <linux/sched/types.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task.h"

/* The last argument of ptrace is a pointer or a number. */
static long trace(enum __ptrace_request request, pid_t thread, uintptr_t data)
{
    return ptrace(request, thread, NULL, (void *)data);
}

void tracer_hurry(void)
{
    enum { URGENT = -10, SHORT_SLICE_NANOSECONDS = 100000 };
    struct sched_attr attributes = {
        .size = sizeof(attributes), .sched_nice = URGENT, .sched_runtime = SHORT_SLICE_NANOSECONDS};

    if (syscall(SYS_sched_setattr, 0, &attributes, 0) == 0)
        return;
    attributes.sched_nice = 0;
    (void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

int tracer_stop(pid_t thread)
{
    int status;

    if (trace(PTRACE_SEIZE, thread, 0) != 0 || trace(PTRACE_INTERRUPT, thread, 0) != 0)
        return -errno;
    while (waitpid(thread, &status, __WALL) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFSTOPPED(status) ? 0 : -ESRCH;
}

/* Returns whether there is a status. */
static bool wait_for(pid_t process, pid_t thread, bool patiently, int *status)
{
    task_watch_t watch = {.process = process, .thread = thread};

    while (waitpid(thread, status, __WALL) < 0)
        if (errno != EINTR || (!patiently && task_look(&watch) == TASK_SLEEPS))
            return false;
    return true;
}

/* A signal that is none of ours: the thread is to have it. */
static int foreign_signal(int status)
{
    int signal = WSTOPSIG(status);

    return status >> 16 != 0 || signal == SIGTRAP ? 0 : signal;
}

tracer_outcome_t tracer_step(pid_t process, pid_t thread, bool patiently)
{
    int signal = 0;
    int status;

    for (;;) {
        if (trace(PTRACE_SINGLESTEP, thread, (uintptr_t)signal) != 0)
            return TRACER_ENDED;
        if (!wait_for(process, thread, patiently, &status))
            return TRACER_BLOCKED;
        if (!WIFSTOPPED(status))
            return TRACER_ENDED;
        signal = foreign_signal(status);
        if (signal == 0)
            return TRACER_STOPPED;
    }
}

tracer_outcome_t tracer_run(pid_t thread, int signal, int until)
{
    int status;

    for (;;) {
        if (trace(PTRACE_CONT, thread, (uintptr_t)signal) != 0)
            return TRACER_ENDED;
        if (!wait_for(0, thread, true, &status) || !WIFSTOPPED(status))
            return TRACER_ENDED;
        if (status >> 16 == 0 && WSTOPSIG(status) == until)
            return TRACER_STOPPED;
        signal = foreign_signal(status);
    }
}

void tracer_let_go(pid_t thread, tracer_outcome_t last)
{
    int status;

    if (last == TRACER_BLOCKED)
        wait_for(0, thread, true, &status);
    trace(PTRACE_DETACH, thread, 0);
}

bool tracer_is_masked(pid_t thread, int signal)
{
    uint64_t mask = 0;

    return ptrace(PTRACE_GETSIGMASK, thread, (void *)sizeof(mask), &mask) != 0 || (mask >> (signal - 1) & 1) != 0;
}

uintptr_t tracer_position(pid_t thread)
{
    struct user_regs_struct registers;
    struct iovec            place = {&registers, sizeof(registers)};

    if (ptrace(PTRACE_GETREGSET, thread, (void *)NT_PRSTATUS, &place) != 0)
        return 0;
#if defined(__x86_64__)
    return registers.rip;
#else
    return registers.pc;
#endif
}
