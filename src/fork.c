/* SPDX-License-Identifier: MIT
 *
 * Beside the caller's part, liburcu and the service thread need care: liburcu's reclaiming thread does not exist in the
 * child, and its hash table takes a mutex to resize; the service thread is not to be caught at work. The allocator
 * itself has no lock that a fork could catch in another thread's hands. Handlers before the fork run last installed
 * first: reclaiming stops before jemalloc, which its callbacks use, is locked.
 */
#include "fork.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <urcu/urcu-bp.h>

#include "atomic.h"

static _Atomic bool     installed;
static _Atomic unsigned process_number = 1;
static pthread_mutex_t  holding = PTHREAD_MUTEX_INITIALIZER;
/* The caller's part: set before the handlers are installed. */
static void (*just_before)(void);
static void (*first_in_parent)(void);
static void (*first_in_child)(void);

unsigned fork_process(void)
{
    /* relaxed: written while the process has one thread. */
    return atomic_load_relaxed(&process_number);
}

void fork_hold(void)
{
    pthread_mutex_lock(&holding);
}

void fork_release(void)
{
    pthread_mutex_unlock(&holding);
}

/* Reclaiming stops first: what is being reclaimed may need the hold. */
static void before(void)
{
    urcu_bp_call_rcu_before_fork();
    fork_hold();
    urcu_bp_before_fork();
    just_before();
}

static void after_in_parent(void)
{
    first_in_parent();
    urcu_bp_after_fork_parent();
    fork_release();
    urcu_bp_call_rcu_after_fork_parent();
}

static void after_in_child(void)
{
    first_in_child();
    /* relaxed: the child has one thread. */
    atomic_fetch_add_relaxed(&process_number, 1);
    urcu_bp_after_fork_child();
    fork_release();
    urcu_bp_call_rcu_after_fork_child();
}

int fork_start(void (*before_fork)(void), void (*in_parent)(void), void (*in_child)(void))
{
    bool no = false;

    /* relaxed: the handlers concern whoever forks, and the caller has not yet made a heap that would matter. */
    if (!atomic_cas_relaxed(&installed, &no, true))
        return 0;
    just_before = before_fork;
    first_in_parent = in_parent;
    first_in_child = in_child;
    if (!pthread_atfork(before, after_in_parent, after_in_child))
        return 0;
    /* relaxed: as above. */
    atomic_store_relaxed(&installed, false);
    return -ENOMEM;
}
