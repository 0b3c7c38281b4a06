/* SPDX-License-Identifier: MIT
 *
 * space: where a heap's address space comes from, and in which order: the kernel's or the early pool's, whichever is
 * nearer, and what is kept clear for others last.
 */
#include "space.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "arena.h"
#include "os.h"
#include "scripted_os.h"
#include "team.h"
#include "unit.h"

#define STEP (64 * KIB)

static size_t  page;
static range_t arena;
static space_t space;

static int start(void **state)
{
    (void)state;
    page = os_page_size();
    arena = arena_take(4 * GIB);
    memset(&space, 0, sizeof(space));
    script_break(0);
    script_stack((range_t){0, 0});
    return 0;
}

static int end(void **state)
{
    space_end(&space);
    arena_end(arena);
    return script_clear(state);
}

static void hole(size_t offset, size_t size)
{
    arena_free(arena_part(arena, offset, size));
}

/* A pool of 16 steps at `offset`. */
static void start_with_pool(size_t offset)
{
    lintel_heap_options_t options = {.pool_near = arena.start, .pool_size = 16 * STEP};

    hole(offset, 16 * STEP);
    assert_int_equal(space_start(&space, &options), 0);
    assert_int_equal(space.pool.range.start, arena.start + offset);
}

static size_t reserve_at(size_t need, size_t want)
{
    range_t pages;

    assert_int_equal(space_reserve(&space, arena, need, want, &pages), 0);
    return pages.start - arena.start;
}

static void options_not_given_have_their_defaults(void **state)
{
    (void)state;
    assert_int_equal(space_start(&space, NULL), 0);
    assert_int_equal(space.options->first_region, 64 * KIB);
    assert_int_equal(space.options->region_limit, 256 * MIB);
    assert_int_equal(space.options->commit_step, 16 * KIB);
    assert_int_equal(space.options->pool_size, 0);
}

static void options_are_rounded_up_to_what_can_be_done(void **state)
{
    lintel_heap_options_t options = {.first_region = 3 * page - 1, .region_limit = 1, .commit_step = 2 * page + 1};

    (void)state;
    assert_int_equal(space_start(&space, &options), 0);
    assert_int_equal(space.options->first_region, 3 * page);
    assert_int_equal(space.options->region_limit, 3 * page);
    assert_int_equal(space.options->commit_step, 4 * page);
}

static void options_out_of_range_are_refused(void **state)
{
    const lintel_heap_options_t bad[] = {
        {.gap = (lintel_gap_t)4},
        {.gap = (lintel_gap_t)-1},
        {.first_region = SIZE_MAX},
        {.region_limit = SIZE_MAX / 2 + 1},
        {.commit_step = SIZE_MAX},
        {.pool_size = page},
        {.pool_size = SIZE_MAX, .pool_near = page},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        memset(&space, 0, sizeof(space));
        assert_int_equal(space_start(&space, &bad[i]), -EINVAL);
    }
    memset(&space, 0, sizeof(space));
}

static bool write_there(void *context)
{
    signal(SIGSEGV, SIG_DFL);
    *(volatile char *)context = 1;
    return true;
}

static void options_are_nobodys_to_write(void **state)
{
    (void)state;
    assert_int_equal(space_start(&space, NULL), 0);
    uintptr_t kept = (uintptr_t)space.options;
    assert_true(is_readable(kept));
    for (size_t at = 0; at < sizeof(*space.options); at += sizeof(int))
        assert_false(is_writable(kept + at));
    assert_false(child_says(write_there, (void *)kept));
    space_end(&space);
    assert_false(is_mapped(kept));
    memset(&space, 0, sizeof(space));
}

static void options_that_cannot_be_kept_leave_nothing(void **state)
{
    (void)state;
    script_answer(OS_MAP, 1, 1, -ENOMEM);
    assert_int_equal(space_start(&space, NULL), -ENOMEM);
    script_answer(OS_MAKE_CONSTANT, 1, 1, -ENOMEM);
    assert_int_equal(space_start(&space, NULL), -ENOMEM);
    assert_null(space.options);
    assert_int_equal(script_calls(OS_UNMAP), 1);
}

static void the_pool_is_the_nearest_range_above_its_address(void **state)
{
    lintel_heap_options_t options = {.pool_near = arena.start + STEP, .pool_size = 2 * page - 1};

    (void)state;
    hole(0, STEP);
    hole(STEP, page);
    hole(2 * STEP, STEP);
    assert_int_equal(space_start(&space, &options), 0);
    assert_int_equal(space.pool.range.start, arena.start + 2 * STEP);
    assert_int_equal(range_size(space.pool.range), 2 * page);
    assert_true(is_mapped(arena.start + 2 * STEP));
    space_end(&space);
    assert_false(is_mapped(arena.start + 2 * STEP));
    memset(&space, 0, sizeof(space));
}

static void the_pool_lies_whole_within_its_reach(void **state)
{
    lintel_heap_options_t options = {
        .pool_near = arena.start, .pool_size = 2 * page, .pool_reach = STEP + 2 * page - 2};

    (void)state;
    hole(STEP, STEP);
    assert_int_equal(space_start(&space, &options), -ENOSPC);
    assert_false(is_mapped(arena.start + STEP));
    memset(&space, 0, sizeof(space));
    options.pool_reach++;
    assert_int_equal(space_start(&space, &options), 0);
    assert_int_equal(space.pool.range.start, arena.start + STEP);
}

static void a_refused_pool_leaves_nothing(void **state)
{
    lintel_heap_options_t options = {.pool_near = arena.start, .pool_size = page};

    (void)state;
    hole(STEP, STEP);
    script_answer(OS_RESERVE, 1, 1, -ENOMEM);
    assert_int_equal(space_start(&space, &options), -ENOMEM);
    memset(&space, 0, sizeof(space));
    script_answer(OS_MAP, 2, 1, -ENOMEM); /* the first one is for the options */
    assert_int_equal(space_start(&space, &options), -ENOMEM);
    assert_int_equal(script_calls(OS_MAP) - 1, script_calls(OS_UNMAP));
    assert_false(is_mapped(arena.start + STEP));
    memset(&space, 0, sizeof(space));
}

static void the_nearer_of_kernel_and_pool_is_used_first(void **state)
{
    (void)state;
    start_with_pool(32 * STEP);
    hole(2 * STEP, STEP);
    hole(64 * STEP, STEP);
    assert_int_equal(reserve_at(page, STEP), 2 * STEP);
    assert_int_equal(reserve_at(page, STEP), 32 * STEP);
    assert_int_equal(reserve_at(15 * STEP, 15 * STEP), 33 * STEP);
    assert_int_equal(reserve_at(page, STEP), 64 * STEP);
}

static void pages_back_in_the_pool_are_nearer_than_what_is_free_above_it(void **state)
{
    range_t pages;

    (void)state;
    start_with_pool(32 * STEP);
    hole(64 * STEP, STEP);
    assert_int_equal(space_reserve(&space, arena, 16 * STEP, 16 * STEP, &pages), 0);
    space_release(&space, pages);
    assert_int_equal(reserve_at(page, STEP), 32 * STEP);
}

static void a_need_that_the_pool_cannot_meet_is_met_above_it(void **state)
{
    (void)state;
    start_with_pool(32 * STEP);
    hole(64 * STEP, 32 * STEP);
    assert_int_equal(reserve_at(17 * STEP, 17 * STEP), 64 * STEP);
    assert_int_equal(reserve_at(16 * STEP, 16 * STEP), 32 * STEP);
}

static void the_pool_serves_when_the_kernel_refuses(void **state)
{
    (void)state;
    start_with_pool(32 * STEP);
    hole(2 * STEP, STEP);
    script_answer(OS_RESERVE, 1, FOREVER, -ENOMEM);
    assert_int_equal(reserve_at(page, STEP), 32 * STEP);
}

static void a_window_that_the_pool_is_not_in_is_the_kernels(void **state)
{
    range_t window = arena_part(arena, 0, 16 * STEP);
    range_t pages;

    (void)state;
    start_with_pool(32 * STEP);
    hole(4 * STEP, STEP);
    assert_int_equal(space_reserve(&space, window, page, STEP, &pages), 0);
    assert_int_equal(pages.start, arena.start + 4 * STEP);
    assert_int_equal(space_reserve(&space, window, page, STEP, &pages), -ENOSPC);
}

static void what_is_kept_clear_for_the_heap_is_used_last(void **state)
{
    (void)state;
    start_with_pool(2 * GIB);
    script_break(arena.start + STEP);
    hole(STEP, STEP);
    hole(3 * GIB, STEP);
    assert_int_equal(reserve_at(16 * STEP, 16 * STEP), 2 * GIB);
    assert_int_equal(reserve_at(STEP, STEP), 3 * GIB);
    assert_int_equal(reserve_at(STEP, STEP), STEP);
}

static void pages_go_back_to_where_they_came_from(void **state)
{
    range_t from_kernel;
    range_t from_pool;

    (void)state;
    start_with_pool(32 * STEP);
    hole(2 * STEP, STEP);
    assert_int_equal(space_reserve(&space, arena, STEP, STEP, &from_kernel), 0);
    assert_int_equal(space_reserve(&space, arena, STEP, STEP, &from_pool), 0);
    space_release(&space, from_kernel);
    space_release(&space, from_pool);
    assert_false(is_mapped(from_kernel.start));
    assert_true(is_mapped(from_pool.start));
    assert_int_equal(pool_left(&space.pool), 16 * STEP);
}

/* Refused at the first table, then at the next, and so on. */
static void a_region_that_cannot_be_entered_leaves_nothing(void **state)
{
    region_origin_t origin = {.limit = arena.end, .base = arena.start, .key = 1};
    region_t       *region = NULL;
    int             result = -ENOMEM;

    (void)state;
    hole(STEP, STEP);
    assert_int_equal(space_start(&space, NULL), 0);
    assert_int_equal(space_reserve(&space, arena, STEP, STEP, &origin.range), 0);
    for (unsigned nth = 1; result; nth++) {
        script_answer(OS_MAP, 1, 1, -ENOMEM);
        result = space_add_region(&space, &origin, &region);
        if (!result)
            break;
        assert_int_equal(result, -ENOMEM);
        assert_null(region);
        assert_null(codemap_lookup(&space.map, origin.range.start));
        assert_in_range(nth, 1, 8);
        script_answer(OS_MAP, 2, 1, -ENOMEM);
        result = space_add_region(&space, &origin, &region);
    }
    assert_ptr_equal(codemap_lookup(&space.map, origin.range.start), region);
    assert_int_equal(region->cell.index, 0);
}

static void a_region_taken_out_gives_its_pages_back(void **state)
{
    region_origin_t origin = {.limit = arena.start + STEP + 100, .base = arena.start, .key = 1};
    region_t       *region;

    (void)state;
    hole(STEP, page);
    assert_int_equal(space_start(&space, NULL), 0);
    assert_int_equal(space_reserve(&space, (range_t){arena.start, origin.limit}, 100, STEP, &origin.range), 0);
    assert_int_equal(space_add_region(&space, &origin, &region), 0);
    assert_ptr_equal(codemap_lookup(&space.map, arena.start + STEP + page - 1), region);
    space_remove_region(&space, region);
    assert_null(codemap_lookup(&space.map, arena.start + STEP));
    assert_false(is_mapped(arena.start + STEP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(options_not_given_have_their_defaults, start, end),
        cmocka_unit_test_setup_teardown(options_are_rounded_up_to_what_can_be_done, start, end),
        cmocka_unit_test_setup_teardown(options_out_of_range_are_refused, start, end),
        cmocka_unit_test_setup_teardown(options_are_nobodys_to_write, start, end),
        cmocka_unit_test_setup_teardown(options_that_cannot_be_kept_leave_nothing, start, end),
        cmocka_unit_test_setup_teardown(the_pool_is_the_nearest_range_above_its_address, start, end),
        cmocka_unit_test_setup_teardown(the_pool_lies_whole_within_its_reach, start, end),
        cmocka_unit_test_setup_teardown(a_refused_pool_leaves_nothing, start, end),
        cmocka_unit_test_setup_teardown(the_nearer_of_kernel_and_pool_is_used_first, start, end),
        cmocka_unit_test_setup_teardown(pages_back_in_the_pool_are_nearer_than_what_is_free_above_it, start, end),
        cmocka_unit_test_setup_teardown(a_need_that_the_pool_cannot_meet_is_met_above_it, start, end),
        cmocka_unit_test_setup_teardown(the_pool_serves_when_the_kernel_refuses, start, end),
        cmocka_unit_test_setup_teardown(a_window_that_the_pool_is_not_in_is_the_kernels, start, end),
        cmocka_unit_test_setup_teardown(what_is_kept_clear_for_the_heap_is_used_last, start, end),
        cmocka_unit_test_setup_teardown(pages_go_back_to_where_they_came_from, start, end),
        cmocka_unit_test_setup_teardown(a_region_that_cannot_be_entered_leaves_nothing, start, end),
        cmocka_unit_test_setup_teardown(a_region_taken_out_gives_its_pages_back, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
