/* SPDX-License-Identifier: MIT
 *
 * prologue: the instructions at a function's start that have to give way to a jump, and whether they can.
 */
#ifndef NATIVE_CALLCOUNT_PROLOGUE_H
#define NATIVE_CALLCOUNT_PROLOGUE_H

#include <Zydis/Zydis.h>

#include "references.h"

enum { JUMP_LENGTH = 5, PROLOGUE_INSTRUCTIONS = JUMP_LENGTH };

/* Why a function is left alone; reason_text says it in words. */
typedef enum {
    REASON_NONE = 0,
    REASON_RESOLVER,
    REASON_SIGNAL,
    REASON_INSIDE,
    REASON_LOOP,
    REASON_ENTERED,
    REASON_SHORT,
    REASON_UNKNOWN,
    REASON_BOUND,
    REASON_REACH,
    REASON_REFUSED,
    REASON_THREADS,
    REASON_COUNT
} reason_t;

typedef struct {
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand     operands[ZYDIS_MAX_OPERAND_COUNT];
    uintptr_t               address;
} instruction_t;

typedef struct {
    uintptr_t     start;  /* where the jump goes: behind the function's endbr64, if it has one */
    uintptr_t     end;    /* of the instructions that move */
    bool          leaves; /* the last of them goes elsewhere: a return or a jump */
    size_t        count;
    instruction_t instructions[PROLOGUE_INSTRUCTIONS];
} prologue_t;

/* Reads the prologue of `function`; nothing else begins before `limit`. */
reason_t prologue_read(const ZydisDecoder *decoder, const function_t *function, uintptr_t limit,
                       const references_t *references, prologue_t *prologue);

/* Whether `function` is a part of another one that the compiler put elsewhere, and that is never called. */
bool function_is_part(const function_t *function, const references_t *references);

const char *reason_text(reason_t reason);

#endif
