/* SPDX-License-Identifier: MIT
 *
 * gap: one way of looking takes over from the other, where that is allowed.
 */
#include <errno.h>

#include "arena.h"
#include "gap.h"
#include "os.h"
#include "scripted_os.h"
#include "unit.h"

#define STEP (64 * KIB)

static size_t        page;
static range_t       arena;
static gap_request_t request;

/* Trial mappings only find the second hole. */
static int start(void **state)
{
    (void)state;
    page = os_page_size();
    arena = arena_take(2 * MIB);
    arena_free(arena_part(arena, 3 * page, page));
    arena_free(arena_part(arena, 2 * STEP, STEP));
    script_break(0);
    script_stack((range_t){0, 0});
    request = (gap_request_t){.window = arena, .need = page, .want = page, .finder = LINTEL_GAP_AUTO};
    return 0;
}

static int end(void **state)
{
    arena_end(arena);
    return script_clear(state);
}

static void assert_reserves_at(size_t offset)
{
    range_t reserved;

    assert_int_equal(gap_reserve(&request, &reserved), 0);
    assert_int_equal(reserved.start - arena.start, offset);
}

static void assert_fails(void)
{
    range_t reserved = {1, 2};

    assert_int_equal(gap_reserve(&request, &reserved), -ENOSPC);
    assert_int_equal(reserved.start, 1);
}

/* Whether this kernel has the first way. */
static bool has_query(void)
{
    os_maps_t maps;
    bool      has = !os_maps_open(&maps, OS_MAPS_QUERY);

    if (has)
        os_maps_close(&maps);
    script_clear(NULL);
    script_break(0);
    script_stack((range_t){0, 0});
    return has;
}

static void the_first_way_that_works_is_enough(void **state)
{
    bool query = has_query();

    (void)state;
    assert_reserves_at(3 * page);
    assert_int_equal(script_calls(OS_MAPS_OPEN), query ? 1 : 2);
}

static void the_text_is_read_where_there_is_no_query(void **state)
{
    (void)state;
    script_answer(OS_MAPS_OPEN, 1, 1, -ENOSYS);
    assert_reserves_at(3 * page);
    assert_int_equal(script_calls(OS_MAPS_OPEN), 2);
}

static void mappings_are_tried_where_there_is_no_proc(void **state)
{
    (void)state;
    script_answer(OS_MAPS_OPEN, 1, FOREVER, -ENOSYS);
    assert_reserves_at(2 * STEP);
}

static void the_next_way_takes_over_when_one_breaks_midway(void **state)
{
    bool query = has_query();

    (void)state;
    script_answer(OS_MAPS_NEXT, 2, 1, -EIO);
    assert_reserves_at(query ? 3 * page : 2 * STEP);
    assert_int_equal(script_calls(OS_MAPS_OPEN), 2);
}

static void trials_take_over_when_both_break_midway(void **state)
{
    (void)state;
    script_answer(OS_MAPS_NEXT, 1, FOREVER, -EIO);
    assert_reserves_at(2 * STEP);
}

static void trials_take_over_from_lists_that_never_come_true(void **state)
{
    unsigned lists = has_query() ? 2 : 1;

    (void)state;
    script_answer(OS_RESERVE, 1, lists * 256, -EEXIST);
    assert_reserves_at(2 * STEP);
}

static void no_room_is_an_answer_and_no_reason_to_look_otherwise(void **state)
{
    unsigned opened = has_query() ? 1 : 2;

    (void)state;
    request.need = request.want = 2 * STEP;
    assert_fails();
    assert_int_equal(script_calls(OS_MAPS_OPEN), opened);
    assert_int_equal(script_calls(OS_RESERVE), 0);
}

static void a_way_that_is_forced_has_no_fallback(void **state)
{
    const lintel_gap_t forced[] = {LINTEL_GAP_QUERY, LINTEL_GAP_TEXT};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        request.finder = forced[i];
        script_answer(OS_MAPS_OPEN, 1, FOREVER, -ENOSYS);
        assert_fails();
        assert_int_equal(script_calls(OS_MAPS_OPEN), i + 1);
    }
    request.finder = LINTEL_GAP_TEXT;
    script_answer(OS_MAPS_OPEN, 1, 0, 0);
    script_answer(OS_MAPS_NEXT, 1, FOREVER, -EIO);
    assert_fails();
    assert_int_equal(script_calls(OS_RESERVE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_way_that_works_is_enough, start, end),
        cmocka_unit_test_setup_teardown(the_text_is_read_where_there_is_no_query, start, end),
        cmocka_unit_test_setup_teardown(mappings_are_tried_where_there_is_no_proc, start, end),
        cmocka_unit_test_setup_teardown(the_next_way_takes_over_when_one_breaks_midway, start, end),
        cmocka_unit_test_setup_teardown(trials_take_over_when_both_break_midway, start, end),
        cmocka_unit_test_setup_teardown(trials_take_over_from_lists_that_never_come_true, start, end),
        cmocka_unit_test_setup_teardown(no_room_is_an_answer_and_no_reason_to_look_otherwise, start, end),
        cmocka_unit_test_setup_teardown(a_way_that_is_forced_has_no_fallback, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
