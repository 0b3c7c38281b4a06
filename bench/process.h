/* SPDX-License-Identifier: MIT
 *
 * process: what this process has of address space and memory, exactly, as the kernel counts.
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

#include <stddef.h>

typedef struct {
    size_t size;     /* bytes of address space */
    size_t resident; /* of those, in memory */
} process_t;

void process_look(process_t *process);

#endif
