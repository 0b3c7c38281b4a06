/* SPDX-License-Identifier: MIT
 *
 * il_body: puts instructions in front of a method's own, in a copy of its body: header, code, and the sections behind
 * the code, which say where exceptions are handled.
 *
 * Branches are relative, and so stay right. What counts from the body's start moves: the offsets of exception clauses.
 * A body is refused, with the reason, if anything about it is not as ECMA-335 II.25.4 has it.
 */
#ifndef CALLCOUNT_IL_BODY_H
#define CALLCOUNT_IL_BODY_H

#include <stdbool.h>
#include <stdint.h>

/* A body taken apart. */
typedef struct {
    bool           tiny; /* a header of one byte: up to 63 bytes of code, 8 values on the stack, nothing else */
    uint16_t       flags;
    uint16_t       max_stack;
    uint32_t       local_signature;
    uint32_t       code_size;
    const uint8_t *code;
    const uint8_t *sections; /* NULL if there are none */
} il_body_t;

/* Take the `size` bytes at `bytes` apart. Returns NULL, or why they are refused. */
const char *il_body_read(const uint8_t *bytes, uint32_t size, il_body_t *body);

/* Bytes of `body` with `prologue_size` bytes of code in front; 0 if that is more than a body can have. */
uint32_t il_body_size_with(const il_body_t *body, uint32_t prologue_size);

/* Write that to `out`, zeroed memory on 4 bytes. The prologue needs up to `stack` values on the stack, at most 8. */
void il_body_write_with(const il_body_t *body, const uint8_t *prologue, uint32_t prologue_size, uint16_t stack,
                        uint8_t *out);

#endif
