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

/* As the owner of a body in the middle of a region does. */
static void mark(range_t body, size_t rounding)
{
    starts_mark_front(&starts, body.start);
    starts_mark_body(&starts, body, rounding);
}

static bool find(uintptr_t address, starts_body_t *found)
{
    return starts_find(&starts, address, bytes(0, BLOCKS * STARTS_BLOCK), found);
}

static void assert_found_at(uintptr_t address, range_t body, size_t rounding)
{
    starts_body_t found;

    assert_true(find(address, &found));
    assert_int_equal(found.bytes.start, body.start);
    assert_int_equal(found.bytes.end, body.end);
    assert_int_equal(found.rounding, rounding);
}

static void assert_found(range_t body, size_t rounding)
{
    for (uintptr_t at = body.start; at < body.end; at += (body.end - body.start) / 7 + 1)
        assert_found_at(at, body, rounding);
    assert_found_at(body.end - 1, body, rounding);
}

static void assert_free(uintptr_t address)
{
    starts_body_t found;

    assert_false(find(address, &found));
}

static void bodies_of_every_size_are_found(void **state)
{
    size_t offset = STARTS_BLOCK - 300 * KIB;

    (void)state;
    for (size_t size = STARTS_UNIT; size < 3 * MIB; size *= 2) {
        range_t body = bytes(offset, size);
        mark(body, size % 15);
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
    mark(bytes(1024, 64), 3);
    mark(bytes(960, 64), 0);
    mark(bytes(1088, 16), 15);
    assert_found(bytes(960, 64), 0);
    assert_found(bytes(1024, 64), 3);
    assert_found(bytes(1088, 16), 15);
    assert_free(FIRST + 959);
    assert_free(FIRST + 1104);
}

/* Nothing ends in front of a region that is its own, and what ends behind it is another's. */
static void a_region_has_its_own_bodies(void **state)
{
    range_t       region = bytes(64 * KIB, 64 * KIB);
    range_t       body = bytes(64 * KIB, 4 * KIB);
    starts_body_t found;

    (void)state;
    mark(bytes(0, 4 * KIB), 0);
    starts_mark_body(&starts, body, 0);
    mark(bytes(256 * KIB, 4 * KIB), 0);
    assert_true(starts_find(&starts, body.end - 1, region, &found));
    assert_int_equal(found.bytes.start, body.start);
    starts_clear(&starts, bytes(256 * KIB - STARTS_UNIT, STARTS_UNIT));
    assert_false(starts_find(&starts, body.end, region, &found));
}

/* Of every place where its new and its old end may lie. */
static void what_is_freed_is_nobodys(void **state)
{
    size_t starts_at[] = {STARTS_BLOCK - KIB, STARTS_BLOCK};
    size_t sizes[] = {512, KIB, KIB + 512, STARTS_BLOCK, STARTS_BLOCK + KIB, STARTS_BLOCK + 2 * KIB};

    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        range_t body = bytes(starts_at[i / 6], 3 * MIB);
        range_t left = {body.start, body.start + sizes[i % 6]};
        mark(body, 0);
        starts_mark_shrunk(&starts, body, left.end, 5, STARTS_FREE);
        assert_found(left, 5);
        for (uintptr_t at = left.end; at < body.end + MIB; at += 64 * KIB)
            assert_free(at);
        assert_free(body.end - 1);
        mark((range_t){left.end, body.end - STARTS_UNIT}, 1);
        assert_found(left, 5);
        assert_found((range_t){left.end, body.end - STARTS_UNIT}, 1);
        starts_forget(&starts, bytes(0, BLOCKS * STARTS_BLOCK));
    }
}

static void the_end_of_a_chunk_stays_where_its_last_body_is_made_shorter(void **state)
{
    range_t   chunk = bytes(4096, 256);
    uintptr_t marks = starts_marks(&starts, chunk);

    (void)state;
    starts_mark_front(&starts, chunk.start);
    starts_mark_chunk(&starts, chunk);
    starts_mark_next(marks, chunk.start + 127, 0);
    starts_mark_shrunk(&starts, (range_t){chunk.start, chunk.start + 128}, chunk.start + 32, 2, STARTS_NOTHING);
    assert_found((range_t){chunk.start, chunk.start + 32}, 2);
    assert_free(chunk.start + 32);
    assert_free(chunk.end - 1);
    starts_mark_next(marks, chunk.end - 1, 0);
    assert_found((range_t){chunk.start + 32, chunk.end}, 0);
    starts_mark_shrunk(&starts, (range_t){chunk.start + 32, chunk.end}, chunk.start + 48, 0, STARTS_FREE);
    mark((range_t){chunk.end, chunk.end + 64}, 0);
    assert_free(chunk.start + 48);
    assert_found((range_t){chunk.end, chunk.end + 64}, 0);
}

static void what_is_cleared_is_in_no_bodys_way(void **state)
{
    range_t chunk = bytes(4096, 16 * KIB);

    (void)state;
    starts_mark_front(&starts, chunk.start);
    starts_mark_chunk(&starts, chunk);
    starts_mark_next(starts_marks(&starts, chunk), chunk.start + 47, 0);
    assert_found(bytes(4096, 48), 0);
    assert_free(chunk.start + 48);
    assert_free(chunk.end - 1);
    starts_clear_inside(&starts, bytes(4096 + 48, 64 * KIB));
    starts_mark_body(&starts, bytes(4096 + 48, 64 * KIB), 9);
    assert_found(bytes(4096, 48), 0);
    assert_found(bytes(4096 + 48, 64 * KIB), 9);
}

static void what_is_forgotten_leaves_nothing(void **state)
{
    range_t range = bytes(STARTS_BLOCK / 2, 2 * STARTS_BLOCK);
    range_t page = {range.start, range.start + STARTS_PAGE};

    (void)state;
    mark(range, 1);
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

/* The next region may have a body over the ends of those that were there. */
static void a_body_may_go_over_the_ends_of_a_forgotten_range(void **state)
{
    range_t range = bytes(64 * KIB, 64 * KIB);
    range_t body = bytes(32 * KIB, 128 * KIB);

    (void)state;
    starts_mark_body(&starts, range, 0);
    starts_forget(&starts, range);
    mark(body, 0);
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
        cmocka_unit_test_setup_teardown(a_region_has_its_own_bodies, start, end),
        cmocka_unit_test_setup_teardown(what_is_freed_is_nobodys, start, end),
        cmocka_unit_test_setup_teardown(the_end_of_a_chunk_stays_where_its_last_body_is_made_shorter, start, end),
        cmocka_unit_test_setup_teardown(what_is_cleared_is_in_no_bodys_way, start, end),
        cmocka_unit_test_setup_teardown(what_is_forgotten_leaves_nothing, start, end),
        cmocka_unit_test_setup_teardown(a_body_may_go_over_the_ends_of_a_forgotten_range, start, end),
        cmocka_unit_test_setup_teardown(blocks_that_are_refused_are_told, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
