/* SPDX-License-Identifier: MIT */
#include "worker.h"

#include <stdio.h>

#include "failure.h"
#include "measure.h"

/* A job that says how many rounds there are is not asked for any. */
static bool is_asked(const job_t *job, size_t rounds)
{
    char line[16];

    if (job->rounds != 0)
        return rounds < job->rounds;
    return fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "round\n") == 0;
}

int worker_main(char **arguments)
{
    const char      *name = arguments[2];
    job_t            job;
    const measure_t *measure;
    work_t           work = {0};
    void            *state;

    job_parse(name, &job);
    measure = measure_find_name(job.measure);
    peer_enter(job.peer, arguments);
    state = measure->begin(&job, &work);
    printf("ready %zu %zu\n", work.items, work.bytes);
    fflush(stdout);
    for (size_t rounds = 0; is_asked(&job, rounds); rounds++) {
        if (rounds > 0 && measure->fresh)
            failure("'%s' has one round a process", name);
        printf("round %.17g\n", measure->round(state));
        fflush(stdout);
    }
    if (measure->counters != NULL)
        measure->counters(state);
    printf("done\n");
    fflush(stdout);
    measure->end(state);
    return 0;
}
