/* SPDX-License-Identifier: MIT
 *
 * il_body: each form of header and of exception section, with a prologue in front; and what is refused. Bodies are
 * written down byte by byte, as ECMA-335 II.25.4 has them.
 */
#include "il_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PROLOGUE = 25, STACK = 2, FAT_HEADER = 12, MOST = 200000 };

enum { FLAG_FAT = 3, FLAG_SECTIONS = 8, FLAG_LOCALS = 0x10, SECTION_SMALL = 0x01, SECTION_FAT = 0x41, MORE = 0x80 };

static const uint8_t prologue[PROLOGUE] = {0xe0, 1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11,  12,
                                           13,   14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 0xe1};

/* A body under construction, and what became of it. */
static uint8_t  body[MOST];
static uint32_t size;
static uint8_t  out[MOST];
static uint32_t out_size;

static void u8(unsigned value)
{
    body[size++] = (uint8_t)value;
}

static void u16(unsigned value)
{
    u8(value & 0xff);
    u8(value >> 8);
}

static void u32(uint32_t value)
{
    u16(value & 0xffff);
    u16(value >> 16);
}

static uint32_t out_u32(uint32_t at)
{
    return out[at] | (uint32_t)out[at + 1] << 8 | (uint32_t)out[at + 2] << 16 | (uint32_t)out[at + 3] << 24;
}

static unsigned out_u16(uint32_t at)
{
    return out_u32(at) & 0xffff;
}

static void code(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        u8(0x40 + i % 50);
}

static void tiny(uint32_t code_size)
{
    size = 0;
    u8(0x2 | code_size << 2);
    code(code_size);
}

static void fat(unsigned flags, unsigned stack, uint32_t code_size)
{
    size = 0;
    u16(flags | FLAG_FAT | 3 << 12);
    u16(stack);
    u32(code_size);
    u32(0x11000007);
    code(code_size);
    while (flags & FLAG_SECTIONS && size % 4)
        u8(0);
}

static void section(unsigned kind, uint32_t bytes)
{
    u32(kind | bytes << 8);
}

static void small_clause(unsigned flags, unsigned try_at, unsigned handler_at, uint32_t last)
{
    u16(flags);
    u16(try_at);
    u8(5);
    u16(handler_at);
    u8(7);
    u32(last);
}

static void fat_clause(uint32_t flags, uint32_t try_at, uint32_t handler_at, uint32_t last)
{
    const uint32_t words[] = {flags, try_at, 5, handler_at, 7, last};

    for (unsigned i = 0; i < 6; i++)
        u32(words[i]);
}

static void rewritten(void)
{
    il_body_t read;

    memset(out, 0, sizeof(out));
    assert_null(il_body_read(body, size, &read));
    out_size = il_body_size_with(&read, PROLOGUE);
    assert_in_range(out_size, 1, MOST);
    il_body_write_with(&read, prologue, PROLOGUE, STACK, out);
}

static void refused(const char *reason)
{
    il_body_t   read;
    const char *said = il_body_read(body, size, &read);

    assert_non_null(said);
    assert_string_equal(said, reason);
}

/* The prologue, then what was there. */
static void assert_code(uint32_t at, uint32_t old_at, uint32_t old_size)
{
    assert_memory_equal(out + at, prologue, PROLOGUE);
    assert_memory_equal(out + at + PROLOGUE, body + old_at, old_size);
}

static void assert_fat_header(unsigned flags, unsigned stack, uint32_t code_size, uint32_t locals)
{
    assert_int_equal(out_u16(0), flags | FLAG_FAT | 3 << 12);
    assert_int_equal(out_u16(2), stack);
    assert_int_equal(out_u32(4), code_size);
    assert_int_equal(out_u32(8), locals);
}

static void assert_small_clause(uint32_t at, unsigned flags, unsigned try_at, unsigned handler_at, uint32_t last)
{
    assert_int_equal(out_u16(at), flags);
    assert_int_equal(out_u16(at + 2), try_at);
    assert_int_equal(out[at + 4], 5);
    assert_int_equal(out_u16(at + 5), handler_at);
    assert_int_equal(out[at + 7], 7);
    assert_int_equal(out_u32(at + 8), last);
}

static void assert_fat_clause(uint32_t at, uint32_t flags, uint32_t try_at, uint32_t handler_at, uint32_t last)
{
    const uint32_t words[] = {flags, try_at, 5, handler_at, 7, last};

    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(out_u32(at + 4 * i), words[i]);
}

static void a_tiny_body_stays_tiny_while_it_can(void **state)
{
    (void)state;
    for (uint32_t code_size = 0; code_size <= 63 - PROLOGUE; code_size++) {
        tiny(code_size);
        rewritten();
        assert_int_equal(out_size, 1 + PROLOGUE + code_size);
        assert_int_equal(out[0], 0x2 | (PROLOGUE + code_size) << 2);
        assert_code(1, 1, code_size);
    }
}

static void a_tiny_body_that_grows_too_large_becomes_fat(void **state)
{
    (void)state;
    for (uint32_t code_size = 63 - PROLOGUE + 1; code_size <= 63; code_size++) {
        tiny(code_size);
        rewritten();
        assert_int_equal(out_size, FAT_HEADER + PROLOGUE + code_size);
        assert_fat_header(0, 8, PROLOGUE + code_size, 0);
        assert_code(FAT_HEADER, 1, code_size);
    }
}

static void a_fat_body_keeps_its_flags_and_locals(void **state)
{
    (void)state;
    fat(FLAG_LOCALS, 9, 1001);
    rewritten();
    assert_int_equal(out_size, FAT_HEADER + PROLOGUE + 1001);
    assert_fat_header(FLAG_LOCALS, 9, PROLOGUE + 1001, 0x11000007);
    assert_code(FAT_HEADER, FAT_HEADER, 1001);
}

static void the_stack_is_deep_enough_for_the_prologue(void **state)
{
    (void)state;
    for (unsigned stack = 0; stack < 4; stack++) {
        fat(0, stack, 10);
        rewritten();
        assert_int_equal(out_u16(2), stack > STACK ? stack : STACK);
    }
    fat(0, 0xffff, 10);
    rewritten();
    assert_int_equal(out_u16(2), 0xffff);
}

static void the_offsets_of_a_small_section_move(void **state)
{
    (void)state;
    for (uint32_t code_size = 60; code_size < 64; code_size++) {
        uint32_t at = FAT_HEADER + (PROLOGUE + code_size + 3) / 4 * 4;
        fat(FLAG_SECTIONS, 8, code_size);
        section(SECTION_SMALL, 4 + 3 * 12);
        small_clause(0, 0, 10, 0x01000005);
        small_clause(1, 20, 30, 44);
        small_clause(2, 3, 50, 0);
        rewritten();
        assert_fat_header(FLAG_SECTIONS, 8, PROLOGUE + code_size, 0x11000007);
        assert_code(FAT_HEADER, FAT_HEADER, code_size);
        assert_int_equal(out_u32(at), SECTION_SMALL | (4 + 3 * 12) << 8);
        assert_small_clause(at + 4, 0, PROLOGUE, PROLOGUE + 10, 0x01000005);
        assert_small_clause(at + 16, 1, PROLOGUE + 20, PROLOGUE + 30, PROLOGUE + 44);
        assert_small_clause(at + 28, 2, PROLOGUE + 3, PROLOGUE + 50, 0);
        assert_int_equal(out_size, at + 4 + 3 * 12);
    }
}

static void the_offsets_of_a_fat_section_move(void **state)
{
    const uint32_t at = FAT_HEADER + (PROLOGUE + 70001 + 3) / 4 * 4;

    (void)state;
    fat(FLAG_SECTIONS, 8, 70001);
    section(SECTION_FAT, 4 + 2 * 24);
    fat_clause(4, 0, 69000, 0);
    fat_clause(1, 66000, 69500, 69400);
    rewritten();
    assert_int_equal(out_u32(at), SECTION_FAT | (4 + 2 * 24) << 8);
    assert_fat_clause(at + 4, 4, PROLOGUE, PROLOGUE + 69000, 0);
    assert_fat_clause(at + 28, 1, PROLOGUE + 66000, PROLOGUE + 69500, PROLOGUE + 69400);
    assert_int_equal(out_size, at + 4 + 2 * 24);
}

/* The last offset that 16 bits hold, and the next: of what is tried or of its handler. */
static void a_small_section_becomes_fat_where_offsets_need_it(void **state)
{
    const uint32_t at = FAT_HEADER + (PROLOGUE + 65600 + 3) / 4 * 4;

    (void)state;
    for (unsigned turn = 0; turn < 4; turn++) {
        bool     over = turn & 1;
        unsigned edge = 0xffff - PROLOGUE + over;
        unsigned try_at = turn & 2 ? edge : 100;
        unsigned handler_at = turn & 2 ? 100 : edge;
        fat(FLAG_SECTIONS, 8, 65600);
        section(SECTION_SMALL, 4 + 12);
        small_clause(0, try_at, handler_at, 0x01000005);
        rewritten();
        assert_int_equal(out_u32(at) & 0xff, over ? SECTION_FAT : SECTION_SMALL);
        if (over)
            assert_fat_clause(at + 4, 0, PROLOGUE + try_at, PROLOGUE + handler_at, 0x01000005);
        else
            assert_small_clause(at + 4, 0, PROLOGUE + try_at, PROLOGUE + handler_at, 0x01000005);
        assert_int_equal(out_size, at + 4 + (over ? 24 : 12));
    }
}

static void sections_behind_one_another_all_move(void **state)
{
    const uint32_t at = FAT_HEADER + (PROLOGUE + 100 + 3) / 4 * 4;

    (void)state;
    fat(FLAG_SECTIONS, 8, 100);
    section(SECTION_SMALL | MORE, 4 + 12);
    small_clause(0, 1, 2, 0x01000005);
    section(SECTION_FAT, 4 + 24);
    fat_clause(2, 3, 4, 0);
    rewritten();
    assert_int_equal(out_u32(at), SECTION_SMALL | MORE | 16 << 8);
    assert_small_clause(at + 4, 0, PROLOGUE + 1, PROLOGUE + 2, 0x01000005);
    assert_int_equal(out_u32(at + 16), SECTION_FAT | 28 << 8);
    assert_fat_clause(at + 20, 2, PROLOGUE + 3, PROLOGUE + 4, 0);
    assert_int_equal(out_size, at + 16 + 28);
}

/* Some compilers write the clauses' bytes alone; 21 clauses then still fit in a small section. */
static void a_section_that_leaves_its_header_out_of_its_size_is_read(void **state)
{
    const uint32_t at = FAT_HEADER + (PROLOGUE + 100 + 3) / 4 * 4;

    (void)state;
    fat(FLAG_SECTIONS, 8, 100);
    section(SECTION_SMALL, 21 * 12);
    for (unsigned i = 0; i < 21; i++)
        small_clause(2, i, i + 1, 0);
    rewritten();
    assert_int_equal(out_u32(at), SECTION_FAT | (4 + 21 * 24) << 8);
    for (unsigned i = 0; i < 21; i++)
        assert_fat_clause(at + 4 + 24 * i, 2, PROLOGUE + i, PROLOGUE + i + 1, 0);
}

static void headers_that_are_none_are_refused(void **state)
{
    (void)state;
    size = 0;
    refused("the body is empty");
    u8(0x1);
    refused("a header of an unknown format");
    fat(0, 8, 10);
    body[1] = 4 << 4;
    refused("a header of an unknown size");
    fat(0, 8, 10);
    size = 11;
    refused("a header of an unknown size");
}

static void what_is_cut_short_is_refused(void **state)
{
    (void)state;
    tiny(10);
    size--;
    refused("the code is cut short");
    fat(0, 8, 10);
    size--;
    refused("the code is cut short");
    fat(FLAG_SECTIONS, 8, 12);
    refused("a section is cut short");
    section(SECTION_SMALL, 4 + 12);
    refused("a section is cut short");
    small_clause(2, 0, 1, 0);
    size--;
    refused("a section is cut short");
    fat(FLAG_SECTIONS, 8, 12);
    section(SECTION_SMALL | MORE, 4 + 12);
    small_clause(2, 0, 1, 0);
    refused("a section is cut short");
}

/* The compiler looks at single bits of a clause's kind, and would take the first two for filters. */
static void sections_and_clauses_of_other_kinds_are_refused(void **state)
{
    (void)state;
    fat(FLAG_SECTIONS, 8, 12);
    section(0x02, 4 + 12);
    small_clause(2, 0, 1, 0);
    refused("a section of an unknown kind");
    for (unsigned kind = 3; kind <= 8; kind += kind < 5 ? 2 : 3) {
        fat(FLAG_SECTIONS, 8, 12);
        section(SECTION_SMALL, 4 + 12);
        small_clause(kind, 0, 1, 9);
        refused("an exception clause of an unknown kind");
    }
}

static void clauses_outside_the_code_are_refused(void **state)
{
    static const struct {
        unsigned flags, try_at, handler_at, last;
    } clauses[] = {{2, 8, 0, 0}, {2, 0, 6, 0}, {2, 0xffff, 0, 0}, {1, 0, 1, 12}};

    (void)state;
    for (unsigned i = 0; i < sizeof(clauses) / sizeof(*clauses); i++) {
        fat(FLAG_SECTIONS, 8, 12);
        section(SECTION_SMALL, 4 + 12);
        small_clause(clauses[i].flags, clauses[i].try_at, clauses[i].handler_at, clauses[i].last);
        refused("an exception clause is outside the code");
    }
}

static void code_that_gets_too_large_has_no_size(void **state)
{
    const il_body_t huge = {.flags = FLAG_FAT, .code_size = 0x7fffffff, .code = body};

    (void)state;
    assert_int_equal(il_body_size_with(&huge, PROLOGUE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tiny_body_stays_tiny_while_it_can),
        cmocka_unit_test(a_tiny_body_that_grows_too_large_becomes_fat),
        cmocka_unit_test(a_fat_body_keeps_its_flags_and_locals),
        cmocka_unit_test(the_stack_is_deep_enough_for_the_prologue),
        cmocka_unit_test(the_offsets_of_a_small_section_move),
        cmocka_unit_test(the_offsets_of_a_fat_section_move),
        cmocka_unit_test(a_small_section_becomes_fat_where_offsets_need_it),
        cmocka_unit_test(sections_behind_one_another_all_move),
        cmocka_unit_test(a_section_that_leaves_its_header_out_of_its_size_is_read),
        cmocka_unit_test(headers_that_are_none_are_refused),
        cmocka_unit_test(what_is_cut_short_is_refused),
        cmocka_unit_test(sections_and_clauses_of_other_kinds_are_refused),
        cmocka_unit_test(clauses_outside_the_code_are_refused),
        cmocka_unit_test(code_that_gets_too_large_has_no_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
