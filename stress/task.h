/* SPDX-License-Identifier: MIT
 *
 * task: whether a thread of another process gets on, or is blocked. Time that passes says nothing on a busy machine:
 * what counts is what the thread itself did.
 *
 *   sleeps  the kernel said three times in a row that it sleeps in a system call, and it did not run in between
 *   spins   it has used a second of processor time, for what takes microseconds
 */
#ifndef STRESS_TASK_H
#define STRESS_TASK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum { TASK_GETS_ON, TASK_SLEEPS, TASK_SPINS, TASK_GONE } task_state_t;

typedef struct {
    pid_t    process;
    pid_t    thread;
    unsigned asleep;   /* looks in a row that found it so */
    uint64_t switches; /* times that it has stopped running by itself, at the last look */
    uint64_t ticks;    /* of the processor, at the first look */
    bool     looked;
} task_watch_t;

/* From its first look on; the looks are to be some milliseconds apart. */
task_state_t task_look(task_watch_t *watch);

bool task_exists(pid_t process, pid_t thread);

/* From task_ticking to task_silence, a signal interrupts the calling thread's system calls every few milliseconds. */
void task_ticking(void);
void task_silence(void);

#endif
