/* SPDX-License-Identifier: MIT
 *
 * gap, near what grows: the heap above the program break and the main stack are given way to, in every way of looking,
 * and what is kept clear for them is used last and from its far end.
 */
#include <errno.h>

#include "gap_ground.h"
#include "scripted_os.h"
#include "unit.h"

#define KEPT HEAP_CLEARANCE

typedef int reserve_t(const gap_request_t *request, range_t *reserved);

static size_t reserved_at(reserve_t *reserve, size_t need, size_t want)
{
    gap_request_t request = {.window = arena, .need = need, .want = want, .finder = finder};
    range_t       reserved;

    assert_int_equal(reserve(&request, &reserved), 0);
    assert_in_range(range_size(reserved), need, align_up(want, page));
    return reserved.start - arena.start;
}

static void assert_no_room(reserve_t *reserve, size_t need)
{
    gap_request_t request = {.window = arena, .need = need, .want = need, .finder = finder};
    range_t       reserved = {1, 2};

    assert_int_equal(reserve(&request, &reserved), -ENOSPC);
    assert_int_equal(reserved.start, 1);
}

/* The kernel wants a page between the heap and what is above it. */
static void the_heap_keeps_a_gib_and_more_above_the_break(void **state)
{
    (void)state;
    assert_true(KEPT >= GIB + page);
    script_break(arena.start + STEP - 100);
    hole(0, 2 * GIB);
    assert_int_equal(reserved_at(gap_reserve, page, STEP), 0);
    assert_int_equal(reserved_at(gap_reserve, STEP, STEP), STEP + KEPT);
}

static void space_below_the_break_is_used_up_to_it(void **state)
{
    (void)state;
    script_break(arena.start + 4 * STEP);
    hole(2 * STEP, KEPT);
    assert_int_equal(reserved_at(gap_reserve, page, 2 * STEP), 2 * STEP);
    assert_true(is_mapped(arena.start + 4 * STEP - page));
    assert_false(is_mapped(arena.start + 4 * STEP));
    assert_no_room(gap_reserve, page);
}

static void without_a_break_nothing_is_kept_clear(void **state)
{
    (void)state;
    hole(STEP, GIB);
    assert_int_equal(reserved_at(gap_reserve, page, page), STEP);
}

static void the_stack_keeps_its_room(void **state)
{
    (void)state;
    script_stack(arena_part(arena, 3 * STEP, 128 * MIB));
    hole(2 * STEP, GIB);
    assert_int_equal(reserved_at(gap_reserve, page, MIB), 2 * STEP);
    assert_false(is_mapped(arena.start + 3 * STEP));
    assert_int_equal(reserved_at(gap_reserve, page, page), 3 * STEP + 128 * MIB);
}

static void room_for_both_is_kept_side_by_side(void **state)
{
    (void)state;
    script_break(arena.start + STEP);
    script_stack(arena_part(arena, KEPT - MIB, 128 * MIB));
    hole(STEP, 3 * GIB);
    assert_int_equal(reserved_at(gap_reserve, page, page), KEPT + 127 * MIB);
}

/* Half of the clearance is left to the heap, then a quarter, and so on; what is near the break goes last of all. */
static void the_heaps_clearance_is_used_from_its_far_end(void **state)
{
    size_t brk = STEP;

    (void)state;
    script_break(arena.start + brk);
    hole(brk, KEPT);
    assert_no_room(gap_reserve, page);
    assert_int_equal(reserved_at(gap_reserve_clearance, STEP, STEP), brk + KEPT / 2);
    assert_int_equal(reserved_at(gap_reserve_clearance, KEPT / 2 - STEP, KEPT / 2 - STEP), brk + KEPT / 2 + STEP);
    assert_int_equal(reserved_at(gap_reserve_clearance, STEP, STEP), brk + KEPT / 4);
    assert_int_equal(reserved_at(gap_reserve_clearance, KEPT / 4 - STEP, KEPT / 4 - STEP), brk + KEPT / 4 + STEP);
    assert_int_equal(reserved_at(gap_reserve_clearance, STEP, STEP), brk + KEPT / 8);
}

static void the_heaps_clearance_is_used_to_the_last_page(void **state)
{
    (void)state;
    script_break(arena.start + STEP);
    hole(STEP, KEPT);
    assert_int_equal(reserved_at(gap_reserve_clearance, KEPT - page, KEPT - page), STEP);
    hole(STEP, page);
    arena_fill(arena_part(arena, STEP + KEPT - page, page));
    assert_int_equal(reserved_at(gap_reserve_clearance, 1, STEP), STEP);
    assert_no_room(gap_reserve_clearance, page);
}

/* More than either part has: one piece of both. */
static void a_hole_half_in_the_clearance_is_used_whole(void **state)
{
    (void)state;
    script_break(arena.start + STEP);
    hole(STEP, 2 * GIB);
    assert_no_room(gap_reserve, GIB + GIB / 2);
    assert_in_range(reserved_at(gap_reserve_clearance, GIB + GIB / 2, GIB + GIB / 2), STEP, STEP + GIB / 2);
}

static void the_stacks_room_is_used_from_its_far_end(void **state)
{
    (void)state;
    script_stack(arena_part(arena, STEP, 128 * MIB));
    hole(STEP, 128 * MIB);
    assert_no_room(gap_reserve, page);
    assert_int_equal(reserved_at(gap_reserve_clearance, page, STEP), STEP);
    assert_int_equal(reserved_at(gap_reserve_clearance, page, page), 2 * STEP);
}

static void the_heaps_clearance_goes_before_the_stacks_room(void **state)
{
    (void)state;
    script_stack(arena_part(arena, STEP, 128 * MIB));
    script_break(arena.start + 2 * GIB);
    hole(STEP, 128 * MIB);
    hole(2 * GIB, KEPT);
    assert_int_equal(reserved_at(gap_reserve_clearance, KEPT / 2, KEPT / 2), 2 * GIB + KEPT / 2);
    assert_int_equal(reserved_at(gap_reserve_clearance, KEPT / 2, KEPT / 2), 2 * GIB);
    assert_int_equal(reserved_at(gap_reserve_clearance, page, page), STEP);
}

static void without_clearances_there_is_nothing_more(void **state)
{
    (void)state;
    hole(STEP, GIB);
    assert_no_room(gap_reserve_clearance, page);
}

static void refused_memory_is_no_reason_to_look_in_the_stacks_room(void **state)
{
    gap_request_t request = {.window = arena, .need = page, .want = page, .finder = finder};
    range_t       reserved;

    (void)state;
    script_break(arena.start + STEP);
    script_stack(arena_part(arena, 3 * GIB, 128 * MIB));
    hole(STEP, GIB);
    hole(3 * GIB, 128 * MIB);
    script_answer(OS_RESERVE, 1, FOREVER, -ENOMEM);
    assert_int_equal(gap_reserve_clearance(&request, &reserved), -ENOMEM);
    assert_int_equal(script_calls(OS_RESERVE), 1);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_heap_keeps_a_gib_and_more_above_the_break, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(space_below_the_break_is_used_up_to_it, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(without_a_break_nothing_is_kept_clear, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(the_stack_keeps_its_room, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(room_for_both_is_kept_side_by_side, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(the_heaps_clearance_is_used_from_its_far_end, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(the_heaps_clearance_is_used_to_the_last_page, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(a_hole_half_in_the_clearance_is_used_whole, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(the_stacks_room_is_used_from_its_far_end, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(the_heaps_clearance_goes_before_the_stacks_room, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(without_clearances_there_is_nothing_more, ground_start, ground_end),
        cmocka_unit_test_setup_teardown(refused_memory_is_no_reason_to_look_in_the_stacks_room, ground_start,
                                        ground_end),
    };
    return cmocka_run_group_tests_name(choose_finder(count, arguments), tests, NULL, NULL);
}
