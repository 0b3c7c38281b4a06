/* SPDX-License-Identifier: MIT */
#include "trampoline.h"

#include <string.h>

static uintptr_t here(const trampoline_t *trampoline)
{
    return trampoline->address + trampoline->size;
}

/* Encodes `request`, whose addresses are absolute, for where it will run. */
static bool encode(ZydisEncoderRequest *request, trampoline_t *trampoline)
{
    ZyanUSize length = TRAMPOLINE_CAPACITY - trampoline->size;

    if (ZYAN_FAILED(ZydisEncoderEncodeInstructionAbsolute(request, trampoline->code + trampoline->size, &length,
                                                          here(trampoline))))
        return false;
    trampoline->size += length;
    return true;
}

static bool encode_jump(uintptr_t target, trampoline_t *trampoline)
{
    ZydisEncoderRequest request = {.machine_mode = ZYDIS_MACHINE_MODE_LONG_64,
                                   .mnemonic = ZYDIS_MNEMONIC_JMP,
                                   .branch_type = ZYDIS_BRANCH_TYPE_NEAR,
                                   .branch_width = ZYDIS_BRANCH_WIDTH_32,
                                   .operand_count = 1};

    request.operands[0].type = ZYDIS_OPERAND_TYPE_IMMEDIATE;
    request.operands[0].imm.u = target;
    return encode(&request, trampoline);
}

/* An instruction with one 64-bit operand at `memory`. */
static bool encode_on_memory(ZydisMnemonic mnemonic, ZyanU64 prefixes, uintptr_t memory, trampoline_t *trampoline)
{
    ZydisEncoderRequest request = {
        .machine_mode = ZYDIS_MACHINE_MODE_LONG_64, .mnemonic = mnemonic, .prefixes = prefixes, .operand_count = 1};

    request.operands[0].type = ZYDIS_OPERAND_TYPE_MEMORY;
    request.operands[0].mem.base = ZYDIS_REGISTER_RIP;
    request.operands[0].mem.displacement = (ZyanI64)memory;
    request.operands[0].mem.size = sizeof(uint64_t);
    return encode(&request, trampoline);
}

static bool append(const void *bytes, size_t size, trampoline_t *trampoline)
{
    if (size > TRAMPOLINE_CAPACITY - trampoline->size)
        return false;
    memcpy(trampoline->code + trampoline->size, bytes, size);
    trampoline->size += size;
    return true;
}

/* What a relative operand of `instruction` means; false where it has none. */
static bool make_absolute(const instruction_t *instruction, ZydisEncoderRequest *request)
{
    const ZydisDecodedOperand *operands = instruction->operands;
    bool                       relative = false;

    for (ZyanU8 i = 0; i < instruction->decoded.operand_count_visible; i++) {
        ZyanU64 target;

        if (!(operands[i].type == ZYDIS_OPERAND_TYPE_IMMEDIATE && operands[i].imm.is_relative) &&
            !(operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY && operands[i].mem.base == ZYDIS_REGISTER_RIP))
            continue;
        relative = true;
        if (ZYAN_FAILED(ZydisCalcAbsoluteAddress(&instruction->decoded, &operands[i], instruction->address, &target)))
            return false;
        if (operands[i].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
            request->operands[i].imm.u = target;
        else
            request->operands[i].mem.displacement = (ZyanI64)target;
    }
    return relative;
}

/* The call's return address, as a word to be pushed, comes last in the trampoline; until then its place is not known.
 */
static reason_t encode_call(const instruction_t *call, ZydisEncoderRequest *request, trampoline_t *trampoline,
                            size_t *pushed)
{
    *pushed = trampoline->size;
    if (!encode_on_memory(ZYDIS_MNEMONIC_PUSH, 0, here(trampoline), trampoline))
        return REASON_BOUND;
    request->mnemonic = ZYDIS_MNEMONIC_JMP;
    if (call->operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
        return encode_jump(request->operands[0].imm.u, trampoline) ? REASON_NONE : REASON_REACH;
    return encode(request, trampoline) ? REASON_NONE : REASON_BOUND;
}

static bool append_return_address(uintptr_t address, size_t pushed, trampoline_t *trampoline)
{
    static const uint8_t padding[sizeof(address)];
    size_t               end = trampoline->size;

    if (!append(padding, -end % sizeof(address), trampoline))
        return false;
    size_t word = trampoline->size;
    trampoline->size = pushed;
    bool done = encode_on_memory(ZYDIS_MNEMONIC_PUSH, 0, trampoline->address + word, trampoline);
    trampoline->size = word;
    return done && append(&address, sizeof(address), trampoline);
}

static reason_t move(const instruction_t *instruction, trampoline_t *trampoline)
{
    const ZydisDecodedInstruction *decoded = &instruction->decoded;
    ZydisEncoderRequest            request;
    size_t                         pushed;

    if (ZYAN_FAILED(ZydisEncoderDecodedInstructionToEncoderRequest(decoded, instruction->operands,
                                                                   decoded->operand_count_visible, &request)))
        return REASON_BOUND;
    bool relative = make_absolute(instruction, &request);

    if (decoded->mnemonic == ZYDIS_MNEMONIC_CALL) {
        reason_t reason = encode_call(instruction, &request, trampoline, &pushed);
        bool     done = reason == REASON_NONE &&
                    append_return_address(instruction->address + decoded->length, pushed, trampoline);
        return reason == REASON_NONE && !done ? REASON_BOUND : reason;
    }
    if (!relative)
        return append((const void *)instruction->address, decoded->length, trampoline) ? REASON_NONE : REASON_BOUND;
    if (decoded->meta.branch_type != ZYDIS_BRANCH_TYPE_NONE &&
        instruction->operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
        request.branch_type = ZYDIS_BRANCH_TYPE_NEAR;
        request.branch_width = ZYDIS_BRANCH_WIDTH_32;
    }
    return encode(&request, trampoline) ? REASON_NONE : REASON_REACH;
}

reason_t trampoline_write(const prologue_t *prologue, uintptr_t counter, uintptr_t address, trampoline_t *trampoline)
{
    const instruction_t *last = &prologue->instructions[prologue->count - 1];
    reason_t             reason = REASON_NONE;

    trampoline->size = 0;
    trampoline->address = address;
    if (!encode_on_memory(ZYDIS_MNEMONIC_INC, ZYDIS_ATTRIB_HAS_LOCK, counter, trampoline))
        return REASON_REACH;
    for (size_t i = 0; i < prologue->count && reason == REASON_NONE; i++) {
        trampoline->starts[i] = trampoline->size;
        reason = move(&prologue->instructions[i], trampoline);
    }
    if (reason != REASON_NONE || prologue->leaves || last->decoded.mnemonic == ZYDIS_MNEMONIC_CALL)
        return reason;
    return encode_jump(prologue->end, trampoline) ? REASON_NONE : REASON_REACH;
}

bool jump_write(uintptr_t from, uintptr_t to, uint8_t code[JUMP_LENGTH])
{
    trampoline_t jump = {.address = from};

    if (!encode_jump(to, &jump) || jump.size != JUMP_LENGTH)
        return false;
    memcpy(code, jump.code, JUMP_LENGTH);
    return true;
}
