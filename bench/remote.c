/* SPDX-License-Identifier: MIT */
#include "remote.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINE_SIZE = 512 };

static bool refuse(remote_t *remote, const char *reason)
{
    if (remote->reason[0] == '\0')
        snprintf(remote->reason, sizeof(remote->reason), "%.*s", (int)strcspn(reason, "\n"), reason);
    return false;
}

/* The next line, which is to start with `word`. */
static bool read_answer(remote_t *remote, const char *word, char *line)
{
    static const char error[] = "error ";

    if (fgets(line, LINE_SIZE, remote->answers) == NULL)
        return refuse(remote, "the worker process died");
    if (strncmp(line, error, strlen(error)) == 0)
        return refuse(remote, line + strlen(error));
    return strncmp(line, word, strlen(word)) == 0 || refuse(remote, "the worker process said something else");
}

static _Noreturn void become_worker(const int *requests, const int *answers, const char *name)
{
    const char *const arguments[] = {"lintel-bench", "--worker", name, NULL};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(requests[0], STDIN_FILENO);
    dup2(answers[1], STDOUT_FILENO);
    execv("/proc/self/exe", (char *const *)arguments);
    _exit(127);
}

bool remote_start(remote_t *remote, const char *name, work_t *work)
{
    int  requests[2];
    int  answers[2];
    char line[LINE_SIZE];

    *remote = (remote_t){.process = -1};
    if (pipe2(requests, O_CLOEXEC) != 0)
        return refuse(remote, strerror(errno));
    if (pipe2(answers, O_CLOEXEC) != 0) {
        close(requests[0]);
        close(requests[1]);
        return refuse(remote, strerror(errno));
    }
    fflush(NULL);
    remote->process = fork();
    if (remote->process == 0)
        become_worker(requests, answers, name);
    close(requests[0]);
    close(answers[1]);
    remote->requests = fdopen(requests[1], "w");
    remote->answers = fdopen(answers[0], "r");
    if (remote->process < 0 || remote->requests == NULL || remote->answers == NULL)
        return refuse(remote, "no worker process could be made");
    return read_answer(remote, "ready ", line) &&
           (sscanf(line, "ready %zu %zu", &work->items, &work->bytes) == 2 || refuse(remote, line));
}

bool remote_round(remote_t *remote, double *seconds)
{
    char line[LINE_SIZE];

    fputs("round\n", remote->requests);
    fflush(remote->requests);
    return read_answer(remote, "round ", line) && (sscanf(line, "round %lf", seconds) == 1 || refuse(remote, line));
}

static bool read_counters(remote_t *remote, remote_counter_t *counter, void *context)
{
    char   line[LINE_SIZE];
    char   name[64];
    double value;

    while (read_answer(remote, "", line)) {
        if (strcmp(line, "done\n") == 0)
            return true;
        if (sscanf(line, "counter %63s %lf", name, &value) != 2)
            return refuse(remote, line);
        counter(context, name, value);
    }
    return false;
}

bool remote_end(remote_t *remote, remote_counter_t *counter, void *context)
{
    bool good = remote->reason[0] == '\0';

    if (remote->requests != NULL)
        fclose(remote->requests);
    good = good && read_counters(remote, counter, context);
    if (remote->answers != NULL)
        fclose(remote->answers);
    if (remote->process > 0)
        waitpid(remote->process, NULL, 0);
    return good;
}
