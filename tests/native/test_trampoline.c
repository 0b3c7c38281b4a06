/* SPDX-License-Identifier: MIT
 *
 * A function whose first instructions have moved does what it did, and is counted. Everything runs, in lintel's memory.
 */
#include "native_unit.h"

#include <dlfcn.h>
#include <lintel/lintel.h>
#include <stdio.h>
#include <string.h>

#include "trampoline.h"

typedef uint64_t subject_t(uint64_t argument);

/* The carry is set, and nothing is written below the stack pointer, which may be the compiler's. */
static uint64_t call_with_carry(subject_t *subject, uint64_t argument)
{
    uint64_t result;

    __asm__ volatile("sub $256, %%rsp\n\tstc\n\tcall *%2\n\tlea 256(%%rsp), %%rsp"
                     : "=a"(result), "+D"(argument)
                     : "r"(subject)
                     : "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "memory", "cc");
    return result;
}

typedef struct {
    lintel_heap_t   *heap;
    lintel_module_t *code;
    lintel_module_t *data;
} fixture_t;

static int set_up(void **state)
{
    static fixture_t     fixture;
    Dl_info              libc;
    lintel_module_desc_t desc = {.kind = LINTEL_CODE};

    dladdr((void *)(uintptr_t)stdout, &libc);
    desc.base = (uintptr_t)libc.dli_fbase;
    lintel_heap_create(NULL, &fixture.heap);
    lintel_module_open(fixture.heap, &desc, &fixture.code);
    desc = (lintel_module_desc_t){.base = desc.base, .key = 1, .reach = LINTEL_REACH_REL32};
    lintel_module_open(fixture.heap, &desc, &fixture.data);
    *state = &fixture;
    return fixture.code != NULL && fixture.data != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    fixture_t *fixture = *state;

    lintel_module_release(fixture->code);
    lintel_module_release(fixture->data);
    lintel_heap_destroy(fixture->heap);
    return 0;
}

static void *place(const fixture_t *fixture, const void *code, size_t size)
{
    void *body = lintel_alloc(fixture->code, size);

    memcpy(lintel_writable(fixture->code, body), code, size);
    assert_int_equal(lintel_publish(fixture->code, body, size), 0);
    return body;
}

/* Moves the start of the function that `bytes` are, calls what moved, and looks whether it is counted and does as the
 * function does. Behind the function stand int3, which trap. */
static void check(const fixture_t *fixture, const char *bytes, size_t size, uint64_t argument)
{
    uint8_t            text[64];
    ZydisDecoder       decoder;
    prologue_t         prologue;
    trampoline_t       trampoline;
    _Atomic uint64_t  *counter = lintel_alloc(fixture->data, sizeof(*counter));
    const references_t references = {0};

    memset(text, 0xcc, sizeof(text));
    memcpy(text, bytes, size);
    uintptr_t  start = (uintptr_t)place(fixture, text, sizeof(text));
    function_t function = {.start = start, .end = start + size, .fresh = true};
    void      *body = lintel_alloc(fixture->code, TRAMPOLINE_CAPACITY);
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    assert_int_equal(prologue_read(&decoder, &function, start + sizeof(text), &references, &prologue), REASON_NONE);
    assert_int_equal(trampoline_write(&prologue, (uintptr_t)counter, (uintptr_t)body, &trampoline), REASON_NONE);
    memcpy(lintel_writable(fixture->code, body), trampoline.code, trampoline.size);
    assert_int_equal(lintel_publish(fixture->code, body, trampoline.size), 0);

    subject_t *as_it_was;
    subject_t *moved;
    memcpy(&as_it_was, &start, sizeof(start));
    memcpy(&moved, &body, sizeof(body));
    uint64_t expected = call_with_carry(as_it_was, argument);
    assert_int_equal(*counter, 0);
    assert_int_equal(call_with_carry(moved, argument), expected);
    assert_int_equal(*counter, 1);
}

#define CHECK(fixture, bytes, argument) check((fixture), (bytes), sizeof(bytes) - 1, (argument))

static void test_plain_instructions(void **state)
{
    CHECK(*state, "\x55\x48\x89\xe5\x48\x8d\x47\x05\x5d\xc3", 2); /* push; mov; lea rax,[rdi+5]; pop; ret */
    CHECK(*state, "\x89\xf8\xc3", 7);                             /* mov eax,edi; ret: all of it moves */
}

/* libcrypto has a function, written by hand, that takes it from its caller. */
static void test_the_carry_stays(void **state)
{
    CHECK(*state, "\x19\xc0\x48\x98\xc3", 0); /* sbb eax,eax; cdqe; ret */
}

static void test_data_beside_the_code(void **state)
{
    /* mov rax,[rip+1]; ret; the word; add [rip-...] is not needed: one relative operand is like another */
    CHECK(*state, "\x48\x8b\x05\x01\x00\x00\x00\xc3\x11\x22\x33\x44\x55\x66\x77\x88", 0);
    CHECK(*state, "\x48\x8d\x05\x01\x00\x00\x00\xc3", 0);                     /* lea rax,[rip+1]; ret */
    CHECK(*state, "\x80\x3d\x05\x00\x00\x00\x09\x0f\x94\xc0\xc3\x00\x09", 0); /* cmp byte [rip+5],9; sete; ret */
}

static void test_short_branches_become_long(void **state)
{
    /* test edi,edi; je +3; mov al,1; ret; xor eax,eax; ret */
    static const char branch[] = "\x85\xff\x74\x06\xb8\x01\x00\x00\x00\xc3\x31\xc0\xc3";

    CHECK(*state, branch, 0);
    CHECK(*state, branch, 1);
    CHECK(*state, "\xeb\x03\xcc\xcc\xcc\x89\xf8\xc3", 9);         /* jmp over; mov eax,edi; ret */
    CHECK(*state, "\xe9\x02\x00\x00\x00\xcc\xcc\x89\xf8\xc3", 9); /* the same, far */
}

static void test_moved_call_returns_to_the_function(void **state)
{
    /* sub rsp,8; call F; add rsp,8; ret;  F: mov rax,[rsp]; ret: the address that F returns to */
    CHECK(*state, "\x48\x83\xec\x08\xe8\x05\x00\x00\x00\x48\x83\xc4\x08\xc3\x48\x8b\x04\x24\xc3", 0);
    /* push rbx; call [rip+2]; pop rbx; ret; with the stack as pointer: lea rax,[rip+4]; call rax; ret; F */
    CHECK(*state, "\x48\x8d\x05\x03\x00\x00\x00\xff\xd0\xc3\x48\x8b\x04\x24\xc3", 0);
}

static void test_out_of_reach(void **state)
{
    static uint8_t code[] = {0x89, 0xf8, 0x90, 0x90, 0x90, 0xc3};
    function_t     function = {.start = (uintptr_t)code, .end = (uintptr_t)code + sizeof(code), .fresh = true};
    references_t   references = {0};
    ZydisDecoder   decoder;
    prologue_t     prologue;
    trampoline_t   trampoline;
    uint8_t        jump[JUMP_LENGTH];
    uintptr_t      far = (uintptr_t)code + (UINT64_C(1) << 32);

    (void)state;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    assert_int_equal(prologue_read(&decoder, &function, function.end, &references, &prologue), REASON_NONE);
    assert_int_equal(trampoline_write(&prologue, far, far, &trampoline), REASON_REACH);
    assert_int_equal(trampoline_write(&prologue, (uintptr_t)code, far, &trampoline), REASON_REACH);
    assert_false(jump_write((uintptr_t)code, far, jump));
    assert_true(jump_write((uintptr_t)code, (uintptr_t)code + 0x1000, jump));
    assert_memory_equal(jump, "\xe9\xfb\x0f\x00\x00", JUMP_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_instructions),
        cmocka_unit_test(test_the_carry_stays),
        cmocka_unit_test(test_data_beside_the_code),
        cmocka_unit_test(test_short_branches_become_long),
        cmocka_unit_test(test_moved_call_returns_to_the_function),
        cmocka_unit_test(test_out_of_reach),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
