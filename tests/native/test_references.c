/* SPDX-License-Identifier: MIT
 *
 * What leads where: an image made by hand, of two functions, a jump table and a pointer.
 */
#include "native_unit.h"

#include <string.h>

#include "references.h"

/* As a loader would lay it out: text, read-only data, data. */
typedef struct {
    uint8_t   text[64];
    int32_t   table[4];
    uintptr_t pointers[2];
} layout_t;

enum { SWITCH = 0, OTHER = 32 };

static void lay_out(layout_t *layout)
{
    static const uint8_t code[] = {
        0x48, 0x8d, 0x15, 0x39, 0x00, 0x00, 0x00, /* lea rdx, [table] */
        0xff, 0xe0,                               /* jmp rax */
        0x74, 0xf5,                               /* je 0 */
        0xeb, 0x02,                               /* jmp 15 */
    };
    static const uint8_t other[] = {
        0xe8, 0xdb, 0xff, 0xff, 0xff, /* call 0 */
        0x75, 0xe0,                   /* jne 7 */
        0xe9, 0xdb, 0xff, 0xff, 0xff, /* jmp 7 */
        0xc3,
    };

    memset(layout, 0x90, sizeof(*layout));
    memcpy(layout->text + SWITCH, code, sizeof(code));
    memcpy(layout->text + OTHER, other, sizeof(other));
    layout->table[0] = -64 + 20;
    layout->table[1] = -64 + 21;
    layout->table[2] = 1000; /* no place in the text: the table has ended */
    layout->table[3] = -64 + 22;
    layout->pointers[0] = (uintptr_t)layout->text + 25;
    layout->pointers[1] = 1;
}

static void test_every_way(void **state)
{
    static layout_t layout;
    uintptr_t       start = (uintptr_t)&layout;
    const ElfW(Phdr) segments[] = {
        {.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_vaddr = 0, .p_filesz = sizeof(layout.text)},
        {.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = offsetof(layout_t, table), .p_filesz = sizeof(layout.table)},
        {.p_type = PT_LOAD,
         .p_flags = PF_R | PF_W,
         .p_vaddr = offsetof(layout_t, pointers),
         .p_filesz = sizeof(layout.pointers)},
    };
    image_t      image = {.bias = start, .segments = segments, .segment_count = 3};
    function_t   entries[] = {{.start = start + SWITCH, .end = start + OTHER},
                              {.start = start + OTHER, .end = start + 64}};
    functions_t  functions = {.entries = entries, .count = 2};
    references_t references;

    (void)state;
    lay_out(&layout);
    assert_null(references_read(&image, &functions, &references));
    assert_int_equal(references_at(&references, start), REFERENCE_CALL | REFERENCE_JUMP | REFERENCE_LOOP);
    assert_int_equal(references_at(&references, start + 7), REFERENCE_JUMP | REFERENCE_BRANCH);
    assert_int_equal(references_at(&references, start + 15), REFERENCE_JUMP);
    assert_int_equal(references_at(&references, start + 20), REFERENCE_TABLE);
    assert_int_equal(references_at(&references, start + 21), REFERENCE_TABLE);
    assert_int_equal(references_at(&references, start + 22), 0);
    assert_int_equal(references_at(&references, start + 25), REFERENCE_ADDRESS);
    assert_int_equal(references_at(&references, start + OTHER), 0);
    assert_int_equal(references_at(&references, start - 1), 0);
    references_free(&references);
}

static void test_names(void **state)
{
    image_t image = {.name = "libz.so.1"};

    (void)state;
    assert_true(image_is_among(&image, "libz"));
    assert_true(image_is_among(&image, "libm:libz"));
    assert_true(image_is_among(&image, "libz.so.1"));
    assert_true(image_is_among(&image, "*z.so*"));
    assert_false(image_is_among(&image, "libzstd:z:lib::"));
    image.name = "libzstd.so.1";
    assert_false(image_is_among(&image, "libz"));
    image.name = "libpython3.11.so.1.0";
    assert_true(image_is_among(&image, "libpython"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
