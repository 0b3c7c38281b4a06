/* SPDX-License-Identifier: MIT
 *
 * module: the address space and the memory it takes. Nothing before it is needed, in growing regions, committed a step
 * ahead at most.
 */
#include <errno.h>

#include "os.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

#define STEP (64 * KIB)

static size_t    page;
static subject_t subject;

static void open_subject(const lintel_heap_options_t *options, lintel_module_desc_t desc)
{
    page = os_page_size();
    subject = subject_open(4 * GIB, options, &desc);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static size_t offset_of(const void *body)
{
    assert_non_null(body);
    return (uintptr_t)body - subject.arena.start;
}

static lintel_stats_t stats_now(void)
{
    return stats_of(subject.module);
}

static void an_idle_module_has_nothing(void **state)
{
    (void)state;
    open_subject(NULL, (lintel_module_desc_t){0});
    script_clear(state);
    lintel_stats_t stats = stats_now();
    assert_int_equal(stats.modules, 1);
    assert_int_equal(stats.regions + stats.reserved + stats.committed + stats.allocated + stats.spare + stats.lost, 0);
    assert_int_equal(script_calls(OS_RESERVE) + script_calls(OS_MAP) + script_calls(OS_COMMIT), 0);
}

static void a_reservation_is_one_mapping_without_memory(void **state)
{
    (void)state;
    page = os_page_size();
    subject = subject_open(4 * GIB, NULL, NULL);
    subject_free(&subject, GIB, 2 * GIB);
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = page, .key = 9, .reserve = GIB + 1};
    lintel_module_t     *module;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    lintel_stats_t stats = stats_of(module);
    assert_int_equal(stats.regions, 1);
    assert_int_equal(stats.reserved, GIB + page);
    assert_int_equal(stats.committed, 0);
    assert_int_equal(mappings_in(arena_part(subject.arena, GIB, 2 * GIB)), 1);
    assert_int_equal(offset_of(lintel_alloc(module, GIB)), GIB);
    assert_int_equal(stats_of(module).regions, 1);
    lintel_module_release(module);
}

/* Later on, what is free now may be taken: the reservation still serves. */
static void a_reservation_serves_when_nothing_else_is_free(void **state)
{
    (void)state;
    page = os_page_size();
    subject = subject_open(4 * GIB, NULL, NULL);
    subject_free(&subject, GIB, STEP);
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = page, .key = 9, .reserve = STEP};
    lintel_module_t     *module;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_refused(subject.module, 1, ENOSPC);
    for (size_t i = 0; i < STEP / page; i++)
        assert_int_equal(offset_of(lintel_alloc(module, page)), GIB + i * page);
    assert_refused(module, 1, ENOSPC);
    lintel_module_release(module);
}

static void regions_double_up_to_their_limit(void **state)
{
    lintel_heap_options_t options = {.first_region = 16 * KIB, .region_limit = 100 * KIB};
    const size_t          expected[] = {16, 16, 32, 64, 100, 100};
    enum { REGIONS = sizeof(expected) / sizeof(expected[0]) };
    lintel_region_t regions[REGIONS];

    (void)state;
    open_subject(&options, (lintel_module_desc_t){0});
    subject_free(&subject, GIB, GIB);
    while (stats_now().regions < REGIONS)
        assert_non_null(lintel_alloc(subject.module, 4 * KIB));
    assert_int_equal(lintel_module_regions(subject.module, REGIONS, regions), REGIONS);
    for (size_t i = 0; i < REGIONS; i++)
        assert_int_equal(regions[REGIONS - 1 - i].reserved, expected[i] * KIB);
}

static void a_body_larger_than_the_limit_gets_its_region(void **state)
{
    lintel_heap_options_t options = {.first_region = 16 * KIB, .region_limit = 16 * KIB};

    (void)state;
    open_subject(&options, (lintel_module_desc_t){0});
    subject_free(&subject, GIB, GIB);
    assert_int_equal(offset_of(lintel_alloc(subject.module, 10 * MIB + 1)), GIB);
    assert_int_equal(stats_now().reserved, 10 * MIB + page);
}

static void regions_are_told_newest_first_and_only_as_many_as_asked(void **state)
{
    lintel_region_t regions[3] = {{0}, {0}, {.start = 77}};

    (void)state;
    open_subject(NULL, (lintel_module_desc_t){0});
    subject_free(&subject, STEP, page);
    subject_free(&subject, 4 * STEP, page);
    subject_free(&subject, 8 * STEP, page);
    for (int i = 0; i < 3; i++)
        assert_non_null(lintel_alloc(subject.module, page));
    assert_int_equal(lintel_module_regions(subject.module, 0, NULL), 3);
    assert_int_equal(lintel_module_regions(subject.module, 2, regions), 3);
    assert_int_equal(regions[0].start, subject.arena.start + 8 * STEP);
    assert_int_equal(regions[1].start, subject.arena.start + 4 * STEP);
    assert_int_equal(regions[2].start, 77);
    assert_int_equal(regions[0].used, page);
    assert_int_equal(regions[0].committed, page);
    assert_int_equal(regions[0].reserved, page);
}

/* Never more than what is handed out and one step, of a quarter of that once it is more than 16 KiB; two mappings a
 * region, committed and not. */
static void memory_is_committed_one_step_ahead_at_most(void **state)
{
    (void)state;
    open_subject(NULL, (lintel_module_desc_t){0});
    subject_free(&subject, GIB, GIB);
    for (int i = 0; i < 2000; i++) {
        assert_non_null(lintel_alloc(subject.module, 300));
        lintel_stats_t stats = stats_now();
        uint64_t       handed_out = stats.allocated + stats.lost;
        uint64_t       step = power_of_two_from(handed_out / 4 + 16 * KIB);
        assert_in_range(stats.committed, handed_out, handed_out + stats.spare + step);
        assert_in_range(mappings_in(arena_part(subject.arena, GIB, GIB)), 1, 2 * stats.regions);
    }
}

static void the_commit_step_is_the_heaps_choice(void **state)
{
    lintel_heap_options_t options = {.commit_step = 128 * KIB, .first_region = MIB};

    (void)state;
    open_subject(&options, (lintel_module_desc_t){0});
    subject_free(&subject, GIB, GIB);
    assert_non_null(lintel_alloc(subject.module, 1));
    assert_int_equal(stats_now().committed, 128 * KIB);
}

/* M3: what was left in the region before goes to smaller bodies. */
static void the_tail_of_a_full_region_is_used(void **state)
{
    (void)state;
    open_subject(NULL, (lintel_module_desc_t){.align = 16});
    subject_free(&subject, GIB, STEP);
    subject_free(&subject, 2 * GIB, STEP);
    assert_int_equal(offset_of(lintel_alloc(subject.module, STEP - 1600)), GIB);
    assert_int_equal(offset_of(lintel_alloc(subject.module, STEP - 16)), 2 * GIB);
    assert_int_equal(stats_now().spare, 1600);
    for (int i = 0; i < 8; i++)
        assert_non_null(lintel_alloc(subject.module, 192));
    assert_in_range(stats_now().spare, 64, 80);
    assert_int_equal(offset_of(lintel_alloc(subject.module, 64)), GIB + STEP - 64);
}

static void the_books_tell_every_byte(void **state)
{
    (void)state;
    open_subject(&bare, (lintel_module_desc_t){.align = 64});
    subject_free(&subject, GIB, STEP);
    assert_non_null(lintel_alloc(subject.module, 1));
    assert_non_null(lintel_alloc(subject.module, 64));
    assert_non_null(lintel_alloc_aligned(subject.module, 65, 1024));
    assert_null(lintel_alloc(subject.module, 2 * STEP));
    assert_null(lintel_alloc(subject.module, 0));
    lintel_stats_t stats = stats_now();
    assert_int_equal(stats.allocations, 3);
    assert_int_equal(stats.allocated, 130);
    assert_int_equal(stats.lost, 63 + 63);
    assert_int_equal(stats.spare, 1024 - 128);
    assert_int_equal(stats.failures, 1);
    assert_int_equal(stats.reserved, STEP);
    assert_int_equal(stats.regions, 1);
}

static void the_early_pool_serves_a_module_that_has_nothing_else(void **state)
{
    lintel_heap_options_t options = {.pool_size = 4 * STEP, .guard = LINTEL_OFF};
    lintel_heap_t        *heap;
    lintel_module_t      *module;
    lintel_stats_t        stats;

    (void)state;
    open_subject(NULL, (lintel_module_desc_t){0});
    options.pool_near = subject.arena.start;
    subject_free(&subject, GIB, 4 * STEP);
    assert_int_equal(lintel_heap_create(&options, &heap), 0);
    assert_int_equal(lintel_heap_stats(heap, &stats), 0);
    assert_int_equal(stats.reserved, 4 * STEP);
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = page};
    assert_int_equal(lintel_module_open(heap, &desc, &module), 0);
    assert_int_equal(offset_of(lintel_alloc(module, STEP)), GIB);
    assert_int_equal(offset_of(lintel_alloc(module, 3 * STEP)), GIB + STEP);
    assert_refused(module, 1, ENOSPC);
    assert_int_equal(lintel_heap_stats(heap, &stats), 0);
    assert_int_equal(stats.reserved, 4 * STEP);
    lintel_heap_destroy(heap);
    assert_false(is_mapped(subject.arena.start + GIB));
    arena_fill(arena_part(subject.arena, GIB, 4 * STEP));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_idle_module_has_nothing, end),
        cmocka_unit_test_teardown(a_reservation_is_one_mapping_without_memory, end),
        cmocka_unit_test_teardown(a_reservation_serves_when_nothing_else_is_free, end),
        cmocka_unit_test_teardown(regions_double_up_to_their_limit, end),
        cmocka_unit_test_teardown(a_body_larger_than_the_limit_gets_its_region, end),
        cmocka_unit_test_teardown(regions_are_told_newest_first_and_only_as_many_as_asked, end),
        cmocka_unit_test_teardown(memory_is_committed_one_step_ahead_at_most, end),
        cmocka_unit_test_teardown(the_commit_step_is_the_heaps_choice, end),
        cmocka_unit_test_teardown(the_tail_of_a_full_region_is_used, end),
        cmocka_unit_test_teardown(the_books_tell_every_byte, end),
        cmocka_unit_test_teardown(the_early_pool_serves_a_module_that_has_nothing_else, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
