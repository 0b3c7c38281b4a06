/* SPDX-License-Identifier: MIT
 *
 * fork: keeps liburcu usable on both sides of a fork.
 */
#ifndef LINTEL_FORK_H
#define LINTEL_FORK_H

/* Install the handlers, unless they are, after everything that has handlers of its own. The three are called next to
 * each fork: just before it, and first of all in the parent and in the child. Returns 0; -ENOMEM. May block. */
int fork_start(void (*before_fork)(void), void (*in_parent)(void), void (*in_child)(void));

/* Between these two no fork happens: for what must not be met half done in a child. May block. */
void fork_hold(void);
void fork_release(void);

#endif
