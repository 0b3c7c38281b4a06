/* SPDX-License-Identifier: MIT */
#include "run.h"

#include <string.h>

void run_begin(run_t *run, const char *unit, uint64_t least)
{
    progress_begin(&run->progress, run->options->scenario->name, unit, run->options->seconds, least);
}

bool run_goes_on(const run_t *run)
{
    return verdict_is_good(&run->verdict) && !progress_time_is_up(&run->progress);
}

bool run_expect(run_t *run, const char *call, const char *name, int result)
{
    if (result != 0)
        verdict_broken(&run->verdict, call, "%s: %s", name, strerror(-result));
    return result == 0;
}
