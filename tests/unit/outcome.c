/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

enum { MOST_REASONS = 8 };

static const char *reasons[MOST_REASONS];
static unsigned    reason_count;

void skip_because(const char *reason)
{
    if (reason_count < MOST_REASONS)
        reasons[reason_count++] = reason;
    skip();
    abort(); /* cmocka does not come back. */
}

int exit_status(int failed)
{
    for (unsigned i = 0; i < reason_count; i++)
        printf("skipped: %s\n", reasons[i]);
    return failed ? failed : reason_count ? EXIT_SKIP : 0;
}
