/* SPDX-License-Identifier: MIT
 *
 * refusals: the C library refuses, by the linker's --wrap, a thread-specific key or handlers for forks, or does
 * something else first. In a file of its own because it is compiled without sanitizers: their runtime calls these too,
 * before it is ready.
 */
#ifndef REFUSALS_H
#define REFUSALS_H

#include <stdbool.h>

/* The next key is refused; false again once it was. */
extern bool refuse_key;

/* The handlers that are installed as the nth from now on (1 is the next) are refused; 0 is none. */
extern unsigned refuse_handlers_at;

/* Runs just before handlers are installed; NULL is nothing. */
extern void (*while_installing)(void);

/* Runs once, just before a thread-specific value is set; NULL is nothing. */
extern void (*before_setting)(void);

#endif
