/* SPDX-License-Identifier: MIT
 *
 * mapping: fresh memory straight from the kernel, readable and writable, untouched.
 */
#ifndef BENCH_MAPPING_H
#define BENCH_MAPPING_H

#include <stddef.h>
#include <stdint.h>

enum { MAPPING_PAGE = 4096, MAPPING_HUGE_PAGE = 2 << 20 };

typedef struct {
    uintptr_t start; /* a multiple of MAPPING_HUGE_PAGE */
    size_t    size;
    void     *whole; /* what was mapped */
    size_t    whole_size;
} mapping_t;

mapping_t mapping_make(size_t size);

/* Have the kernel use huge pages. */
void mapping_make_huge(const mapping_t *mapping);

/* Have the kernel provide the pages of [start, start + size) now. */
void mapping_populate(uintptr_t start, size_t size);

/* How many bytes of [start, start + size), whole pages, are in memory. */
size_t mapping_resident(uintptr_t start, size_t size);

/* Have the machine provide so much memory, in huge pages if it has them, and give it back to the kernel, which hands it
 * out again next: a virtual machine's host may take a millisecond for the first use of each 2 MiB. */
void mapping_warm_machine(size_t size);

void mapping_drop(const mapping_t *mapping);

#endif
