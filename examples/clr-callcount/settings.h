/* SPDX-License-Identifier: MIT
 *
 * settings: what the environment asks of the profiler.
 *
 *   CALLCOUNT_REPORT=FILE       write the whole report there as JSON; %p in it becomes the process's number
 *   CALLCOUNT_TOP=N             print the N most-called methods, 20 if not set; 0: print no table at all
 *   CALLCOUNT_POOL=zone         reserve address space early, with a landing zone below it for images to come; the
 * default =pool         reserve it without the zone =off          reserve nothing CALLCOUNT_REFUSE=N          refuse
 * every Nth allocation of a body, to see what becomes of it
 */
#ifndef CALLCOUNT_SETTINGS_H
#define CALLCOUNT_SETTINGS_H

typedef enum { POOL_ZONE, POOL_ALONE, POOL_OFF } pool_choice_t;

typedef struct {
    const char   *report; /* NULL: none */
    unsigned long top;
    unsigned long refuse; /* 0: none */
    pool_choice_t pool;
} settings_t;

settings_t settings_read(void);

#endif
