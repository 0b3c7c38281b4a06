/* SPDX-License-Identifier: MIT
 *
 * pool: reserved pages go out once, and come back as good as new.
 */
#include "pool.h"

#include <errno.h>
#include <string.h>

#include "arena.h"
#include "os.h"
#include "scripted_os.h"
#include "team.h"
#include "unit.h"

enum { PAGES = 64 };

static size_t  page;
static range_t arena;
static range_t pages;
static slab_t  slab;
static pool_t  pool;

static int start(void **state)
{
    (void)state;
    page = os_page_size();
    arena = arena_take((PAGES + 2) * page);
    pages = arena_part(arena, page, PAGES * page);
    arena_free(pages);
    assert_int_equal(os_reserve(pages), 0);
    memset(&slab, 0, sizeof(slab));
    memset(&pool, 0, sizeof(pool));
    return pool_start(&pool, &slab, pages);
}

static int end(void **state)
{
    pool_end(&pool, &slab);
    slab_end(&slab);
    arena_end(arena);
    return script_clear(state);
}

static range_t take(size_t need, size_t want)
{
    range_t taken;

    assert_int_equal(pool_take(&pool, &slab, arena, need, want, &taken), 0);
    return taken;
}

static void assert_nothing_left(range_t window, size_t need)
{
    range_t taken = {1, 2};

    assert_int_equal(pool_take(&pool, &slab, window, need, need, &taken), -ENOSPC);
    assert_int_equal(taken.start, 1);
}

static void no_pool_has_nothing(void **state)
{
    pool_t  none;
    range_t taken;

    (void)state;
    memset(&none, 0, sizeof(none));
    assert_int_equal(pool_take(&none, &slab, arena, 1, 1, &taken), -ENOSPC);
    assert_false(pool_owns(&none, pages));
    assert_int_equal(pool_left(&none), 0);
    pool_end(&none, &slab);
}

static void whole_pages_go_out_from_below(void **state)
{
    (void)state;
    range_t first = take(1, page + 1);
    assert_int_equal(first.start, pages.start);
    assert_int_equal(range_size(first), 2 * page);
    range_t second = take(page, page);
    assert_int_equal(second.start, first.end);
    assert_int_equal(range_size(second), page);
    assert_int_equal(pool_left(&pool), (PAGES - 3) * page);
}

static void the_last_pages_go_out_even_if_more_was_wanted(void **state)
{
    (void)state;
    assert_int_equal(range_size(take(page, (PAGES - 2) * page)), (PAGES - 2) * page);
    assert_int_equal(range_size(take(page, 16 * page)), 2 * page);
    assert_nothing_left(arena, 1);
    assert_int_equal(pool_left(&pool), 0);
}

static void what_is_needed_fits_or_nothing_goes_out(void **state)
{
    (void)state;
    assert_nothing_left(arena, PAGES * page + 1);
    assert_nothing_left(arena, SIZE_MAX);
    assert_int_equal(pool_left(&pool), PAGES * page);
    assert_int_equal(range_size(take(PAGES * page, SIZE_MAX / 2)), PAGES * page);
}

/* A window may end within a page: that page goes out too, and is used as far as the window goes. */
static void only_what_the_window_reaches_goes_out(void **state)
{
    range_t window = {arena.start, pages.start + 2 * page + 100};
    range_t taken;

    (void)state;
    assert_nothing_left((range_t){arena.start, pages.start}, 1);
    assert_nothing_left((range_t){pages.end, arena.end}, 1);
    assert_nothing_left(window, 2 * page + 101);
    assert_int_equal(pool_take(&pool, &slab, window, 2 * page + 100, 8 * page, &taken), 0);
    assert_int_equal(taken.start, pages.start);
    assert_int_equal(range_size(taken), 3 * page);
}

static void returned_pages_are_fresh_again(void **state)
{
    (void)state;
    range_t taken = take(PAGES * page, PAGES * page);
    assert_int_equal(os_commit(taken), 0);
    memset((void *)taken.start, 'x', range_size(taken));
    pool_return(&pool, &slab, taken);
    assert_int_equal(pool_left(&pool), PAGES * page);
    assert_false(is_readable(taken.start));

    range_t again = take(4 * page, 4 * page);
    assert_true(range_contains(pages, again));
    assert_int_equal(os_commit(again), 0);
    assert_int_equal(*(char *)again.start, 0);
    assert_int_equal(*(char *)(again.end - 1), 0);
    assert_int_equal(pool_left(&pool), (PAGES - 4) * page);
}

static void returned_pages_serve_a_need_that_a_wish_does_not_get(void **state)
{
    (void)state;
    range_t all = take(PAGES * page, PAGES * page);
    pool_return(&pool, &slab, (range_t){all.start, all.start + 2 * page});
    assert_int_equal(range_size(take(2 * page, 8 * page)), 2 * page);
    assert_nothing_left(arena, 1);
}

/* They might hold their old contents. */
static void pages_that_cannot_be_reset_never_go_out_again(void **state)
{
    (void)state;
    range_t all = take(PAGES * page, PAGES * page);
    script_answer(OS_RESET, 1, 1, -ENOMEM);
    pool_return(&pool, &slab, all);
    assert_nothing_left(arena, 1);
    assert_int_equal(pool_left(&pool), 0);
    assert_true(is_mapped(all.start));
}

static void the_pool_knows_its_own(void **state)
{
    (void)state;
    assert_true(pool_owns(&pool, pages));
    assert_true(pool_owns(&pool, arena_part(arena, 2 * page, page)));
    assert_false(pool_owns(&pool, arena));
    assert_false(pool_owns(&pool, arena_part(arena, 0, page)));
}

static void the_end_unmaps_all_of_it(void **state)
{
    (void)state;
    take(page, page);
    pool_end(&pool, &slab);
    assert_false(is_mapped(pages.start) || is_mapped(pages.end - page));
    arena_fill(pages);
    memset(&pool, 0, sizeof(pool));
}

static void without_memory_no_pool_is_started(void **state)
{
    slab_t empty;
    pool_t other;

    (void)state;
    memset(&empty, 0, sizeof(empty));
    memset(&other, 0, sizeof(other));
    script_answer(OS_MAP, 1, 1, -ENOMEM);
    assert_int_equal(pool_start(&other, &empty, pages), -ENOMEM);
    assert_false(pool_owns(&other, pages));
    slab_end(&empty);
}

enum { THREADS = 4, ROUNDS = 3000 };

static _Atomic unsigned char owners[PAGES];
static _Atomic unsigned      clashes;

/* Marks pages as taken or given back; a page that was so already has two owners. */
static void mark(range_t taken, unsigned char from, unsigned char to)
{
    for (uintptr_t at = taken.start; at < taken.end; at += page) {
        unsigned char expected = from;
        /* relaxed: a page with two owners is a fault whenever it is seen. */
        if (!atomic_cas_relaxed(&owners[(at - pages.start) / page], &expected, to))
            atomic_fetch_add_relaxed(&clashes, 1);
    }
}

static void take_and_return(void *shared, unsigned member)
{
    unsigned long seed = member;
    range_t       taken;

    (void)shared;
    for (int round = 0; round < ROUNDS; round++) {
        size_t need = (1 + random_below(&seed, 8)) * page;
        if (pool_take(&pool, &slab, arena, need, 2 * need, &taken))
            continue;
        mark(taken, 0, 1);
        mark(taken, 1, 0);
        pool_return(&pool, &slab, taken);
    }
}

static void threads_never_share_a_page(void **state)
{
    (void)state;
    clashes = 0;
    team_run(THREADS, take_and_return, NULL);
    assert_int_equal(clashes, 0);
    assert_int_equal(pool_left(&pool), PAGES * page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_pool_has_nothing, start, end),
        cmocka_unit_test_setup_teardown(whole_pages_go_out_from_below, start, end),
        cmocka_unit_test_setup_teardown(the_last_pages_go_out_even_if_more_was_wanted, start, end),
        cmocka_unit_test_setup_teardown(what_is_needed_fits_or_nothing_goes_out, start, end),
        cmocka_unit_test_setup_teardown(only_what_the_window_reaches_goes_out, start, end),
        cmocka_unit_test_setup_teardown(returned_pages_are_fresh_again, start, end),
        cmocka_unit_test_setup_teardown(returned_pages_serve_a_need_that_a_wish_does_not_get, start, end),
        cmocka_unit_test_setup_teardown(pages_that_cannot_be_reset_never_go_out_again, start, end),
        cmocka_unit_test_setup_teardown(the_pool_knows_its_own, start, end),
        cmocka_unit_test_setup_teardown(the_end_unmaps_all_of_it, start, end),
        cmocka_unit_test_setup_teardown(without_memory_no_pool_is_started, start, end),
        cmocka_unit_test_setup_teardown(threads_never_share_a_page, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
