/* SPDX-License-Identifier: MIT
 *
 * codemap: exactly the pages of a region lead to it, whatever size of entry they take. Addresses and regions are
 * numbers here; nothing is mapped there.
 */
#include "codemap.h"

#include <errno.h>

#include "scripted_os.h"
#include "team.h"
#include "unit.h"

enum { PAGE = 4096, REGIONS = 8 };

/* A place where entries of every size begin. */
#define ROUND ((uintptr_t)0x400000000000)

static codemap_t map;

/* Only their addresses are used. */
static struct region *region_number(unsigned number)
{
    static uint64_t regions[REGIONS][8];

    return (struct region *)(void *)regions[number];
}

static int start(void **state)
{
    (void)state;
    map = (codemap_t){0};
    return 0;
}

static int end(void **state)
{
    codemap_end(&map);
    assert_int_equal(script_calls(OS_UNMAP), script_calls(OS_MAP));
    return script_clear(state);
}

static range_t pages(uintptr_t from, uintptr_t size)
{
    return (range_t){from, from + size};
}

/* At its edges and at what lies between entries of different sizes. */
static void assert_leads(range_t range, struct region *region)
{
    uintptr_t middle = align_down(range.start + range_size(range) / 2, PAGE);

    assert_ptr_equal(codemap_lookup(&map, range.start), region);
    assert_ptr_equal(codemap_lookup(&map, range.start + PAGE - 1), region);
    assert_ptr_equal(codemap_lookup(&map, middle), region);
    assert_ptr_equal(codemap_lookup(&map, range.end - 1), region);
    assert_ptr_equal(codemap_lookup(&map, range.end - PAGE), region);
}

static void assert_neighbours_lead_nowhere(range_t range)
{
    assert_null(codemap_lookup(&map, range.start - 1));
    assert_null(codemap_lookup(&map, range.end));
}

static void check_insert_and_remove(range_t range)
{
    assert_int_equal(codemap_insert(&map, range, region_number(0)), 0);
    assert_leads(range, region_number(0));
    assert_neighbours_lead_nowhere(range);
    codemap_remove(&map, range, region_number(0));
    assert_leads(range, NULL);
}

/* C2, at every level by itself and in every mixture of them. */
static void every_page_of_a_region_leads_to_it(void **state)
{
    const uintptr_t sizes[] = {PAGE, 2 * MIB, GIB, 512 * GIB};
    const size_t    count = sizeof(sizes) / sizeof(sizes[0]);

    (void)state;
    for (size_t i = 0; i < count; i++)
        check_insert_and_remove(pages(ROUND, sizes[i]));
    for (size_t small = 0; small < count; small++)
        for (size_t large = small; large < count; large++) {
            check_insert_and_remove(pages(ROUND - sizes[small], sizes[small] + sizes[large]));
            check_insert_and_remove(pages(ROUND - sizes[large], sizes[large] + sizes[small]));
            check_insert_and_remove(pages(ROUND - PAGE, 2 * PAGE + sizes[large]));
        }
}

static void a_whole_entry_takes_no_table_below_it(void **state)
{
    (void)state;
    assert_int_equal(codemap_insert(&map, pages(ROUND, 512 * GIB), region_number(0)), 0);
    assert_int_equal(script_calls(OS_MAP), 0);
    assert_int_equal(codemap_insert(&map, pages(ROUND + 512 * GIB, GIB), region_number(1)), 0);
    assert_int_equal(script_calls(OS_MAP), 1);
    assert_int_equal(codemap_insert(&map, pages(ROUND + 513 * GIB, 2 * MIB), region_number(2)), 0);
    assert_int_equal(script_calls(OS_MAP), 2);
    assert_int_equal(codemap_insert(&map, pages(ROUND + 513 * GIB + 2 * MIB, PAGE), region_number(3)), 0);
    assert_int_equal(script_calls(OS_MAP), 3);
}

/* C1: a table stays, and then is filled where a whole entry would have done. */
static void a_whole_entry_goes_into_a_table_that_is_there(void **state)
{
    (void)state;
    check_insert_and_remove(pages(ROUND + PAGE, PAGE));
    check_insert_and_remove(pages(ROUND, 2 * MIB));
    check_insert_and_remove(pages(ROUND - MIB, 2 * GIB));
}

static void neighbours_share_an_entry_unharmed(void **state)
{
    range_t first = pages(ROUND, MIB);
    range_t second = pages(ROUND + MIB, PAGE);
    range_t third = pages(ROUND + MIB + PAGE, 3 * MIB);

    (void)state;
    assert_int_equal(codemap_insert(&map, first, region_number(1)), 0);
    assert_int_equal(codemap_insert(&map, second, region_number(2)), 0);
    assert_int_equal(codemap_insert(&map, third, region_number(3)), 0);
    codemap_remove(&map, second, region_number(2));
    assert_leads(first, region_number(1));
    assert_leads(second, NULL);
    assert_leads(third, region_number(3));
}

/* Refused at the first table, in another map at the second, and so on until nothing is refused. The neighbour has the
 * tables for the lower part of the range there already, which is entered by the time the upper part is refused. */
static void a_refused_insertion_leaves_nothing(void **state)
{
    range_t  range = pages(ROUND - 3 * GIB - 5 * MIB - PAGE, 6 * GIB + 10 * MIB + 2 * PAGE);
    range_t  neighbour = pages(range.start - PAGE, PAGE);
    unsigned nth = 0;
    int      result = -ENOMEM;

    while (result) {
        assert_int_equal(codemap_insert(&map, neighbour, region_number(1)), 0);
        script_answer(OS_MAP, ++nth, 1, -ENOMEM);
        result = codemap_insert(&map, range, region_number(0));
        if (result)
            assert_int_equal(result, -ENOMEM);
        script_clear(state);
        assert_leads(range, result ? NULL : region_number(0));
        assert_leads(pages(ROUND - GIB, GIB), result ? NULL : region_number(0));
        assert_leads(pages(ROUND, GIB), result ? NULL : region_number(0));
        assert_leads(neighbour, region_number(1));
        codemap_end(&map);
        map = (codemap_t){0};
        script_clear(state);
    }
    assert_in_range(nth, 3, 10);
}

static void addresses_beyond_48_bits_are_nobodys(void **state)
{
    uintptr_t last = ((uintptr_t)1 << 48) - PAGE;

    (void)state;
    assert_null(codemap_lookup(&map, (uintptr_t)1 << 48));
    assert_null(codemap_lookup(&map, UINTPTR_MAX));
    assert_int_equal(codemap_insert(&map, pages(last, 2 * PAGE), region_number(0)), -ENOMEM);
    assert_int_equal(codemap_insert(&map, pages(last, PAGE), region_number(0)), 0);
    assert_leads(pages(last, PAGE), region_number(0));
    assert_null(codemap_lookup(&map, last - 1));
    assert_null(codemap_lookup(&map, ((uintptr_t)1 << 48) + last));
}

static void the_lowest_page_can_be_entered(void **state)
{
    (void)state;
    assert_int_equal(codemap_insert(&map, pages(0, PAGE), region_number(0)), 0);
    assert_leads(pages(0, PAGE), region_number(0));
    assert_null(codemap_lookup(&map, PAGE));
}

static void insert_neighbour(void *context)
{
    assert_int_equal(codemap_insert(&map, *(range_t *)context, region_number(1)), 0);
}

/* Two threads put a table at the same place: one of the two stays, with both regions in it. */
static void a_table_made_twice_is_unmapped_once(void **state)
{
    range_t own = pages(ROUND, PAGE);
    range_t neighbour = pages(ROUND + PAGE, PAGE);

    (void)state;
    script_interlude(OS_MAP, 1, insert_neighbour, &neighbour);
    assert_int_equal(codemap_insert(&map, own, region_number(0)), 0);
    assert_leads(own, region_number(0));
    assert_leads(neighbour, region_number(1));
    assert_int_equal(script_calls(OS_UNMAP), 1);
}

enum { THREADS = 4, TURNS = 3000 };

static _Atomic unsigned faults;

/* Members have every fourth page of the same 2 MiB, and see nothing but their own there. */
static void come_and_go(void *shared, unsigned member)
{
    (void)shared;
    for (uintptr_t turn = 0; turn < TURNS; turn++) {
        range_t        own = pages(ROUND + (turn % 100 * THREADS + member) * PAGE, PAGE);
        struct region *region = region_number(member);
        bool           empty = !codemap_lookup(&map, own.start);
        bool           entered = !codemap_insert(&map, own, region) && codemap_lookup(&map, own.end - 1) == region;
        codemap_remove(&map, own, region);
        if (!empty || !entered || codemap_lookup(&map, own.start))
            atomic_fetch_add_relaxed(&faults, 1); /* relaxed: read after the threads are joined. */
    }
}

static void threads_enter_and_leave_beside_one_another(void **state)
{
    (void)state;
    faults = 0;
    team_run(THREADS, come_and_go, NULL);
    assert_int_equal(faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_page_of_a_region_leads_to_it, start, end),
        cmocka_unit_test_setup_teardown(a_whole_entry_takes_no_table_below_it, start, end),
        cmocka_unit_test_setup_teardown(a_whole_entry_goes_into_a_table_that_is_there, start, end),
        cmocka_unit_test_setup_teardown(neighbours_share_an_entry_unharmed, start, end),
        cmocka_unit_test_setup_teardown(a_refused_insertion_leaves_nothing, start, end),
        cmocka_unit_test_setup_teardown(addresses_beyond_48_bits_are_nobodys, start, end),
        cmocka_unit_test_setup_teardown(the_lowest_page_can_be_entered, start, end),
        cmocka_unit_test_setup_teardown(a_table_made_twice_is_unmapped_once, start, end),
        cmocka_unit_test_setup_teardown(threads_enter_and_leave_beside_one_another, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
