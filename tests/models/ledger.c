/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <string.h>

#include "explorer.h"
#include "kernel.h"

enum { UNITS = KERNEL_PAGES * KERNEL_PAGE / LEDGER_UNIT };

static bool taken[UNITS];

void ledger_start(void)
{
    memset(taken, 0, sizeof(taken));
}

static void enter(range_t range, bool take)
{
    uintptr_t ground = kernel_image() + KERNEL_PAGE;

    for (uintptr_t at = range.start; at < range.end; at += LEDGER_UNIT) {
        bool *unit = &taken[(at - ground) / LEDGER_UNIT];
        if (*unit == take)
            explorer_fail("%#zx of the ground is %s", (size_t)(at - ground), take ? "given away twice" : "nobody's");
        *unit = take;
    }
    plain_write((const void *)range.start, range_size(range));
}

void ledger_take(range_t range)
{
    enter(range, true);
}

void ledger_give(range_t range)
{
    enter(range, false);
}

bool ledger_has(uintptr_t unit)
{
    return taken[(unit - kernel_image() - KERNEL_PAGE) / LEDGER_UNIT];
}

size_t ledger_taken(void)
{
    size_t bytes = 0;

    for (unsigned i = 0; i < UNITS; i++)
        bytes += taken[i] ? LEDGER_UNIT : 0;
    return bytes;
}
