/* SPDX-License-Identifier: MIT
 *
 * service_subject: heaps that are to have a service thread. The thread can be refused, so that a test does its work, a
 * pass at a time; what it asks of the kernel can be watched, and stopped.
 */
#ifndef SERVICE_SUBJECT_H
#define SERVICE_SUBJECT_H

#include "base.h"

/* From now on pthread_create has no thread for anybody; and how many it made. */
void     refuse_threads(bool refused);
unsigned threads_made(void);

/* Of the threads that it made for lintel: those that have ended. */
unsigned threads_ended(void);

/* Calls of os_populate, and the pages of the last one. */
unsigned populated(void);
range_t  last_populated(void);

/* Calls of the kernel for whatever allocation can ask of it. */
unsigned kernel_calls(void);

/* Runs in each call of os_populate, before it; NULL for nothing. */
void while_populating(void (*visit)(void));

/* Runs once, the next time that a fork is let in again: between two looks. */
void between_looks(void (*visit)(void));

/* Forgets all that, and clears the script: a cmocka teardown. */
int service_clear(void **state);

/* How many of the range's pages are resident, in bytes. Leaves the test where none is made so ahead of its use. */
size_t resident_in(range_t range);

#endif
