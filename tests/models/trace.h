/* SPDX-License-Identifier: MIT
 *
 * trace: the accesses of one execution, to be printed when it ends badly.
 */
#ifndef MODELS_TRACE_H
#define MODELS_TRACE_H

#include "memory.h"

void trace_reset(void);
void trace_add(unsigned thread, const access_t *access);
void trace_value(uint64_t value); /* read or written by the access added last */
void trace_print(void);

/* Every function with every kind of access that it made in any execution, a line each. */
void trace_print_kinds(void);

#endif
