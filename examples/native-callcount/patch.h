/* SPDX-License-Identifier: MIT
 *
 * patch: writes jumps over the first instructions of functions that may be running.
 */
#ifndef NATIVE_CALLCOUNT_PATCH_H
#define NATIVE_CALLCOUNT_PATCH_H

#include "trampoline.h"

/* The jump for one function, and where its first instructions went. */
typedef struct {
    uintptr_t start; /* where the jump is written */
    uint8_t   jump[JUMP_LENGTH];
    uint8_t   count; /* instructions that moved */
    uint8_t   offsets[PROLOGUE_INSTRUCTIONS];
    uintptr_t moved[PROLOGUE_INSTRUCTIONS];
    size_t    function; /* the caller's number for it */
    bool      written;
} patch_t;

/* Writes the `count` patches, which are in ascending order, and notes which were written. Text is written through
 * /proc/self/mem, which needs no page to become writable. Other threads are stopped meanwhile, and one that stands
 * between two instructions that give way goes on behind the same one in the trampoline.
 * Returns REASON_NONE; REASON_THREADS (nothing was written); REASON_REFUSED (not all were). */
reason_t patches_write(patch_t *patches, size_t count);

/* Keep patches_write from running in between, for a fork: a child is not to inherit text half written. */
void patches_hold(void);
void patches_release(void);

#endif
