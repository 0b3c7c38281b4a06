/* SPDX-License-Identifier: MIT
 *
 * settings: what the environment asks of the profiler.
 *
 *   CALLCOUNT_REPORT=FILE         write the whole report there as JSON; %p in it becomes the process's number
 *   CALLCOUNT_TOP=N               print the N most-called methods, 20 if not set; 0: print no table at all
 *   CALLCOUNT_POOL=zone           reserve address space early, a landing zone for later images below it; the default
 *                 =pool           reserve it without the zone
 *                 =off            reserve nothing
 *   CALLCOUNT_ALLOCATOR=lintel    where bodies come from; the default
 *                      =runtime   the runtime's own allocator, to compare with; then there is no heap of lintel's
 *   CALLCOUNT_CLOCK=1             measure the time inside the allocator, for the report
 *   CALLCOUNT_REFUSE=N            refuse every Nth allocation of a body, to see what becomes of it
 */
#ifndef CALLCOUNT_SETTINGS_H
#define CALLCOUNT_SETTINGS_H

#include "landing.h"

typedef enum { ALLOCATOR_LINTEL, ALLOCATOR_RUNTIME } allocator_choice_t;

typedef struct {
    const char        *report; /* NULL: none */
    unsigned long      top;
    unsigned long      refuse; /* 0: none */
    unsigned long      clock;  /* 0: off */
    pool_choice_t      pool;
    allocator_choice_t allocator;
} settings_t;

settings_t settings_read(void);

#endif
