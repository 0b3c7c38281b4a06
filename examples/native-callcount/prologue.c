/* SPDX-License-Identifier: MIT */
#include "prologue.h"

static const char *const texts[REASON_COUNT] = {
    [REASON_NONE] = "instrumented",
    [REASON_RESOLVER] = "picks an indirect function's implementation while the loader relocates",
    [REASON_SIGNAL] = "the kernel enters it when a signal handler returns",
    [REASON_INSIDE] = "begins amid another function",
    [REASON_LOOP] = "its first instruction is a loop's head: arrivals there are not all calls",
    [REASON_ENTERED] = "something jumps amid the bytes that a jump would take",
    [REASON_SHORT] = "shorter than a jump, with no padding behind",
    [REASON_UNKNOWN] = "the decoder does not know an instruction",
    [REASON_BOUND] = "an instruction works only where it stands",
    [REASON_REACH] = "no memory within reach of a 32-bit displacement",
    [REASON_REFUSED] = "its text could not be written",
    [REASON_THREADS] = "a thread could not be stopped while the text was written",
};

const char *reason_text(reason_t reason)
{
    return texts[reason];
}

static bool is_endbranch(uintptr_t address)
{
    static const uint8_t endbr64[] = {0xf3, 0x0f, 0x1e, 0xfa};
    const uint8_t       *code = (const uint8_t *)address;

    for (size_t i = 0; i < sizeof(endbr64); i++)
        if (code[i] != endbr64[i])
            return false;
    return true;
}

static bool decode(const ZydisDecoder *decoder, uintptr_t address, uintptr_t limit, instruction_t *instruction)
{
    instruction->address = address;
    return address < limit && ZYAN_SUCCESS(ZydisDecoderDecodeFull(decoder, (const void *)address, limit - address,
                                                                  &instruction->decoded, instruction->operands));
}

static bool uses_stack_pointer(const instruction_t *instruction)
{
    const ZydisDecodedOperand *operand = &instruction->operands[0];

    return operand->type == ZYDIS_OPERAND_TYPE_REGISTER
               ? operand->reg.value == ZYDIS_REGISTER_RSP
               : operand->type == ZYDIS_OPERAND_TYPE_MEMORY && operand->mem.base == ZYDIS_REGISTER_RSP;
}

/* A call that moves pushes the address that it would have pushed where it stood: the callee returns to the function,
 * not to what moved. That address must not be overwritten, and its own operand must not depend on the push. */
static bool call_can_move(const instruction_t *call, uintptr_t jump_end)
{
    return call->address + call->decoded.length >= jump_end && !uses_stack_pointer(call);
}

static bool can_move(const instruction_t *instruction, uintptr_t jump_end)
{
    switch (instruction->decoded.mnemonic) {
    case ZYDIS_MNEMONIC_CALL:
        return call_can_move(instruction, jump_end);
    case ZYDIS_MNEMONIC_LOOP:
    case ZYDIS_MNEMONIC_LOOPE:
    case ZYDIS_MNEMONIC_LOOPNE:
    case ZYDIS_MNEMONIC_JCXZ:
    case ZYDIS_MNEMONIC_JECXZ:
    case ZYDIS_MNEMONIC_JRCXZ:
    case ZYDIS_MNEMONIC_XBEGIN:
        return false;
    default:
        return true;
    }
}

static bool leaves(const ZydisDecodedInstruction *instruction)
{
    return instruction->mnemonic == ZYDIS_MNEMONIC_RET || instruction->mnemonic == ZYDIS_MNEMONIC_JMP;
}

/* Whether nobody misses the bytes of [from, to): padding, of which every instruction does nothing or traps. */
static bool is_padding(const ZydisDecoder *decoder, uintptr_t from, uintptr_t to, uintptr_t limit)
{
    instruction_t instruction;

    for (; from < to; from += instruction.decoded.length) {
        if (!decode(decoder, from, limit, &instruction))
            return false;
        if (instruction.decoded.mnemonic != ZYDIS_MNEMONIC_NOP && instruction.decoded.mnemonic != ZYDIS_MNEMONIC_INT3)
            return false;
    }
    return true;
}

static reason_t judge_references(const function_t *function, uintptr_t start, const references_t *references)
{
    if (references_at(references, function->start) & REFERENCE_LOOP)
        return REASON_LOOP;
    if (start != function->start && references_at(references, start) != 0)
        return REASON_ENTERED;
    for (uintptr_t at = start + 1; at < start + JUMP_LENGTH; at++)
        if (references_at(references, at) != 0)
            return REASON_ENTERED;
    return REASON_NONE;
}

static reason_t judge_function(const function_t *function)
{
    if (function->resolver)
        return REASON_RESOLVER;
    if (function->signal)
        return REASON_SIGNAL;
    return function->inside ? REASON_INSIDE : REASON_NONE;
}

static reason_t read_instructions(const ZydisDecoder *decoder, const function_t *function, uintptr_t limit,
                                  prologue_t *prologue)
{
    uintptr_t jump_end = prologue->start + JUMP_LENGTH;

    while (prologue->end < jump_end && prologue->end < function->end && !prologue->leaves) {
        instruction_t *instruction = &prologue->instructions[prologue->count++];

        if (!decode(decoder, prologue->end, limit, instruction))
            return REASON_UNKNOWN;
        if (!can_move(instruction, jump_end))
            return REASON_BOUND;
        prologue->end += instruction->decoded.length;
        prologue->leaves = leaves(&instruction->decoded);
    }
    if (prologue->end >= jump_end)
        return REASON_NONE;
    return prologue->leaves && jump_end <= limit && is_padding(decoder, prologue->end, jump_end, limit) ? REASON_NONE
                                                                                                        : REASON_SHORT;
}

reason_t prologue_read(const ZydisDecoder *decoder, const function_t *function, uintptr_t limit,
                       const references_t *references, prologue_t *prologue)
{
    reason_t reason = judge_function(function);

    prologue->start = prologue->end = function->start +
                                      (function->end - function->start >= 4 && is_endbranch(function->start) ? 4 : 0);
    prologue->leaves = false;
    prologue->count = 0;
    if (reason == REASON_NONE)
        reason = judge_references(function, prologue->start, references);
    return reason == REASON_NONE ? read_instructions(decoder, function, limit, prologue) : reason;
}

/* Compilers set rarely used code of a function apart, with a frame description of its own. It has no name that a call
 * could use, and is entered by a jump with the function's frame in place; where that is only the return address, by
 * conditional jumps, which compilers do not use for calls. */
bool function_is_part(const function_t *function, const references_t *references)
{
    unsigned how = references_at(references, function->start);

    if (function->name != NULL || (how & (REFERENCE_CALL | REFERENCE_ADDRESS)) != 0)
        return false;
    return !function->fresh || (how & REFERENCE_BRANCH) != 0;
}
