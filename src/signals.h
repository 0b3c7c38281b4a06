/* SPDX-License-Identifier: MIT
 *
 * signals: the host's signals are not for threads of lintel's, nor for those that liburcu makes for it. A thread starts
 * with its maker's mask: made while all signals are blocked, it never runs a handler of the host's, and is never the
 * one that a signal finds when the host's threads wait for it by sigwait.
 */
#ifndef LINTEL_SIGNALS_H
#define LINTEL_SIGNALS_H

#include <signal.h>

/* Block them for the calling thread. Returns what it had blocked before, for signals_restore. */
static inline sigset_t signals_block(void)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    return before;
}

static inline void signals_restore(sigset_t before)
{
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

#endif
