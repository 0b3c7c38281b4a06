/* SPDX-License-Identifier: MIT
 *
 * eh_frame and unwind: what a compiler wrote is read as it meant it, wherever it lies; what is told is right where perf
 * and gdb will read it; and what cannot be read is refused.
 */
#include "eh_frame.h"

#include <errno.h>
#include <string.h>

#include "team.h"
#include "unit.h"
#include "unwind.h"

#define BODY   ((range_t){0x7f0012345000, 0x7f0012345064})
#define ROUNDS 20000

enum { CIE_BYTES = 24, MOST = 256 };

/* A section under construction. */
typedef struct {
    _Alignas(8) unsigned char bytes[MOST];
    size_t size;
} section_t;

static void put(section_t *section, uint64_t value, size_t width)
{
    memcpy(section->bytes + section->size, &value, width);
    section->size += width;
}

static void put_cie(section_t *section, const char *augmentation, unsigned encoding)
{
    size_t start = section->size;

    put(section, CIE_BYTES - 4, 4);
    put(section, 0, 4);
    put(section, 1, 1);
    memcpy(section->bytes + section->size, augmentation, strlen(augmentation) + 1);
    section->size += strlen(augmentation) + 1;
    put(section, 1, 1);
    put(section, 0x78, 1);
    put(section, 16, 1);
    put(section, 1, 1);
    put(section, encoding, 1);
    section->size = start + CIE_BYTES;
}

static void put_fde(section_t *section, uintptr_t place, unsigned encoding, size_t width, range_t code)
{
    put(section, 4 + 2 * width + 4, 4);
    put(section, section->size, 4); /* the CIE is at the start */
    uintptr_t base = encoding & EH_FRAME_RELATIVE ? place + section->size : 0;
    put(section, code.start - base, width);
    put(section, range_size(code), width);
    put(section, 0, 4);
}

/* What is told must lead to the code from where it will be read. */
static void assert_told(const unsigned char *told, unwind_size_t size, const range_t *codes, size_t count)
{
    uintptr_t place = unwind_place(BODY);
    int32_t   before = INT32_MIN;
    int32_t   value[2];
    uint32_t  rows;

    assert_int_equal(size.section % 8, 0);
    assert_int_equal(size.header, 12 + 8 * count);
    memcpy(&rows, told + size.section + 8, sizeof(rows));
    assert_int_equal(rows, count);
    memcpy(value, told + size.section + 4, sizeof(value[0]));
    assert_int_equal(place + size.section + 4 + (uintptr_t)(intptr_t)value[0], place);
    for (size_t row = 0; row < count; row++) {
        memcpy(value, told + size.section + 12 + 8 * row, sizeof(value));
        assert_true(value[0] > before);
        before = value[0];
        size_t   fde = size.section + (size_t)(ptrdiff_t)value[1];
        uint64_t address = 0;
        size_t   width = told[16] == (EH_FRAME_RELATIVE | EH_FRAME_SDATA4) ? 4 : 8;
        memcpy(&address, told + fde + 8, width);
        address = width == 4 ? (uint64_t)(int64_t)(int32_t)(uint32_t)address : address;
        assert_int_equal(place + fde + 8 + address, codes[row].start);
        assert_int_equal(place + size.section + (uintptr_t)(intptr_t)value[0], codes[row].start);
    }
}

static void check_encoding(unsigned encoding, size_t width, range_t body)
{
    static section_t     section;
    static unsigned char told[MOST];
    lintel_unwind_t      unwind = {.eh_frame = section.bytes};
    range_t parts[] = {{body.start, body.start + 40}, {body.start + 48, body.start + 64}, {body.start + 72, body.end}};
    unwind_size_t size;

    section.size = 0;
    memset(told, 0, sizeof(told));
    put_cie(&section, "zR", encoding);
    put_fde(&section, (uintptr_t)section.bytes, encoding, width, parts[1]);
    put_fde(&section, (uintptr_t)section.bytes, encoding, width, parts[0]);
    put_fde(&section, (uintptr_t)section.bytes, encoding, width, parts[2]);
    unwind.eh_frame_size = section.size;
    assert_int_equal(unwind_measure(&unwind, body, &size), 0);
    unwind_write(&unwind, body, size, told);
    assert_told(told, size, parts, 3);
    put(&section, 0, 4); /* an end, and what is behind it */
    put(&section, 0x1234, 4);
    unwind.eh_frame_size = section.size;
    assert_int_equal(unwind_measure(&unwind, body, &size), 0);
}

static void every_encoding_is_told_right(void **state)
{
    (void)state;
    check_encoding(EH_FRAME_ABSOLUTE, 8, BODY);
    check_encoding(EH_FRAME_UDATA8, 8, BODY);
    check_encoding(EH_FRAME_SDATA8, 8, BODY);
    check_encoding(EH_FRAME_RELATIVE | EH_FRAME_ABSOLUTE, 8, BODY);
    check_encoding(EH_FRAME_RELATIVE | EH_FRAME_SDATA8, 8, BODY);
}

/* What is told of one body can be read as any section: by what it says itself of how its addresses are written. */
static void assert_read_back(const unsigned char *told, unwind_size_t size, range_t body, unsigned encoding)
{
    eh_frame_t       frame = {told, size.section, 0};
    eh_frame_entry_t entry;

    assert_int_equal(eh_frame_next(&frame, &entry), 0);
    assert_int_equal(entry.kind, EH_FRAME_CIE);
    assert_int_equal(told[entry.encoding], encoding);
    assert_int_equal(eh_frame_next(&frame, &entry), 0);
    assert_int_equal(entry.kind, EH_FRAME_FDE);
    assert_int_equal(entry.code.start - (uintptr_t)told + unwind_place(body), body.start);
    assert_int_equal(range_size(entry.code), range_size(body));
}

/* What C++ has of a body: who handles its exceptions, by what, and how its addresses are written, in that order. */
static void put_cie_of_cpp(section_t *section, unsigned encoding)
{
    put(section, 28, 4);
    put(section, 0, 4);
    put(section, 1, 1);
    memcpy(section->bytes + section->size, "zPLR", 5);
    section->size += 5;
    put(section, 1, 1);
    put(section, 0x78, 1);
    put(section, 16, 1);
    put(section, 11, 1);
    put(section, EH_FRAME_ABSOLUTE, 1);
    put(section, 0x1234567812345678, 8);
    put(section, EH_FRAME_RELATIVE, 1);
    put(section, encoding, 1);
    section->size = 32;
}

static void letters_before_the_encoding_are_passed_over(void **state)
{
    static section_t     section;
    static unsigned char told[MOST];
    lintel_unwind_t      unwind = {.eh_frame = section.bytes};
    unwind_size_t        size;

    (void)state;
    put_cie_of_cpp(&section, EH_FRAME_UDATA8);
    put_fde(&section, 0, EH_FRAME_UDATA8, 8, BODY);
    unwind.eh_frame_size = section.size;
    assert_int_equal(unwind_measure(&unwind, BODY, &size), 0);
    unwind_write(&unwind, BODY, size, told);
    assert_read_back(told, size, BODY, EH_FRAME_RELATIVE | EH_FRAME_SDATA8);
}

/* Of 4 bytes: relative to what is near. */
static void narrow_ones_too(void **state)
{
    static section_t     section;
    static unsigned char code[100];
    static unsigned char told[MOST];
    range_t              body = {(uintptr_t)code, (uintptr_t)code + sizeof(code)};
    lintel_unwind_t      unwind = {.eh_frame = section.bytes};
    unwind_size_t        size;
    eh_frame_entry_t     entry;

    (void)state;
    put_cie(&section, "zR", EH_FRAME_RELATIVE | EH_FRAME_SDATA4);
    put_fde(&section, (uintptr_t)section.bytes, EH_FRAME_RELATIVE | EH_FRAME_SDATA4, 4, body);
    eh_frame_t frame = {section.bytes, section.size, 0};
    assert_int_equal(eh_frame_next(&frame, &entry), 0);
    assert_int_equal(entry.kind, EH_FRAME_CIE);
    assert_int_equal(entry.encoding, 16);
    assert_int_equal(eh_frame_next(&frame, &entry), 0);
    assert_int_equal(entry.kind, EH_FRAME_FDE);
    assert_int_equal(entry.code.start, body.start);
    assert_int_equal(entry.code.end, body.end);
    assert_int_equal(eh_frame_next(&frame, &entry), -ENOENT);
    unwind.eh_frame_size = section.size;
    assert_int_equal(unwind_measure(&unwind, body, &size), 0);
    unwind_write(&unwind, body, size, told);
    assert_read_back(told, size, body, EH_FRAME_RELATIVE | EH_FRAME_SDATA4);
}

static void a_frameless_body_is_described(void **state)
{
    static unsigned char told[MOST];
    lintel_unwind_t      unwind = {.frameless = 1};
    unwind_size_t        size;

    (void)state;
    assert_int_equal(unwind_measure(&unwind, BODY, &size), 0);
    assert_int_equal(size.section, 48);
    unwind_write(&unwind, BODY, size, told);
    assert_told(told, size, &BODY, 1);
    assert_int_equal(unwind_measure(NULL, BODY, &size), 0);
    assert_int_equal(size.section + size.header, 0);
}

static int measured(const section_t *section, range_t body)
{
    lintel_unwind_t unwind = {.eh_frame = section->bytes, .eh_frame_size = section->size};
    unwind_size_t   size;

    return unwind_measure(&unwind, body, &size);
}

static void what_cannot_be_read_is_refused(void **state)
{
    section_t section = {.size = 0};
    section_t cut;

    (void)state;
    put_cie(&section, "zR", EH_FRAME_ABSOLUTE);
    assert_int_equal(measured(&section, BODY), -EINVAL); /* of no code */
    put_fde(&section, 0, EH_FRAME_ABSOLUTE, 8, BODY);
    assert_int_equal(measured(&section, BODY), 0);
    assert_int_equal(measured(&section, (range_t){BODY.start, BODY.end - 1}), -EINVAL); /* of other code */
    assert_int_equal(measured(&section, (range_t){BODY.start + 1, BODY.end}), -EINVAL);
    for (size_t size = 1; size < section.size; size++) {
        cut = section;
        cut.size = size;
        assert_int_equal(measured(&cut, BODY), -EINVAL);
    }
    for (unsigned encoding = 0; encoding < 256; encoding++) {
        cut = section;
        cut.bytes[16] = (unsigned char)encoding;
        bool known = encoding == EH_FRAME_ABSOLUTE || encoding == EH_FRAME_UDATA8 || encoding == EH_FRAME_SDATA8;
        assert_int_equal(measured(&cut, BODY), known ? 0 : -EINVAL);
    }
    cut = (section_t){.size = 0};
    put_cie(&cut, "", EH_FRAME_ABSOLUTE); /* which has no encoding */
    put_fde(&cut, 0, EH_FRAME_ABSOLUTE, 8, BODY);
    assert_int_equal(measured(&cut, BODY), -EINVAL);
}

/* Under AddressSanitizer, or valgrind, nothing outside is read. */
static void nothing_is_believed(void **state)
{
    unsigned long seed = 7;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        section_t section = {.size = 0};
        put_cie(&section, "zPLR", EH_FRAME_ABSOLUTE);
        put_fde(&section, 0, EH_FRAME_ABSOLUTE, 8, BODY);
        for (unsigned i = random_below(&seed, 6); i < 6; i++)
            section.bytes[random_below(&seed, (unsigned)section.size)] = (unsigned char)random_below(&seed, 256);
        unsigned char *exact = test_malloc(section.size);
        memcpy(exact, section.bytes, section.size);
        lintel_unwind_t unwind = {.eh_frame = exact, .eh_frame_size = section.size};
        unwind_size_t   size;
        if (!unwind_measure(&unwind, BODY, &size)) {
            unsigned char *told = test_calloc(1, size.section + size.header);
            unwind_write(&unwind, BODY, size, told);
            test_free(told);
        }
        test_free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_encoding_is_told_right),
        cmocka_unit_test(narrow_ones_too),
        cmocka_unit_test(letters_before_the_encoding_are_passed_over),
        cmocka_unit_test(a_frameless_body_is_described),
        cmocka_unit_test(what_cannot_be_read_is_refused),
        cmocka_unit_test(nothing_is_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
