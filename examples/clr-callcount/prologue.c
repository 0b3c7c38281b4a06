/* SPDX-License-Identifier: MIT */
#include "prologue.h"

#include "bytes.h"

/* ECMA-335 III and II.23. */
enum {
    LDC_I8 = 0x21,
    CONV_I = 0xd3,
    CALLI = 0x29,

    CALL_DEFAULT = 0x00,
    TYPE_VOID = 0x01,
    TYPE_NATIVE_INT = 0x18,
};

const uint8_t prologue_signature[PROLOGUE_SIGNATURE_SIZE] = {CALL_DEFAULT, 1, TYPE_VOID, TYPE_NATIVE_INT};

/* What each counted method calls first. */
static void count_call(_Atomic uint64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed); /* relaxed: a figure */
}

static uint8_t *load_address(uint8_t *at, uintptr_t address)
{
    at[0] = LDC_I8;
    put_u64(at + 1, address);
    at[9] = CONV_I;
    return at + 10;
}

void prologue_write(const _Atomic uint64_t *counter, uint32_t signature, uint8_t out[PROLOGUE_SIZE])
{
    uint8_t *at = load_address(out, (uintptr_t)counter);

    at = load_address(at, (uintptr_t)count_call);
    at[0] = CALLI;
    put_u32(at + 1, signature);
}
