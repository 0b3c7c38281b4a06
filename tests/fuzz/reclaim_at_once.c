/* SPDX-License-Identifier: MIT
 *
 * A generation's memory goes before the call that gave up its last reference returns: an input means the same each
 * time.
 */
#include <urcu/urcu-bp.h>

void __wrap_urcu_bp_call_rcu(struct rcu_head *head, void (*work)(struct rcu_head *head));

void __wrap_urcu_bp_call_rcu(struct rcu_head *head, void (*work)(struct rcu_head *head))
{
    urcu_bp_synchronize_rcu();
    work(head);
}
