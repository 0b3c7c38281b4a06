/* SPDX-License-Identifier: MIT
 *
 * tracer: stops a thread of a child process, and has it go on by single instructions (ptrace).
 */
#ifndef STRESS_TRACER_H
#define STRESS_TRACER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum {
    TRACER_STOPPED, /* one instruction further */
    TRACER_BLOCKED, /* it sleeps in that instruction, a system call; it will stop once it is through */
    TRACER_ENDED    /* the thread has ended */
} tracer_outcome_t;

/* Each instruction takes two changes of threads; on a busy machine, whoever had to queue for each would take minutes.
 * Has this thread, and those it makes, be let in at once, as far as that is allowed. */
void tracer_hurry(void);

/* Stop the thread, in the system call where it waits. Returns 0 or a negative errno: -EPERM where tracing is barred. */
int tracer_stop(pid_t thread);

/* One instruction. With `patiently` it may sleep for as long as it likes. Needs task_ticking. */
tracer_outcome_t tracer_step(pid_t process, pid_t thread, bool patiently);

/* Run, with the signal delivered, until a signal of the other number comes from the thread itself, which it never gets.
 * Returns TRACER_STOPPED or TRACER_ENDED. */
tracer_outcome_t tracer_run(pid_t thread, int signal, int until);

/* Let it run for good. One that was TRACER_BLOCKED is let go as soon as it stops. */
void tracer_let_go(pid_t thread, tracer_outcome_t last);

/* Whether it keeps the signal back. */
bool tracer_is_masked(pid_t thread, int signal);

/* Where a stopped thread stands. */
uintptr_t tracer_position(pid_t thread);

#endif
