/* SPDX-License-Identifier: MIT
 *
 * trampoline: counts a call, does what the function's first instructions did, and goes on behind them.
 *
 *     lock inc qword [counter]
 *     the prologue's instructions, rewritten for where they are now
 *     jmp the instruction behind them
 *
 * The increment changes the flags alone, save for the carry, as an addition would not. At a function's entry they hold
 * nothing that it may use: the calling convention lets every call change them. But libcrypto has a function, for its
 * own use, that takes the carry from its caller.
 */
#ifndef NATIVE_CALLCOUNT_TRAMPOLINE_H
#define NATIVE_CALLCOUNT_TRAMPOLINE_H

#include "prologue.h"

enum { TRAMPOLINE_CAPACITY = 128 };

typedef struct {
    uint8_t   code[TRAMPOLINE_CAPACITY];
    size_t    size;
    uintptr_t address;                       /* where it will run */
    size_t    starts[PROLOGUE_INSTRUCTIONS]; /* of the prologue's instructions in `code` */
} trampoline_t;

/* Writes the trampoline for `address`. Returns REASON_NONE, REASON_REACH or REASON_BOUND. */
reason_t trampoline_write(const prologue_t *prologue, uintptr_t counter, uintptr_t address, trampoline_t *trampoline);

/* Writes at `code` the jump from `from` to `to`. Returns false where it does not reach. */
bool jump_write(uintptr_t from, uintptr_t to, uint8_t code[JUMP_LENGTH]);

#endif
