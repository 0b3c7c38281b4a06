/* SPDX-License-Identifier: MIT
 *
 * gap: reserves free address space in a window, nearest to its start first, out of the way of what still grows.
 *
 * Two things grow: the heap that brk extends, upward from the program break, and the main stack, downward. Space within
 * HEAP_CLEARANCE above the break or within the stack's limit is used only where the caller says so, last, and then from
 * the end that is farthest from what grows.
 */
#ifndef LINTEL_GAP_H
#define LINTEL_GAP_H

#include <lintel/lintel.h>

#include "gap_hints.h"

/* 1 GiB for the program's heap, and what the kernel and malloc want beside it. */
#define HEAP_CLEARANCE (((uintptr_t)1 << 30) + ((uintptr_t)1 << 20))

typedef struct {
    range_t      window; /* bytes that may be used; starts on a page */
    size_t       need;   /* at least so many of them, in one piece */
    size_t       want;   /* at most so many pages' worth; not below `need` */
    lintel_gap_t finder; /* how to look */
    gap_hints_t *hints;  /* NULL: none */
} gap_request_t;

/* Reserve the nearest free range that has `need` bytes in the window, keeping clear of what grows.
 * Returns 0 with the reserved pages, whose last may end beyond the window; -ENOSPC (there is none); -ENOMEM (the kernel
 * refuses even `need`). Lock-free. */
int gap_reserve(const gap_request_t *request, range_t *reserved);

/* The same within the clearances only. */
int gap_reserve_clearance(const gap_request_t *request, range_t *reserved);

#endif
