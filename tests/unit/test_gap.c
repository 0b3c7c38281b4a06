/* SPDX-License-Identifier: MIT
 *
 * gap: the nearest free range that is long enough, in every way of looking.
 */
#include <errno.h>

#include "gap_ground.h"
#include "os.h"
#include "scripted_os.h"
#include "unit.h"

static gap_request_t request_for(size_t need, size_t want)
{
    return (gap_request_t){.window = arena, .need = need, .want = want, .finder = finder};
}

static void assert_reserves(size_t need, size_t want, size_t offset, size_t size)
{
    gap_request_t request = request_for(need, want);
    range_t       reserved;

    assert_int_equal(gap_reserve(&request, &reserved), 0);
    assert_int_equal(reserved.start - arena.start, offset);
    assert_int_equal(range_size(reserved), size);
    assert_true(is_mapped(reserved.start) && is_mapped(reserved.end - page));
    assert_false(is_readable(reserved.start));
}

static void assert_fails(const gap_request_t *request, int error)
{
    range_t reserved = {1, 2};

    assert_int_equal(gap_reserve(request, &reserved), error);
    assert_int_equal(reserved.start, 1);
    assert_int_equal(reserved.end, 2);
}

static void the_nearest_hole_comes_first(void **state)
{
    (void)state;
    hole(3 * GIB, STEP);
    hole(5 * STEP, 2 * page);
    hole(GIB, STEP);
    assert_reserves(page, 4 * page, 5 * STEP, 2 * page);
    assert_reserves(page, 4 * page, GIB, 4 * page);
}

static void a_hole_that_is_too_small_is_passed_over(void **state)
{
    (void)state;
    hole(STEP, 3 * page);
    hole(4 * STEP, 4 * page - page);
    hole(8 * STEP, 4 * page);
    hole(16 * STEP, STEP);
    assert_reserves(3 * page + 1, STEP, 8 * STEP, 4 * page);
    assert_reserves(3 * page, STEP, STEP, 3 * page);
}

static void no_more_than_wanted_is_reserved(void **state)
{
    (void)state;
    hole(STEP, STEP);
    assert_reserves(1, 1, STEP, page);
    arena_fill(arena_part(arena, STEP + page, STEP - page));
    hole(2 * STEP, MIB);
    assert_reserves(page, 5 * page + 1, 2 * STEP, 6 * page);
}

/* The window's last page may be used as far as the window goes. */
static void the_window_may_end_within_a_page(void **state)
{
    gap_request_t request = request_for(2 * page + 101, 2 * page + 101);
    range_t       reserved;

    (void)state;
    hole(STEP, STEP);
    request.window.end = arena.start + STEP + 2 * page + 100;
    assert_fails(&request, -ENOSPC);
    request.need--;
    assert_int_equal(gap_reserve(&request, &reserved), 0);
    assert_int_equal(reserved.start, arena.start + STEP);
    assert_int_equal(range_size(reserved), 3 * page);
}

static void the_window_may_start_within_a_hole(void **state)
{
    gap_request_t request = request_for(page, STEP);
    range_t       reserved;

    (void)state;
    hole(STEP, 2 * STEP);
    request.window.start = arena.start + STEP + 3 * page;
    assert_int_equal(gap_reserve(&request, &reserved), 0);
    assert_int_equal(reserved.start, request.window.start);
    assert_int_equal(range_size(reserved), STEP);
}

static void without_room_nothing_is_reserved(void **state)
{
    gap_request_t request = request_for(page, page);

    (void)state;
    assert_fails(&request, -ENOSPC);
    hole(STEP, 3 * page);
    request = request_for(4 * page, MIB);
    assert_fails(&request, -ENOSPC);
    request = request_for(SIZE_MAX, SIZE_MAX);
    assert_fails(&request, -ENOSPC);
    request = request_for(4 * GIB + 1, 16 * GIB);
    assert_fails(&request, -ENOSPC);
    assert_false(is_mapped(arena.start + STEP));
}

static void an_absurd_wish_is_clipped_to_the_hole(void **state)
{
    (void)state;
    hole(STEP, STEP);
    assert_reserves(page, SIZE_MAX, STEP, STEP);
}

static void windows_outside_the_programs_addresses_are_full(void **state)
{
    gap_request_t request = {.need = page, .want = page, .finder = finder};
    range_t       reserved;

    (void)state;
    request.window = (range_t){os_addresses().end, UINTPTR_MAX - 4095};
    assert_fails(&request, -ENOSPC);
    request.window = (range_t){0, os_addresses().start};
    assert_fails(&request, -ENOSPC);
    request.window = (range_t){0, os_addresses().start + STEP};
    assert_int_equal(gap_reserve(&request, &reserved), 0);
    assert_in_range(reserved.start, os_addresses().start, os_addresses().start + STEP);
    os_release(reserved);
}

static void a_refused_wish_shrinks(void **state)
{
    gap_request_t request = request_for(2 * page, 16 * page);
    range_t       reserved;

    (void)state;
    hole(STEP, STEP);
    /* Trials have failed at the window's start, and got the need itself, by then. */
    script_answer(OS_RESERVE, finder == LINTEL_GAP_PROBE ? 3 : 1, 2, -ENOMEM);
    assert_int_equal(gap_reserve(&request, &reserved), 0);
    assert_int_equal(reserved.start, arena.start + STEP);
    assert_in_range(range_size(reserved), 4 * page, 8 * page);
}

static void a_refused_wish_shrinks_down_to_the_need(void **state)
{
    gap_request_t request = request_for(2 * page + 1, 16 * page);

    (void)state;
    hole(STEP, STEP);
    script_answer(OS_RESERVE, 1, FOREVER, -ENOMEM);
    assert_fails(&request, -ENOMEM);
    assert_int_equal(range_size(script_last_range(OS_RESERVE)), 3 * page);
}

static void take_first_hole(void *context)
{
    (void)context;
    arena_fill(arena_part(arena, STEP, page));
}

/* What was free a moment ago is not any more: look again. */
static void a_hole_taken_by_somebody_else_is_passed_over(void **state)
{
    (void)state;
    hole(STEP, page);
    hole(GIB, page);
    script_interlude(OS_RESERVE, finder == LINTEL_GAP_PROBE ? 2 : 1, take_first_hole, NULL);
    assert_reserves(page, page, GIB, page);
    assert_true(is_readable(arena.start + STEP));
}

/* A kernel whose answers never come true must not keep us for ever. */
static void holes_that_are_never_free_end_the_search(void **state)
{
    gap_request_t request = request_for(page, page);

    (void)state;
    hole(STEP, STEP);
    request.window.end = arena.start + MIB;
    script_answer(OS_RESERVE, 1, FOREVER, -EEXIST);
    assert_fails(&request, -ENOSPC);
    assert_in_range(script_calls(OS_RESERVE), 1, 256);
}

static void a_hole_of_one_page_anywhere_is_found(void **state)
{
    (void)state;
    hole(7 * page, page);
    hole(STEP, STEP);
    hole(9 * page, 2 * page);
    assert_reserves(page, STEP, 7 * page, page);
    assert_reserves(2 * page, STEP, 9 * page, 2 * page);
    assert_reserves(2 * page, STEP, STEP, STEP);
}

static void trials_need_no_list_of_mappings_and_miss_small_holes(void **state)
{
    (void)state;
    hole(STEP + 7 * page, 3 * page);
    hole(3 * STEP - page, 3 * page);
    assert_reserves(page, 16 * page, 3 * STEP, 2 * page);
    assert_int_equal(script_calls(OS_MAPS_OPEN) + script_calls(OS_MAPS_NEXT), 0);
}

static int run_by_name(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_nearest_hole_comes_first, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(a_hole_that_is_too_small_is_passed_over, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(no_more_than_wanted_is_reserved, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(the_window_may_end_within_a_page, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(the_window_may_start_within_a_hole, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(without_room_nothing_is_reserved, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(an_absurd_wish_is_clipped_to_the_hole, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(windows_outside_the_programs_addresses_are_full, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(a_refused_wish_shrinks, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(a_refused_wish_shrinks_down_to_the_need, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(a_hole_taken_by_somebody_else_is_passed_over, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(holes_that_are_never_free_end_the_search, ground_start, ground_end),
    };
    const struct CMUnitTest of_lists[] = {
        cmocka_unit_test_setup_teardown(a_hole_of_one_page_anywhere_is_found, ground_start, ground_end),
    };
    const struct CMUnitTest of_trials[] = {
        cmocka_unit_test_setup_teardown(trials_need_no_list_of_mappings_and_miss_small_holes, ground_start, ground_end),
    };
    int failed = cmocka_run_group_tests_name(name, tests, NULL, NULL);

    return failed + (finder == LINTEL_GAP_PROBE ? cmocka_run_group_tests_name("trials", of_trials, NULL, NULL)
                                                : cmocka_run_group_tests_name("lists", of_lists, NULL, NULL));
}

int main(int count, char **arguments)
{
    return run_by_name(choose_finder(count, arguments));
}
