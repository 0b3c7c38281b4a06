/* SPDX-License-Identifier: MIT
 *
 * Only liburcu needs care: its reclaiming thread does not exist in the child. The allocator itself has no lock that a
 * fork could catch in another thread's hands. Handlers before the fork run last installed first: reclaiming stops
 * before jemalloc, which its callbacks use, is locked.
 */
#include "fork.h"

#include <pthread.h>
#include <urcu/urcu-bp.h>

static pthread_once_t install_once = PTHREAD_ONCE_INIT;

static void before(void)
{
    urcu_bp_call_rcu_before_fork();
    urcu_bp_before_fork();
}

static void after_in_parent(void)
{
    urcu_bp_after_fork_parent();
    urcu_bp_call_rcu_after_fork_parent();
}

static void after_in_child(void)
{
    urcu_bp_after_fork_child();
    urcu_bp_call_rcu_after_fork_child();
}

static void install(void)
{
    pthread_atfork(before, after_in_parent, after_in_child);
}

void fork_start(void)
{
    pthread_once(&install_once, install);
}
