/* SPDX-License-Identifier: MIT
 *
 * machine_code: bodies of a few instructions.
 */
#ifndef MACHINE_CODE_H
#define MACHINE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for any of the bodies below. */
#define MACHINE_CODE_SIZE 16

/* Write a function that returns `value` to `at`. Returns its size. */
size_t machine_code_of(uint16_t value, void *at);

/* Call such a function. */
uint16_t machine_code_call(const void *body);

/* Whether a jump to `address` ends in a trap, or at memory that is not executable: tried in a child. */
bool machine_code_traps(const void *address);

/* Which of `count` pages from `start` on are executable, told by the kernel. */
void machine_code_executable(uintptr_t start, size_t count, bool *pages);

/* Mappings of this process that are writable and executable. */
unsigned writable_and_executable(void);

/* Those that are shared: of files, or with children. */
unsigned shared_mappings(void);

#endif
