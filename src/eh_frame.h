/* SPDX-License-Identifier: MIT
 *
 * eh_frame: reads a section .eh_frame, entry by entry, with nothing believed that is not checked.
 */
#ifndef LINTEL_EH_FRAME_H
#define LINTEL_EH_FRAME_H

#include "base.h"

/* The pointer encodings of DWARF that code addresses may have, and how it names them. */
#define EH_FRAME_ABSOLUTE 0x00
#define EH_FRAME_UDATA4   0x03
#define EH_FRAME_UDATA8   0x04
#define EH_FRAME_SDATA4   0x0b
#define EH_FRAME_SDATA8   0x0c
#define EH_FRAME_RELATIVE 0x10 /* to the place of the pointer itself */

typedef struct {
    const unsigned char *start;
    size_t               size;
    size_t               next; /* the entry to read */
} eh_frame_t;

typedef enum { EH_FRAME_CIE, EH_FRAME_FDE } eh_frame_kind_t;

/* An entry. Offsets are from the section's start. */
typedef struct {
    eh_frame_kind_t kind;
    size_t          start;
    size_t          encoding; /* of a CIE: where its encoding of code addresses is */
    size_t          address;  /* of an FDE: where its first code address is, ... */
    size_t          width;    /* ... in so many bytes, before the length in as many ... */
    range_t         code;     /* ... and what it covers */
} eh_frame_entry_t;

/* Read the next entry. Returns 0; -ENOENT (there is none); -EINVAL (it cannot be read). */
int eh_frame_next(eh_frame_t *frame, eh_frame_entry_t *entry);

#endif
