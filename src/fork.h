/* SPDX-License-Identifier: MIT
 *
 * fork: keeps liburcu usable on both sides of a fork.
 */
#ifndef LINTEL_FORK_H
#define LINTEL_FORK_H

/* Install the handlers, once per process, after everything that has handlers of its own. May block. */
void fork_start(void);

#endif
