/* SPDX-License-Identifier: MIT
 *
 * cancel: a thread is not cancelled where it is half done with something. There files are opened and closed, by
 * libraries too, other threads waited for, and grace periods slept through; callers do not expect that their thread may
 * end.
 */
#ifndef LINTEL_CANCEL_H
#define LINTEL_CANCEL_H

#include <pthread.h>

/* From here on the calling thread cannot be cancelled. Returns what it was before, for cancel_restore. */
static inline int cancel_forbid(void)
{
    int before;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

static inline void cancel_restore(int before)
{
    pthread_setcancelstate(before, NULL);
}

#endif
