/* SPDX-License-Identifier: MIT */
#include "threads.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { THREADS_LIMIT = 4096, TURN_NANOSECONDS = 5000000, TURNS = 20, ATTEMPTS = 10 };

typedef struct {
    pid_t             thread;
    _Atomic(greg_t *) program_counter; /* once it has stopped */
} stopped_t;

static stopped_t        stopped[THREADS_LIMIT];
static size_t           asked;       /* of those, how many were sent the signal; the stopping thread's own */
static _Atomic uint32_t running = 1; /* 0 while threads are to stop: what they wait on */
static _Atomic uint32_t arrivals;    /* what the stopping thread waits on */
static _Atomic uint32_t waiting;     /* threads inside the handler */
static int              stop_signal;

static long futex(_Atomic uint32_t *word, int operation, uint32_t value, const struct timespec *limit)
{
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, limit, NULL, 0);
}

static stopped_t *find_stopped(pid_t thread)
{
    for (size_t i = 0; i < asked; i++)
        if (stopped[i].thread == thread)
            return &stopped[i];
    return NULL;
}

/* The handler. One that comes late, when nobody waits for it any more, goes straight back. */
static void stop_here(int signal, siginfo_t *info, void *context)
{
    int        saved = errno;
    stopped_t *self = info->si_value.sival_ptr;

    (void)signal;
    atomic_fetch_add(&waiting, 1);
    if (atomic_load(&running) == 0 && self->thread == (pid_t)syscall(SYS_gettid)) {
        atomic_store(&self->program_counter, &((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP]);
        atomic_fetch_add(&arrivals, 1);
        futex(&arrivals, FUTEX_WAKE, 1, NULL);
        while (atomic_load(&running) == 0)
            futex(&running, FUTEX_WAIT, 0, NULL);
    }
    atomic_fetch_sub(&waiting, 1);
    errno = saved;
}

/* Takes the highest real-time signal that the program does not use. */
static int prepare(void)
{
    struct sigaction action = {.sa_sigaction = stop_here, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigaction current;

    sigfillset(&action.sa_mask);
    for (int signal = SIGRTMAX; signal >= SIGRTMIN && stop_signal == 0; signal--)
        if (sigaction(signal, NULL, &current) == 0 && current.sa_handler == SIG_DFL &&
            sigaction(signal, &action, NULL) == 0)
            stop_signal = signal;
    return stop_signal != 0 ? 0 : -ENOSPC;
}

static int send(stopped_t *target)
{
    siginfo_t info = {.si_signo = stop_signal, .si_code = SI_QUEUE};

    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_ptr = target;
    return (int)syscall(SYS_rt_tgsigqueueinfo, info.si_pid, target->thread, stop_signal, &info);
}

/* Sends the signal to a thread that has not had it. Returns whether the thread runs still. */
static bool ask(pid_t thread)
{
    stopped_t *known = find_stopped(thread);

    if (known != NULL)
        return atomic_load(&known->program_counter) == NULL;
    stopped[asked].thread = thread;
    atomic_store(&stopped[asked].program_counter, NULL);
    if (send(&stopped[asked]) == 0)
        asked++;
    return true;
}

typedef bool thread_visit_t(pid_t thread);

static bool has_stopped(pid_t thread)
{
    const stopped_t *known = find_stopped(thread);

    return known != NULL && atomic_load(&known->program_counter) != NULL;
}

/* Returns for how many of the other threads `visit` was true; -errno where they cannot be listed. By system calls
 * alone: what the C library would use for this may be locked by a thread that has stopped. */
static int visit_others(thread_visit_t *visit)
{
    struct entry {
        uint64_t       inode;
        int64_t        offset;
        unsigned short length;
        unsigned char  type;
        char           name[];
    };
    _Alignas(struct entry) char buffer[4096];
    pid_t                       self = (pid_t)syscall(SYS_gettid);
    int                         count = 0;
    int                         folder = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY);
    long                        size = folder < 0 ? -errno : 1;

    while (size > 0) {
        size = syscall(SYS_getdents64, folder, buffer, sizeof(buffer));
        for (long at = 0; at < size;) {
            const struct entry *entry = (const struct entry *)(buffer + at);
            pid_t               thread = 0;

            for (const char *digit = entry->name; *digit >= '0' && *digit <= '9'; digit++)
                thread = 10 * thread + (*digit - '0');
            if (thread != 0 && thread != self && asked < THREADS_LIMIT)
                count += visit(thread);
            at += entry->length;
        }
    }
    if (folder >= 0)
        syscall(SYS_close, folder);
    return size < 0 ? (int)size : count;
}

/* By the kernel's own count: the list passes over a thread where another one ends beside it. Returns 0 if it cannot be
 * read. Field 20 of the status; the second field, in parentheses, may hold anything. */
static int count_threads(void)
{
    char        text[1024];
    int         count = 0;
    int         status = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/stat", O_RDONLY);
    long        size = syscall(SYS_read, status, text, sizeof(text) - 1);
    const char *at;

    if (status >= 0)
        syscall(SYS_close, status);
    text[size < 0 ? 0 : size] = '\0';
    at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 20; field++)
        at = strchr(at + 1, ' ');
    while (at != NULL && *++at >= '0' && *at <= '9')
        count = 10 * count + (*at - '0');
    return count;
}

bool threads_alone(void)
{
    return count_threads() == 1;
}

/* What has stopped does not end, nor start others: where the rest of the threads has, there is no other. */
static bool all_have_stopped(void)
{
    return visit_others(has_stopped) + 1 == count_threads();
}

/* Returns as threads_stop. */
static int try_to_stop(void)
{
    struct timespec turn = {.tv_nsec = TURN_NANOSECONDS};
    int             left = 0;

    asked = 0;
    atomic_store(&running, 0);
    for (int turns = 0; turns < TURNS;) {
        uint32_t seen = atomic_load(&arrivals);

        left = visit_others(ask);
        if (left == 0 && asked < THREADS_LIMIT && all_have_stopped())
            return 0;
        if (left < 0 || asked == THREADS_LIMIT)
            break;
        /* Where threads come and go, and stop, time has not passed in vain. */
        turns += futex(&arrivals, FUTEX_WAIT, seen, &turn) != 0 && errno == ETIMEDOUT;
    }
    threads_resume();
    return asked == THREADS_LIMIT ? -ENOSPC : left < 0 ? left : -EAGAIN;
}

/* A thread that has stopped may hold a lock that another one waits for with all signals blocked, as threads do where
 * they begin and end. Then they have to go on for a while. */
int threads_stop(void)
{
    int result = stop_signal != 0 ? 0 : prepare();

    if (result < 0)
        return result;
    result = -EAGAIN;
    for (int i = 0; i < ATTEMPTS && result == -EAGAIN; i++)
        result = try_to_stop();
    return result;
}

void threads_visit(void (*visit)(greg_t *program_counter, void *context), void *context)
{
    for (size_t i = 0; i < asked; i++) {
        greg_t *program_counter = atomic_load(&stopped[i].program_counter);

        if (program_counter != NULL)
            visit(program_counter, context);
    }
}

void threads_resume(void)
{
    atomic_store(&running, 1);
    futex(&running, FUTEX_WAKE, INT32_MAX, NULL);
    while (atomic_load(&waiting) != 0)
        syscall(SYS_sched_yield);
}
