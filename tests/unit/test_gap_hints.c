/* SPDX-License-Identifier: MIT
 *
 * gap_hints: a search begins where the last one ended, and finds what the longest search would, in every way of
 * looking.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "gap_ground.h"
#include "scripted_os.h"
#include "unit.h"

/* Mappings between the window's start and the first hole, each a step long. */
enum { MAPPINGS = 100 };

#define FIRST (MAPPINGS * STEP)

static gap_hints_t hints;

static int start(void **state)
{
    ground_start(state);
    for (size_t i = 0; i < MAPPINGS; i += 2)
        assert_int_equal(mprotect((void *)(arena.start + i * STEP), STEP, PROT_NONE), 0);
    hole(FIRST, 4 * STEP);
    memset((void *)&hints, 0, sizeof(hints));
    return 0;
}

/* Reserves a step of a window that begins at `from`. */
static size_t reserve_from(size_t from)
{
    gap_request_t request = {
        .window = {arena.start + from, arena.end}, .need = page, .want = STEP, .finder = finder, .hints = &hints};
    range_t reserved;

    assert_int_equal(gap_reserve(&request, &reserved), 0);
    return reserved.start - arena.start;
}

static unsigned looks(void)
{
    return script_calls(OS_MAPS_NEXT) + script_calls(OS_RESERVE);
}

/* By one system call beside those that say what is full and what is kept clear, however many mappings there are. */
static void assert_found_at_once(size_t from, size_t offset)
{
    unsigned opened = script_calls(OS_MAPS_OPEN);
    unsigned before = looks();

    assert_int_equal(reserve_from(from), offset);
    assert_int_equal(script_calls(OS_MAPS_OPEN), opened);
    assert_int_equal(looks() - before, 1);
}

static void a_search_begins_where_the_last_one_ended(void **state)
{
    (void)state;
    unsigned before = looks();
    assert_int_equal(reserve_from(0), FIRST);
    assert_in_range(looks() - before, MAPPINGS / 2, 4 * MAPPINGS);
    assert_found_at_once(0, FIRST + STEP);
    assert_found_at_once(10 * STEP, FIRST + 2 * STEP);
}

/* Whatever has become free meanwhile, and nearer, is used first. */
static void what_is_free_before_it_is_used_first(void **state)
{
    (void)state;
    assert_int_equal(reserve_from(0), FIRST);
    hole(7 * STEP, page);
    assert_int_equal(reserve_from(10 * STEP), FIRST + STEP);
    assert_int_equal(reserve_from(0), 7 * STEP);
    assert_found_at_once(0, FIRST + 2 * STEP);
}

static void a_place_that_was_taken_is_passed_over(void **state)
{
    (void)state;
    assert_int_equal(reserve_from(0), FIRST);
    arena_fill(arena_part(arena, FIRST + STEP, STEP));
    assert_int_equal(reserve_from(0), FIRST + 2 * STEP);
}

/* Less than is wanted there is nearer than what is wanted behind it. */
static void a_place_with_little_room_is_not_passed_over(void **state)
{
    (void)state;
    arena_fill(arena_part(arena, FIRST + STEP + page, STEP - page));
    assert_int_equal(reserve_from(0), FIRST);
    assert_int_equal(reserve_from(0), FIRST + STEP);
    assert_int_equal(range_size(script_last_range(OS_RESERVE)), page);
    assert_int_equal(reserve_from(0), FIRST + 2 * STEP);
}

static void take_the_place(void *context)
{
    (void)context;
    arena_fill(arena_part(arena, FIRST + STEP, STEP));
}

static void a_place_that_is_taken_meanwhile_is_looked_past(void **state)
{
    (void)state;
    assert_int_equal(reserve_from(0), FIRST);
    script_interlude(OS_RESERVE, 1, take_the_place, NULL);
    assert_int_equal(reserve_from(0), FIRST + 2 * STEP);
}

/* What the kernel refuses there it may give after all, or less of it. */
static void a_refusal_at_a_place_is_not_the_answer(void **state)
{
    (void)state;
    assert_int_equal(reserve_from(0), FIRST);
    script_answer(OS_RESERVE, 1, 1, -ENOMEM);
    assert_int_equal(reserve_from(0), FIRST + STEP);
}

/* A place right in front of what is kept clear has no room for all that is wanted. */
static void what_is_kept_clear_is_not_reached_from_a_place(void **state)
{
    (void)state;
    script_break(arena.start + FIRST + STEP + page);
    assert_int_equal(reserve_from(0), FIRST);
    assert_int_equal(reserve_from(0), FIRST + STEP);
    assert_int_equal(range_size(script_last_range(OS_RESERVE)), page);
}

static void places_before_and_behind_the_window_say_nothing(void **state)
{
    (void)state;
    hole(GIB, 2 * STEP);
    assert_int_equal(reserve_from(FIRST + 8 * STEP), GIB);
    assert_int_equal(reserve_from(0), FIRST);
    assert_int_equal(reserve_from(FIRST + 8 * STEP), GIB + STEP);
    assert_found_at_once(0, FIRST + STEP);
}

/* Before the far one there is room, which says nothing of what is before the near one. */
static void the_nearest_place_counts(void **state)
{
    (void)state;
    hole(GIB, 2 * STEP);
    assert_int_equal(reserve_from(0), FIRST);
    assert_int_equal(reserve_from(FIRST + 8 * STEP), GIB);
    assert_found_at_once(0, FIRST + STEP);
}

/* That is free, and not to be used. */
static void what_is_kept_clear_is_no_free_range(void **state)
{
    (void)state;
    hole(3 * STEP, STEP);
    script_break(arena.start + 3 * STEP);
    hole(3 * GIB, 4 * STEP);
    assert_int_equal(reserve_from(0), 3 * GIB);
    assert_found_at_once(0, 3 * GIB + STEP);
    script_break(0);
    assert_int_equal(reserve_from(0), 3 * STEP);
}

/* More places than are remembered. */
static void the_oldest_places_are_forgotten(void **state)
{
    (void)state;
    for (size_t i = 0; i <= GAP_HINTS; i++) {
        hole(GIB + i * MIB, 2 * STEP);
        assert_int_equal(reserve_from(GIB + i * MIB - STEP), GIB + i * MIB);
    }
    for (size_t i = 1; i <= GAP_HINTS; i++)
        assert_found_at_once(GIB + i * MIB - STEP, GIB + i * MIB + STEP);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_search_begins_where_the_last_one_ended, start, ground_end),
        cmocka_unit_test_setup_teardown(what_is_free_before_it_is_used_first, start, ground_end),
        cmocka_unit_test_setup_teardown(a_place_that_was_taken_is_passed_over, start, ground_end),
        cmocka_unit_test_setup_teardown(a_place_with_little_room_is_not_passed_over, start, ground_end),
        cmocka_unit_test_setup_teardown(a_place_that_is_taken_meanwhile_is_looked_past, start, ground_end),
        cmocka_unit_test_setup_teardown(a_refusal_at_a_place_is_not_the_answer, start, ground_end),
        cmocka_unit_test_setup_teardown(what_is_kept_clear_is_not_reached_from_a_place, start, ground_end),
        cmocka_unit_test_setup_teardown(places_before_and_behind_the_window_say_nothing, start, ground_end),
        cmocka_unit_test_setup_teardown(the_nearest_place_counts, start, ground_end),
        cmocka_unit_test_setup_teardown(what_is_kept_clear_is_no_free_range, start, ground_end),
        cmocka_unit_test_setup_teardown(the_oldest_places_are_forgotten, start, ground_end),
    };
    return cmocka_run_group_tests_name(choose_finder(count, arguments), tests, NULL, NULL);
}
