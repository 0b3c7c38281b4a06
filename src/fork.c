/* SPDX-License-Identifier: MIT
 *
 * Beside the caller's part, liburcu and the service thread need care: liburcu's reclaiming thread does not exist in the
 * child, and its hash table takes a mutex to resize; the service thread is not to be caught at work. The allocator
 * itself has no lock that a fork could catch in another thread's hands. Reclaiming stops before jemalloc, which its
 * callbacks use, is held; the system's jemalloc has handlers of its own, which were installed before and so run later.
 */
#include "fork.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>
#include <urcu/urcu-bp.h>

#include "atomic.h"
#include "cancel.h"
#include "os.h"
#include "signals.h"

/* The process in which a thread is just installing the handlers; INSTALLED when they are. */
#define INSTALLED (-1)
static _Atomic pid_t installer;

static _Atomic unsigned process_number = 1;
static pthread_mutex_t  holding = PTHREAD_MUTEX_INITIALIZER;

/* Whether the holder, and the thread that forks, could be cancelled before: under `holding`. fork itself is not to end
 * a thread, and what waits or writes in its handlers would. */
static int holders_cancel_state;
static int forkers_cancel_state;

unsigned fork_process(void)
{
    /* relaxed: written while the process has one thread. */
    return atomic_load_relaxed(&process_number);
}

void fork_hold(void)
{
    int before = cancel_forbid();

    pthread_mutex_lock(&holding);
    holders_cancel_state = before;
}

void fork_release(void)
{
    int before = holders_cancel_state;

    pthread_mutex_unlock(&holding);
    cancel_restore(before);
}

/* Reclaiming stops first: what is being reclaimed may need the hold. */
void fork_before(void)
{
    int before = cancel_forbid();

    urcu_bp_call_rcu_before_fork();
    fork_hold();
    forkers_cancel_state = before;
    urcu_bp_before_fork();
}

void fork_after_in_parent(void)
{
    int before = forkers_cancel_state;

    urcu_bp_after_fork_parent();
    fork_release();
    urcu_bp_call_rcu_after_fork_parent();
    cancel_restore(before);
}

void fork_after_in_child(void)
{
    int before = forkers_cancel_state;

    /* relaxed: the child has one thread. They are installed, if the one that did it was caught in the middle. */
    atomic_store_relaxed(&installer, INSTALLED);
    /* relaxed: the child has one thread. */
    atomic_fetch_add_relaxed(&process_number, 1);
    urcu_bp_after_fork_child();
    fork_release();
    /* Makes a thread. */
    sigset_t mask = signals_block();
    urcu_bp_call_rcu_after_fork_child();
    signals_restore(mask);
    cancel_restore(before);
}

/* Returns whether the caller is to install the handlers. Others wait until that is done: who has a heap may fork. */
static bool is_first(void)
{
    pid_t self = getpid();
    pid_t found = 0;

    /* acquire: pairs with the releases in fork_start; the handlers are there. One that a fork caught at it, and whose
     * handlers did not run, is not in this process. */
    while (!atomic_cas_acquire(&installer, &found, self)) {
        if (found == INSTALLED)
            return false;
        if (found == self) {
            found = 0;
            os_yield();
        }
    }
    return true;
}

int fork_start(void (*before)(void), void (*in_parent)(void), void (*in_child)(void))
{
    if (!is_first())
        return 0;
    bool refused = pthread_atfork(before, in_parent, in_child);
    /* release: pairs with is_first's acquire; the handlers are there. */
    atomic_store_release(&installer, refused ? 0 : INSTALLED);
    return refused ? -ENOMEM : 0;
}
