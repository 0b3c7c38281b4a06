/* SPDX-License-Identifier: MIT
 *
 * arena: address space that is the test's alone. The kernel puts nothing there by itself, so that a test says which of
 * it is free and which is taken, to the page, in the real process.
 */
#ifndef ARENA_H
#define ARENA_H

#include "base.h"

/* Take `size` bytes of address space, readable and all mapped, never the same ones again; or fail the test. */
range_t arena_take(size_t size);

/* Make a hole in it, or take a hole up again. */
void arena_free(range_t pages);
void arena_fill(range_t pages);

/* The part of the arena from `offset` on. */
range_t arena_part(range_t arena, size_t offset, size_t size);

/* Unmap all of it, lintel's regions included. */
void arena_end(range_t arena);

/* What is mapped, and how, told by the kernel. errno stays as it was. */
bool   is_mapped(uintptr_t address);
bool   is_readable(uintptr_t address);
bool   is_writable(uintptr_t address);
size_t mappings_in(range_t range);

#endif
