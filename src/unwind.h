/* SPDX-License-Identifier: MIT
 *
 * unwind: how debuggers and profilers get from inside a body to its caller, as a section .eh_frame with its header.
 *
 * The section is made for one place, whatever place it is read at: the first multiple of 8 behind the named bytes.
 * There perf maps it, in what it makes of its dump; and gdb believes what the object says.
 *
 *   U1  every code address in the section is relative to its place, so that it holds wherever the two are moved
 * together
 */
#ifndef LINTEL_UNWIND_H
#define LINTEL_UNWIND_H

#include <lintel/lintel.h>

#include "base.h"

#define UNWIND_ALIGN 8

/* How much of it there is, in bytes; all zero: nothing is known. */
typedef struct {
    size_t section; /* .eh_frame; a multiple of UNWIND_ALIGN */
    size_t header;  /* .eh_frame_hdr, which follows it */
} unwind_size_t;

/* Where the section is read. */
static inline uintptr_t unwind_place(range_t body)
{
    return align_up(body.end, UNWIND_ALIGN);
}

/* See how much there will be for a body. `unwind` may be NULL. Returns 0; -EINVAL (it is not as it must be). */
int unwind_measure(const lintel_unwind_t *unwind, range_t body, unwind_size_t *size);

/* Write it, section and header, to zeroed bytes; after unwind_measure, and as much as that said. */
void unwind_write(const lintel_unwind_t *unwind, range_t body, unwind_size_t size, unsigned char *to);

#endif
