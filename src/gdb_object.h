/* SPDX-License-Identifier: MIT
 *
 * gdb_object: an ELF object in memory that says of one body what it is called and how to unwind it, and has no code.
 */
#ifndef LINTEL_GDB_OBJECT_H
#define LINTEL_GDB_OBJECT_H

#include "unwind.h"

/* Bytes of the object. */
size_t gdb_object_size(const char *name, unwind_size_t unwind_size);

/* Write it to zeroed bytes, aligned to 8. `unwind` is the section. */
void gdb_object_write(range_t body, const char *name, const unsigned char *unwind, unwind_size_t unwind_size, void *to);

#endif
