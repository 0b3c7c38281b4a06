/* SPDX-License-Identifier: MIT
 *
 * starts: which body an address is in, by marks. Addresses are numbers here; nothing is mapped there.
 */
#include "starts.h"

#include "scripted_os.h"
#include "unit.h"

#define FIRST  ((uintptr_t)0x400000000000)
#define BLOCKS ((size_t)8)

static starts_t starts;
static unsigned refused;

static int start(void **state)
{
    (void)state;
    starts = (starts_t){0};
    refused = 0;
    assert_int_equal(starts_cover(&starts, (range_t){FIRST, FIRST + BLOCKS * STARTS_BLOCK}), 0);
    return 0;
}

static int end(void **state)
{
    starts_end(&starts);
    assert_int_equal(script_calls(OS_UNMAP) + refused, script_calls(OS_MAP));
    return script_clear(state);
}

static range_t bytes(size_t offset, size_t size)
{
    return (range_t){FIRST + offset, FIRST + offset + size};
}

static void assert_found(range_t body, size_t rounding)
{
    starts_body_t found;

    for (uintptr_t at = body.start; at < body.end; at += (body.end - body.start) / 7 + 1) {
        assert_true(starts_find(&starts, at, &found));
        assert_int_equal(found.start, body.start);
        assert_int_equal(found.rounding, rounding);
    }
    assert_true(starts_find(&starts, body.end - 1, &found) && found.start == body.start);
}

static void assert_free(uintptr_t address)
{
    starts_body_t found;

    assert_false(starts_find(&starts, address, &found));
}

static void bodies_of_every_size_are_found(void **state)
{
    size_t offset = STARTS_BLOCK - 300 * KIB;

    (void)state;
    for (size_t size = STARTS_UNIT; size < 3 * MIB; size *= 2) {
        range_t body = bytes(offset, size);
        starts_mark_body(&starts, body, size % 15);
        assert_found(body, size % 15);
        assert_free(body.end);
        offset += 2 * size;
    }
    assert_free(FIRST);
    assert_free(FIRST + STARTS_BLOCK - 300 * KIB - 1);
    assert_free(FIRST + 100 * STARTS_BLOCK);
}

static void neighbours_are_told_apart(void **state)
{
    (void)state;
    starts_mark_body(&starts, bytes(1024, 64), 3);
    starts_mark_body(&starts, bytes(960, 64), 0);
    starts_mark_body(&starts, bytes(1088, 16), 15);
    assert_found(bytes(960, 64), 0);
    assert_found(bytes(1024, 64), 3);
    assert_found(bytes(1088, 16), 15);
    assert_true(starts_has(&starts, FIRST + 1088));
    assert_false(starts_has(&starts, FIRST + 976));
}

static void what_is_freed_is_nobodys(void **state)
{
    range_t body = bytes(STARTS_BLOCK - KIB, 3 * MIB);

    (void)state;
    starts_mark_body(&starts, body, 0);
    starts_mark_freed(&starts, (range_t){body.start + 512, body.end});
    starts_mark_body(&starts, (range_t){body.start, body.start + 512}, 5);
    assert_found(bytes(STARTS_BLOCK - KIB, 512), 5);
    for (uintptr_t at = body.start + 512; at < body.end + MIB; at += 64 * KIB)
        assert_free(at);
    assert_false(starts_has(&starts, body.end));
}

static void what_is_cleared_is_in_no_bodys_way(void **state)
{
    range_t chunk = bytes(4096, 16 * KIB);

    (void)state;
    starts_mark_chunk(&starts, chunk);
    starts_mark_next(starts_marks(&starts, chunk), bytes(4096, 48), 0, chunk.end);
    assert_found(bytes(4096, 48), 0);
    assert_free(chunk.start + 48);
    assert_free(chunk.end);
    starts_clear(&starts, bytes(4096 + 64, 64 * KIB));
    starts_mark_body(&starts, bytes(4096 + 48, 64 * KIB), 9);
    assert_found(bytes(4096, 48), 0);
    assert_found(bytes(4096 + 48, 64 * KIB), 9);
}

static void what_is_forgotten_leaves_nothing(void **state)
{
    range_t range = bytes(STARTS_BLOCK / 2, 2 * STARTS_BLOCK);
    range_t page = {range.start, range.start + STARTS_PAGE};

    (void)state;
    starts_mark_body(&starts, range, 1);
    starts_say(&starts, range, STARTS_OPENED);
    starts_say(&starts, page, STARTS_EXECUTABLE);
    assert_true(starts_all(&starts, range, STARTS_OPENED));
    assert_false(starts_all(&starts, range, STARTS_EXECUTABLE));
    assert_true(starts_any(&starts, range, STARTS_EXECUTABLE));
    assert_true(starts_ask(&starts, page.start, STARTS_OPENED));
    starts_forget(&starts, range);
    for (uintptr_t at = range.start; at < range.end; at += 64 * KIB)
        assert_free(at);
    assert_false(starts_any(&starts, range, STARTS_OPENED));
    assert_false(starts_any(&starts, range, STARTS_EXECUTABLE));
}

/* The end of a range's last body is marked behind the range, where the next one to be there has something else. */
static void a_body_may_go_over_the_end_of_a_forgotten_range(void **state)
{
    range_t range = bytes(64 * KIB, 64 * KIB);
    range_t body = bytes(100 * KIB, 64 * KIB);

    (void)state;
    starts_mark_body(&starts, range, 0);
    starts_forget(&starts, range);
    starts_mark_body(&starts, body, 0);
    assert_found(body, 0);
    starts_clear(&starts, body);
    starts_mark_chunk(&starts, range);
    starts_forget(&starts, range);
    starts_mark_body(&starts, body, 0);
    assert_found(body, 0);
}

static void blocks_that_are_refused_are_told(void **state)
{
    (void)state;
    script_answer(OS_MAP, 1, FOREVER, -12);
    assert_int_equal(starts_cover(&starts, (range_t){FIRST, FIRST + 1}), 0);
    assert_int_equal(starts_cover(&starts, bytes(BLOCKS * STARTS_BLOCK, 1)), -12);
    assert_null(starts_block(&starts, FIRST + BLOCKS * STARTS_BLOCK));
    script_answer(OS_MAP, 0, 0, 0);
    refused = 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bodies_of_every_size_are_found, start, end),
        cmocka_unit_test_setup_teardown(neighbours_are_told_apart, start, end),
        cmocka_unit_test_setup_teardown(what_is_freed_is_nobodys, start, end),
        cmocka_unit_test_setup_teardown(what_is_cleared_is_in_no_bodys_way, start, end),
        cmocka_unit_test_setup_teardown(what_is_forgotten_leaves_nothing, start, end),
        cmocka_unit_test_setup_teardown(a_body_may_go_over_the_end_of_a_forgotten_range, start, end),
        cmocka_unit_test_setup_teardown(blocks_that_are_refused_are_told, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
