/* SPDX-License-Identifier: MIT
 *
 * Which first instructions give way to a jump, and which functions are left alone, and why.
 */
#include "native_unit.h"

#include <stdlib.h>
#include <string.h>

#include "prologue.h"

enum { TEXT_SIZE = 64 };

typedef struct {
    ZydisDecoder decoder;
    uint8_t      text[TEXT_SIZE];
    uint8_t      marks[TEXT_SIZE];
    references_t references;
    function_t   function;
    prologue_t   prologue;
} fixture_t;

/* A function of the given bytes, and behind it padding of int3. */
static void give(fixture_t *fixture, const char *bytes, size_t size)
{
    uintptr_t start = (uintptr_t)fixture->text;

    memset(fixture, 0, sizeof(*fixture));
    memset(fixture->text, 0xcc, TEXT_SIZE);
    memcpy(fixture->text, bytes, size);
    ZydisDecoderInit(&fixture->decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    fixture->references = (references_t){.text = {start, start + TEXT_SIZE}, .marks = fixture->marks};
    fixture->function = (function_t){.start = start, .end = start + size, .fresh = true};
}

static reason_t read_until(fixture_t *fixture, size_t limit)
{
    return prologue_read(&fixture->decoder, &fixture->function, fixture->function.start + limit, &fixture->references,
                         &fixture->prologue);
}

static reason_t read(fixture_t *fixture)
{
    return read_until(fixture, TEXT_SIZE);
}

#define GIVE(fixture, bytes) give((fixture), (bytes), sizeof(bytes) - 1)

static void test_whole_instructions_move(void **state)
{
    fixture_t fixture = {0};

    (void)state;
    GIVE(&fixture, "\x55\x48\x89\xe5\x48\x83\xec\x10\xc9\xc3"); /* push; mov; sub; leave; ret */
    assert_int_equal(read(&fixture), REASON_NONE);
    assert_int_equal(fixture.prologue.count, 3);
    assert_int_equal(fixture.prologue.end - fixture.prologue.start, 8);
    assert_false(fixture.prologue.leaves);
}

static void test_endbranch_stays(void **state)
{
    fixture_t fixture = {0};

    (void)state;
    GIVE(&fixture, "\xf3\x0f\x1e\xfa\xb8\x01\x00\x00\x00\xc3"); /* endbr64; mov; ret */
    assert_int_equal(read(&fixture), REASON_NONE);
    assert_int_equal(fixture.prologue.start, fixture.function.start + 4);
    assert_int_equal(fixture.prologue.count, 1);
    fixture.marks[4] = REFERENCE_JUMP;
    assert_int_equal(read(&fixture), REASON_ENTERED);
}

static void test_short_function_takes_padding(void **state)
{
    fixture_t fixture = {0};

    (void)state;
    GIVE(&fixture, "\x31\xc0\xc3"); /* xor; ret */
    assert_int_equal(read(&fixture), REASON_NONE);
    assert_true(fixture.prologue.leaves);
    assert_int_equal(read_until(&fixture, 4), REASON_SHORT);
    fixture.text[3] = 0x50; /* push: nobody's padding */
    assert_int_equal(read(&fixture), REASON_SHORT);
    GIVE(&fixture, "\x31\xc0"); /* goes on into what follows */
    assert_int_equal(read(&fixture), REASON_SHORT);
}

static void test_nothing_may_arrive_amid(void **state)
{
    fixture_t fixture = {0};

    (void)state;
    GIVE(&fixture, "\x55\x48\x89\xe5\x48\x83\xec\x10\xc9\xc3");
    fixture.marks[JUMP_LENGTH] = REFERENCE_JUMP; /* behind what is overwritten */
    assert_int_equal(read(&fixture), REASON_NONE);
    for (size_t i = 1; i < JUMP_LENGTH; i++) {
        memset(fixture.marks, 0, sizeof(fixture.marks));
        fixture.marks[i] = REFERENCE_TABLE;
        assert_int_equal(read(&fixture), REASON_ENTERED);
    }
    memset(fixture.marks, 0, sizeof(fixture.marks));
    fixture.marks[0] = REFERENCE_JUMP | REFERENCE_CALL;
    assert_int_equal(read(&fixture), REASON_NONE);
    fixture.marks[0] = REFERENCE_JUMP | REFERENCE_LOOP;
    assert_int_equal(read(&fixture), REASON_LOOP);
}

static void test_calls(void **state)
{
    fixture_t fixture = {0};

    (void)state;
    GIVE(&fixture, "\x48\x83\xec\x08\xe8\x00\x00\x00\x00\x48\x83\xc4\x08\xc3"); /* sub; call; add; ret */
    assert_int_equal(read(&fixture), REASON_NONE);
    assert_int_equal(fixture.prologue.count, 2);
    GIVE(&fixture, "\xff\xd0\x90\x90\x90\xc3"); /* call rax, which returns amid the jump */
    assert_int_equal(read(&fixture), REASON_BOUND);
    GIVE(&fixture, "\xff\x94\x24\x08\x00\x00\x00\xc3"); /* call [rsp + 8], which a push would move */
    assert_int_equal(read(&fixture), REASON_BOUND);
}

static void test_what_cannot_move(void **state)
{
    fixture_t fixture = {0};

    (void)state;
    GIVE(&fixture, "\xe3\x10\x90\x90\x90\x90\xc3"); /* jrcxz reaches 127 bytes */
    assert_int_equal(read(&fixture), REASON_BOUND);
    GIVE(&fixture, "\x06\x90\x90\x90\x90\xc3"); /* no instruction in 64-bit code */
    assert_int_equal(read(&fixture), REASON_UNKNOWN);
    GIVE(&fixture, "\x55\x48\x89\xe5\x48\x83\xec\x10\xc9\xc3");
    fixture.function.resolver = true;
    assert_int_equal(read(&fixture), REASON_RESOLVER);
    fixture.function = (function_t){.start = fixture.function.start, .end = fixture.function.end, .signal = true};
    assert_int_equal(read(&fixture), REASON_SIGNAL);
    fixture.function = (function_t){.start = fixture.function.start, .end = fixture.function.end, .inside = true};
    assert_int_equal(read(&fixture), REASON_INSIDE);
}

static void test_parts_of_functions(void **state)
{
    fixture_t fixture = {0};

    (void)state;
    GIVE(&fixture, "\xc3");
    assert_false(function_is_part(&fixture.function, &fixture.references));
    fixture.marks[0] = REFERENCE_JUMP;
    assert_false(function_is_part(&fixture.function, &fixture.references)); /* called as another's last act */
    fixture.marks[0] = REFERENCE_JUMP | REFERENCE_BRANCH;
    assert_true(function_is_part(&fixture.function, &fixture.references));
    fixture.marks[0] = REFERENCE_JUMP;
    fixture.function.fresh = false;
    assert_true(function_is_part(&fixture.function, &fixture.references));
    fixture.marks[0] |= REFERENCE_CALL;
    assert_false(function_is_part(&fixture.function, &fixture.references));
    fixture.marks[0] = REFERENCE_BRANCH;
    fixture.function.name = "named";
    assert_false(function_is_part(&fixture.function, &fixture.references));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_instructions_move),
        cmocka_unit_test(test_endbranch_stays),
        cmocka_unit_test(test_short_function_takes_padding),
        cmocka_unit_test(test_nothing_may_arrive_amid),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_what_cannot_move),
        cmocka_unit_test(test_parts_of_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
