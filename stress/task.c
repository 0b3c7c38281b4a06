/* SPDX-License-Identifier: MIT */
#include "task.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { SLEEPING_LOOKS = 3, SPINNING_SECONDS = 1, TICK_MICROSECONDS = 5000 };

/* Reads a file of the thread's. Returns whether there is such a thread. */
static bool read_file(pid_t process, pid_t thread, const char *name, char *text, size_t size)
{
    char   path[64];
    FILE  *file;
    size_t length;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/%s", (int)process, (int)thread, name);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
    return length > 0;
}

/* The state's letter, and what the processor has done for it so far. */
static bool read_stat(const task_watch_t *watch, char *state, uint64_t *ticks)
{
    enum { FIELDS_TO_USER_TIME = 11 };
    char  text[1024];
    char *at;

    if (!read_file(watch->process, watch->thread, "stat", text, sizeof(text)) || (at = strrchr(text, ')')) == NULL)
        return false;
    at += 2;
    *state = *at++;
    for (int field = 1; field < FIELDS_TO_USER_TIME; field++)
        strtoull(at + 1, &at, 10);
    *ticks = strtoull(at, &at, 10);
    *ticks += strtoull(at, &at, 10);
    return true;
}

static uint64_t read_switches(const task_watch_t *watch)
{
    static const char label[] = "\nvoluntary_ctxt_switches:";
    char              text[4096];
    const char       *line;

    if (!read_file(watch->process, watch->thread, "status", text, sizeof(text)))
        return 0;
    line = strstr(text, label);
    return line != NULL ? strtoull(line + sizeof(label) - 1, NULL, 10) : 0;
}

task_state_t task_look(task_watch_t *watch)
{
    uint64_t before = watch->switches;
    uint64_t ticks;
    char     state;

    watch->switches = read_switches(watch);
    if (!read_stat(watch, &state, &ticks) || state == 'Z' || state == 'X')
        return TASK_GONE;
    if (!watch->looked)
        watch->ticks = ticks;
    watch->looked = true;
    watch->asleep = state != 'S' ? 0 : watch->switches == before ? watch->asleep + 1 : 1;
    if (watch->asleep >= SLEEPING_LOOKS)
        return TASK_SLEEPS;
    return ticks - watch->ticks > (uint64_t)sysconf(_SC_CLK_TCK) * SPINNING_SECONDS ? TASK_SPINS : TASK_GETS_ON;
}

bool task_exists(pid_t process, pid_t thread)
{
    task_watch_t watch = {.process = process, .thread = thread};
    uint64_t     ticks;
    char         state;

    return read_stat(&watch, &state, &ticks) && state != 'Z' && state != 'X';
}

static void do_nothing(int signal)
{
    (void)signal;
}

void task_ticking(void)
{
    struct sigaction action = {.sa_handler = do_nothing};
    struct itimerval every = {{0, TICK_MICROSECONDS}, {0, TICK_MICROSECONDS}};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
}

void task_silence(void)
{
    struct itimerval never = {{0, 0}, {0, 0}};

    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
}
