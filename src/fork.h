/* SPDX-License-Identifier: MIT
 *
 * fork: keeps liburcu usable on both sides of a fork, and tells the sides apart.
 */
#ifndef LINTEL_FORK_H
#define LINTEL_FORK_H

/* Install these handlers, unless they are. Each calls its own of the three below: the first one first of all, the
 * others last. Returns 0; -ENOMEM. May block. */
int fork_start(void (*before)(void), void (*in_parent)(void), void (*in_child)(void));

void fork_before(void);
void fork_after_in_parent(void);
void fork_after_in_child(void);

/* Between these two no fork happens and no other thread is, and the caller is not cancelled: for what must not be met
 * half done in a child. Not around anything that waits for reclaiming. May block. */
void fork_hold(void);
void fork_release(void);

/* A number that is another one in the child of a fork, never 0. Wait-free. */
unsigned fork_process(void);

#endif
