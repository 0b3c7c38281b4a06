/* SPDX-License-Identifier: MIT
 *
 * Only liburcu needs care: its reclaiming thread does not exist in the child, and its hash table takes a mutex to
 * resize. The allocator itself has no lock that a fork could catch in another thread's hands. Handlers before the fork
 * run last installed first: reclaiming stops before jemalloc, which its callbacks use, is locked.
 */
#include "fork.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <urcu/urcu-bp.h>

#include "atomic.h"

static _Atomic bool    installed;
static pthread_mutex_t holding = PTHREAD_MUTEX_INITIALIZER;

void fork_hold(void)
{
    pthread_mutex_lock(&holding);
}

void fork_release(void)
{
    pthread_mutex_unlock(&holding);
}

static void before(void)
{
    fork_hold();
    urcu_bp_call_rcu_before_fork();
    urcu_bp_before_fork();
}

static void after_in_parent(void)
{
    urcu_bp_after_fork_parent();
    urcu_bp_call_rcu_after_fork_parent();
    fork_release();
}

static void after_in_child(void)
{
    urcu_bp_after_fork_child();
    urcu_bp_call_rcu_after_fork_child();
    fork_release();
}

int fork_start(void (*before_fork)(void), void (*in_parent)(void), void (*in_child)(void))
{
    bool no = false;

    /* relaxed: the handlers concern whoever forks, and the caller has not yet made a heap that would matter. */
    if (!atomic_cas_relaxed(&installed, &no, true))
        return 0;
    /* First what does no harm if it is there twice, after a refusal of the rest. */
    if (!pthread_atfork(before_fork, in_parent, in_child) && !pthread_atfork(before, after_in_parent, after_in_child))
        return 0;
    /* relaxed: as above. */
    atomic_store_relaxed(&installed, false);
    return -ENOMEM;
}
