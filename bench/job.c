/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <stdio.h>
#include <stdlib.h>

#include "failure.h"

typedef struct {
    const char *name;
    size_t      offset; /* of a size_t in job_t */
} parameter_t;

static const parameter_t parameters[] = {
    {"bytes", offsetof(job_t, bytes)},   {"threads", offsetof(job_t, threads)}, {"modules", offsetof(job_t, modules)},
    {"total", offsetof(job_t, total)},   {"bodies", offsetof(job_t, bodies)},   {"pace", offsetof(job_t, pace)},
    {"hold", offsetof(job_t, hold)},     {"rounds", offsetof(job_t, rounds)},   {"shuffled", offsetof(job_t, shuffled)},
    {"marked", offsetof(job_t, marked)},
};

static size_t parse_number(const char *text, const char *word)
{
    char         *end;
    unsigned long number = strtoul(text, &end, 10);

    if (strcmp(text, "real") == 0)
        return 0;
    if (end == text || *end != '\0')
        failure("'%s' has no number", word);
    return number;
}

static void parse_parameter(const char *word, job_t *job)
{
    const char *colon = strchr(word, ':');

    for (size_t i = 0; colon != NULL && i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        const char *name = parameters[i].name;

        if (strlen(name) == (size_t)(colon - word) && strncmp(word, name, strlen(name)) == 0) {
            *(size_t *)((char *)job + parameters[i].offset) = parse_number(colon + 1, word);
            return;
        }
    }
    failure("no parameter '%s'", word);
}

void job_parse(const char *name, job_t *job)
{
    char  copy[JOB_NAME_SIZE];
    char *rest = NULL;
    char *word;

    *job = (job_t){.name = name, .threads = 1, .hold = 1};
    snprintf(copy, sizeof(copy), "%s", name);
    word = strtok_r(copy, "/", &rest);
    snprintf(job->measure, sizeof(job->measure), "%s", word != NULL ? word : "");
    word = strtok_r(NULL, "/", &rest);
    job->peer = word != NULL ? peer_find(word) : NULL;
    if (job->peer == NULL)
        failure("it was not there when lintel-bench was built");
    while ((word = strtok_r(NULL, "/", &rest)) != NULL)
        parse_parameter(word, job);
    if (job->threads == 0 || job->hold == 0)
        failure("'%s' has no threads, or holds nothing", name);
}
