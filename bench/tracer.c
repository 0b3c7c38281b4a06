/* SPDX-License-Identifier: MIT
 *
 * lintel-bench-tracer PROGRAM ARGUMENT...: runs the program, and counts the system calls that its threads make between
 * the marks of mark.h. After it has ended: a line "syscalls TOTAL", and "syscall NUMBER COUNT" for each kind.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mark.h"

enum { MOST_THREADS = 256, SYSCALLS = 1024, SYSCALL_STOP = SIGTRAP | 0x80 };

typedef struct {
    pid_t id;
    bool  known;  /* has stopped before */
    bool  inside; /* between two marks */
} thread_t;

typedef struct {
    pid_t         first;
    int           status; /* of the first thread */
    thread_t      threads[MOST_THREADS];
    size_t        thread_count;
    unsigned long counts[SYSCALLS];
} tracer_t;

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "lintel-bench-tracer: %s: %s\n", what, strerror(errno));
    exit(2);
}

static thread_t *thread_of(tracer_t *tracer, pid_t id)
{
    for (size_t i = 0; i < tracer->thread_count; i++)
        if (tracer->threads[i].id == id)
            return &tracer->threads[i];
    if (tracer->thread_count == MOST_THREADS) {
        errno = ENOSPC;
        give_up("too many threads");
    }
    tracer->threads[tracer->thread_count] = (thread_t){.id = id};
    return &tracer->threads[tracer->thread_count++];
}

static void forget_thread(tracer_t *tracer, thread_t *thread)
{
    *thread = tracer->threads[--tracer->thread_count];
}

/* A thread that is gone by now is met again when it is waited for. */
static void resume(const thread_t *thread, int signal_number)
{
    if (ptrace(PTRACE_SYSCALL, thread->id, NULL, signal_number) != 0 && errno != ESRCH)
        give_up("tracing");
}

static void at_syscall(tracer_t *tracer, thread_t *thread)
{
    struct __ptrace_syscall_info info;

    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread->id, sizeof(info), &info) <= 0)
        give_up("looking at a system call");
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return;
    if (info.entry.nr == MARK_SYSCALL)
        thread->inside = !thread->inside;
    else if (thread->inside && info.entry.nr < SYSCALLS)
        tracer->counts[info.entry.nr]++;
}

/* Returns the signal to hand on to the thread, 0 for none. */
static int at_stop(tracer_t *tracer, thread_t *thread, int status)
{
    int  signal_number = WSTOPSIG(status);
    bool first_stop = !thread->known;

    thread->known = true;
    if (signal_number == SYSCALL_STOP)
        at_syscall(tracer, thread);
    /* SIGTRAP comes with the tracing, and so does a new thread's first SIGSTOP. */
    if (signal_number == SYSCALL_STOP || signal_number == SIGTRAP || (first_stop && signal_number == SIGSTOP))
        return 0;
    return signal_number;
}

static void trace(tracer_t *tracer)
{
    int   status;
    pid_t id;

    while ((id = waitpid(-1, &status, __WALL)) > 0) {
        thread_t *thread = thread_of(tracer, id);

        if (WIFSTOPPED(status)) {
            resume(thread, at_stop(tracer, thread, status));
            continue;
        }
        if (id == tracer->first)
            tracer->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        forget_thread(tracer, thread);
    }
}

static void start(tracer_t *tracer, char **command)
{
    int status;

    tracer->first = fork();
    if (tracer->first < 0)
        give_up("fork");
    if (tracer->first == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
            give_up("tracing");
        execvp(command[0], command);
        give_up(command[0]);
    }
    if (waitpid(tracer->first, &status, 0) < 0 || !WIFSTOPPED(status))
        exit(2);
    if (ptrace(PTRACE_SETOPTIONS, tracer->first, NULL,
               PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0)
        give_up("tracing");
    thread_of(tracer, tracer->first)->known = true;
    resume(thread_of(tracer, tracer->first), 0);
}

static void print(const tracer_t *tracer)
{
    unsigned long total = 0;

    for (size_t i = 0; i < SYSCALLS; i++)
        total += tracer->counts[i];
    printf("syscalls %lu\n", total);
    for (size_t i = 0; i < SYSCALLS; i++)
        if (tracer->counts[i] > 0)
            printf("syscall %zu %lu\n", i, tracer->counts[i]);
}

int main(int argc, char **argv)
{
    static tracer_t tracer;

    if (argc < 2) {
        fprintf(stderr, "usage: lintel-bench-tracer PROGRAM ARGUMENT...\n");
        return 2;
    }
    start(&tracer, argv + 1);
    trace(&tracer);
    print(&tracer);
    return tracer.status;
}
