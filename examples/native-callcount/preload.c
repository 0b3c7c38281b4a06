/* SPDX-License-Identifier: MIT
 *
 * libnative-callcount.so: give it to a program by LD_PRELOAD, and it counts the calls of functions in the shared
 * libraries that NATIVE_CALLCOUNT names, from just before main until the program ends.
 *
 *     NATIVE_CALLCOUNT          libraries, separated by colons: libz:libsqlite3; with stars, patterns: *ssl*
 *     NATIVE_CALLCOUNT_REPORT   a file for all counts as JSON; %p in its name is the process, and without it only the
 *                               process that began reports, not what it forks
 *     NATIVE_CALLCOUNT_TOP      rows of the table that goes to the standard error stream; 0 for no table; 20
 *     NATIVE_CALLCOUNT_THREADS  threads that instrument at the start, a library each at a time; 1
 */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller.h"
#include "profile.h"
#include "report.h"

enum { REPORT_SECONDS = 5 };

#define EXPORT __attribute__((visibility("default")))

EXPORT size_t native_callcount_add(const char *names);

static const char *names;
static const char *report_path;
static size_t      table_rows;
static pid_t       first_process;
static pid_t       process; /* whose memory this is: the child of a vfork has another number, and its parent's memory */
static atomic_bool reported = true; /* nothing to report before the start */
static atomic_int  status_of_program;

static size_t number_from(const char *variable, size_t otherwise)
{
    const char *text = secure_getenv(variable);

    return text != NULL ? strtoul(text, NULL, 10) : otherwise;
}

/* `report_path` with each %p replaced by the process. */
static void expand_path(char *path, size_t capacity)
{
    size_t length = 0;

    for (const char *at = report_path; *at != '\0' && length + 12 < capacity; at++) {
        if (at[0] == '%' && at[1] == 'p') {
            length += (size_t)snprintf(path + length, capacity - length, "%d", (int)getpid());
            at++;
        } else {
            path[length++] = *at;
        }
    }
    path[length] = '\0';
}

static void write_json(const library_t *libraries)
{
    char path[PATH_MAX];

    expand_path(path, sizeof(path));
    FILE *out = fopen(path, "we");
    if (out != NULL)
        report_json(out, libraries);
    if (out == NULL || ferror(out) != 0)
        fprintf(stderr, "native-callcount: the report could not be written to %s\n", path);
    if (out != NULL)
        fclose(out);
}

static void begin_child(void)
{
    process = getpid();
}

/* The counts stop first: what reporting calls is not the program's. */
static void report(void)
{
    if (getpid() != process || atomic_exchange(&reported, true))
        return;
    const library_t *libraries = profile_stop();
    bool             first = getpid() == first_process;

    if (report_path != NULL && (first || strstr(report_path, "%p") != NULL))
        write_json(libraries);
    if (table_rows > 0 && first)
        report_table(stderr, libraries, profile_heap(), table_rows);
}

__attribute__((constructor)) static void start(void)
{
    names = secure_getenv("NATIVE_CALLCOUNT");
    report_path = secure_getenv("NATIVE_CALLCOUNT_REPORT");
    table_rows = number_from("NATIVE_CALLCOUNT_TOP", 20);
    first_process = process = getpid();
    if (names == NULL || profile_start() != 0 || pthread_atfork(NULL, NULL, begin_child) != 0 ||
        at_quick_exit(report) != 0) {
        fprintf(stderr, "native-callcount: %s\n", names ? "no memory" : "NATIVE_CALLCOUNT names no libraries");
        names = "";
        return;
    }
    profile_add(names, number_from("NATIVE_CALLCOUNT_THREADS", 1));
    atomic_store(&reported, false);
    profile_clear();
}

__attribute__((destructor)) static void finish(void)
{
    report();
}

/* For programs that choose for themselves, at any time and from any thread: instruments what `wanted` names among the
 * images that are loaded. Returns how many were new. */
size_t native_callcount_add(const char *wanted)
{
    return profile_heap() != NULL ? profile_add_loaded(wanted) : 0;
}

/* In place of the C library's: what is loaded later is instrumented before the program gets at it. */
EXPORT void *dlopen(const char *file, int mode)
{
    static open_t *real;

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "dlopen");
    void *handle = caller_open((uintptr_t)__builtin_return_address(0), real, file, mode);
    if (handle != NULL && (mode & RTLD_NOLOAD) == 0)
        native_callcount_add(names);
    return handle;
}

static void leave_without(int signal)
{
    static const char text[] = "native-callcount: the report ends here: the program leaves with a lock that it needs\n";

    (void)signal;
    syscall(SYS_write, STDERR_FILENO, text, sizeof(text) - 1);
    syscall(SYS_exit_group, status_of_program);
}

/* A signal handler may leave while its thread is amid malloc, whose lock the report would wait for. */
static void limit_report(int status)
{
    struct sigaction action = {.sa_handler = leave_without};
    sigset_t         alarms;

    status_of_program = status;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    sigaction(SIGALRM, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
    alarm(REPORT_SECONDS);
}

static _Noreturn void leave(const char *name, int status)
{
    void (*real)(int);

    if (getpid() == process)
        limit_report(status);
    report();
    *(void **)&real = dlsym(RTLD_NEXT, name);
    real(status);
    abort(); /* which never comes to pass */
}

/* In place of the C library's: these end the program without running destructors. */
EXPORT void _exit(int status)
{
    leave("_exit", status);
}

EXPORT void _Exit(int status)
{
    leave("_Exit", status);
}
