/* SPDX-License-Identifier: MIT
 *
 * rival: another JIT compiler, as gdb's documentation has it written: with the same names, exported, without a version.
 */
#ifndef RIVAL_H
#define RIVAL_H

#include <stdbool.h>

/* Enters an object. */
void rival_add(void);

/* Whether its list has what it entered, and nothing else, and its function was called so often. */
bool rival_is_alone(void);

#endif
