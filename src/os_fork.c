/* SPDX-License-Identifier: MIT
 *
 * os_fork: the parent waits for its child. A pipe tells it even if the child is killed: nobody else has its other end
 * for long.
 */
#include "os.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { READING, WRITING };

bool os_gate_make(os_gate_t *gate)
{
    int saved_errno = errno;

    gate->made = !pipe2(gate->ends, O_CLOEXEC);
    errno = saved_errno;
    return gate->made;
}

void os_gate_open(os_gate_t *gate)
{
    int saved_errno = errno;

    if (gate->made) {
        /* By a byte too: a process that another thread made meanwhile may keep the other end open. */
        (void)!write(gate->ends[WRITING], "", 1);
        close(gate->ends[READING]);
        close(gate->ends[WRITING]);
    }
    gate->made = false;
    errno = saved_errno;
}

void os_gate_wait(os_gate_t *gate)
{
    int     saved_errno = errno;
    ssize_t got = -1;
    char    byte;

    if (gate->made) {
        close(gate->ends[WRITING]);
        do
            got = read(gate->ends[READING], &byte, 1);
        while (got < 0 && errno == EINTR);
        close(gate->ends[READING]);
    }
    gate->made = false;
    errno = saved_errno;
}
