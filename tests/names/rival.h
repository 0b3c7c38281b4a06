/* SPDX-License-Identifier: MIT
 *
 * rival: another JIT compiler, as gdb's documentation has it written: with the same names, exported, without a version.
 */
#ifndef RIVAL_H
#define RIVAL_H

#include <stdbool.h>

/* Enters an object. */
typedef void rival_add_t(void);
rival_add_t  rival_add;

/* Whether its list has what it entered, and nothing else, and its function was called so often. */
typedef bool     rival_is_alone_t(void);
rival_is_alone_t rival_is_alone;

#endif
