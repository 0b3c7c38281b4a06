/* SPDX-License-Identifier: MIT
 *
 * service: what a look at a module makes ready, and what it leaves alone. Without a thread: the tests do its passes.
 */
#include "service.h"

#include <errno.h>
#include <string.h>

#include "fork.h"
#include "os.h"
#include "outcome.h"
#include "registry.h"
#include "scripted_os.h"
#include "service_subject.h"
#include "subject.h"
#include "unit.h"

enum { MOST_REGIONS = 64, STILL_LOOKS = 256 };

static subject_t subject;

static void open_subject(lintel_heap_options_t options, size_t hole)
{
    options.service = LINTEL_ON;
    options.guard = bare.guard;
    options.quarantine = bare.quarantine;
    refuse_threads(true);
    subject = subject_open(256 * MIB, &options, &(lintel_module_desc_t){.reach = 256 * MIB - 1});
    subject_free(&subject, MIB, hole);
}

static int end(void **state)
{
    subject_end(&subject);
    return service_clear(state);
}

static ahead_pace_t pass(void)
{
    return service_pass(&subject.heap->service);
}

static void hand_out_and_pass(size_t size)
{
    hand_out(subject.module, size);
    (void)pass();
}

/* What is looked after, the next first. */
static module_t *served(void)
{
    fork_hold();
    module_t *first = subject.heap->service.modules;
    fork_release();
    return first;
}

static lintel_region_t newest(void)
{
    lintel_region_t regions[MOST_REGIONS];

    assert_in_range(lintel_module_regions(subject.module, MOST_REGIONS, regions), 1, MOST_REGIONS);
    return regions[0];
}

/* What was not yet handed out of the newest region, up to `size`. */
static range_t beyond_cursor(size_t size)
{
    lintel_region_t region = newest();

    return (range_t){region.start + region.used, region.start + region.used + size};
}

static void small_modules_are_left_alone(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    hand_out(subject.module, 192 * KIB);
    unsigned before = kernel_calls();
    assert_int_equal(pass(), AHEAD_STILL);
    assert_int_equal(kernel_calls(), before);
}

static void memory_is_ready_ahead_of_the_cursor(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.first_region = 64 * MIB}, 128 * MIB);
    for (size_t turn = 0; turn < 64; turn++) {
        hand_out_and_pass(512 * KIB);
        assert_int_equal(resident_in(beyond_cursor(64 * KIB)), 64 * KIB);
    }
}

static void what_is_ready_needs_no_kernel(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.first_region = 64 * MIB}, 128 * MIB);
    hand_out_and_pass(8 * MIB);
    unsigned before = kernel_calls();
    for (size_t bytes = 0; bytes < 240 * KIB; bytes += 64) {
        char *body = lintel_alloc(subject.module, 64);
        assert_non_null(body);
        assert_int_equal(resident_in((range_t){align_down((uintptr_t)body, os_page_size()), (uintptr_t)body + 1}),
                         os_page_size());
    }
    assert_int_equal(kernel_calls(), before);
}

static void so_does_the_way_into_the_next_region(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.first_region = 2 * MIB, .region_limit = 2 * MIB}, 128 * MIB);
    hand_out_and_pass(2 * MIB - 32 * KIB);
    unsigned before = kernel_calls();
    uint64_t regions = stats_of(subject.module).regions;
    hand_out(subject.module, 64 * KIB);
    assert_int_equal(kernel_calls(), before);
    assert_int_equal(stats_of(subject.module).regions, regions);
    assert_int_equal(regions, 2);
    assert_int_equal(newest().used, 32 * KIB);
}

static void the_books_have_what_is_prepared(void **state)
{
    lintel_region_t regions[3];

    (void)state;
    open_subject((lintel_heap_options_t){.first_region = 2 * MIB, .region_limit = 2 * MIB}, 128 * MIB);
    hand_out_and_pass(2 * MIB - 32 * KIB);
    lintel_stats_t stats = stats_of(subject.module);
    assert_int_equal(lintel_module_regions(subject.module, 3, regions), 2);
    assert_int_equal(regions[0].used, 2 * MIB - 32 * KIB);
    assert_int_equal(regions[1].used, 0);
    assert_int_equal(stats.reserved, regions[0].reserved + regions[1].reserved);
    assert_int_equal(stats.committed, regions[0].committed + regions[1].committed);
    assert_int_equal(resident_in((range_t){regions[1].start, regions[1].start + 64 * KIB}), 32 * KIB);
    assert_books_balance(subject.module);
}

/* A 32nd of what was handed out, and 64 KiB, are resident; a quarter committed, but not at every look. */
static void what_is_ready_stays_in_proportion(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.first_region = 128 * MIB, .commit_step = os_page_size()}, 128 * MIB);
    for (size_t size = 256 * KIB; size < 64 * MIB; size += 256 * KIB) {
        hand_out_and_pass(256 * KIB);
        size_t most = max_address(64 * KIB, size / 32) + os_page_size();
        assert_in_range(resident_in(beyond_cursor(16 * MIB)), 0, most);
        assert_in_range(newest().committed - newest().used, 0, max_address(2 * most, size / 4 + 4 * KIB));
    }
    assert_in_range(script_calls(OS_COMMIT), 1, 100);
}

/* 8 looks' worth, where that is less than a 32nd. */
static void slow_modules_get_little(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.first_region = 128 * MIB}, 128 * MIB);
    hand_out_and_pass(64 * MIB);
    for (unsigned turn = 0; turn < 1000; turn++) {
        hand_out_and_pass(4 * KIB);
    }
    assert_in_range(resident_in(beyond_cursor(16 * MIB)), 48 * KIB, 68 * KIB);
}

static void a_module_that_rests_costs_nothing(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    hand_out(subject.module, MIB);
    assert_int_equal(pass(), AHEAD_PRESSED);
    unsigned before = kernel_calls();
    assert_int_equal(pass(), AHEAD_STILL);
    assert_int_equal(kernel_calls(), before);
}

static void what_rests_long_is_let_go_and_comes_back(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    hand_out(subject.module, MIB);
    for (unsigned turn = 0; turn < STILL_LOOKS; turn++)
        (void)pass();
    assert_non_null(served());
    (void)pass();
    assert_null(served());
    hand_out(subject.module, MIB);
    assert_int_equal(pass(), AHEAD_PRESSED);
    assert_non_null(served());
}

static void bodies_keep_what_is_in_them(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    hand_out(subject.module, 512 * KIB);
    for (unsigned turn = 0; turn < 200; turn++) {
        char *body = lintel_alloc(subject.module, 5000);
        assert_true(all_bytes_are(body, 5000, 0));
        memset(body, (int)turn, 5000);
        (void)pass();
        assert_true(all_bytes_are(body, 5000, (unsigned char)turn));
    }
}

static void a_refused_commit_is_nobodys_failure(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.first_region = 64 * MIB}, 128 * MIB);
    hand_out(subject.module, MIB);
    script_answer(OS_COMMIT, 1, FOREVER, -ENOMEM);
    (void)pass();
    unsigned calls = script_calls(OS_COMMIT);
    (void)pass();
    assert_int_equal(script_calls(OS_COMMIT), calls);
    assert_int_equal(stats_of(subject.module).failures, 0);
    script_answer(OS_COMMIT, 0, 0, 0);
    hand_out_and_pass(MIB);
    assert_int_equal(resident_in(beyond_cursor(32 * KIB)), 32 * KIB);
}

static void a_refused_region_is_nobodys_failure(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.first_region = 2 * MIB, .region_limit = 2 * MIB}, 128 * MIB);
    hand_out(subject.module, 2 * MIB - 32 * KIB);
    script_answer(OS_RESERVE, 1, FOREVER, -ENOMEM);
    (void)pass();
    assert_int_equal(stats_of(subject.module).failures, 0);
    assert_int_equal(stats_of(subject.module).regions, 1);
    script_answer(OS_RESERVE, 0, 0, 0);
    hand_out(subject.module, MIB);
}

/* 4 MiB free, of which 1 is used and 1 prepared: 2.5 MiB fit only where the prepared region is. */
static void what_is_prepared_is_in_no_bodys_way(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.first_region = MIB, .region_limit = MIB}, 4 * MIB);
    hand_out_and_pass(MIB - 16 * KIB);
    assert_int_equal(stats_of(subject.module).regions, 2);
    assert_non_null(lintel_alloc(subject.module, 2 * MIB + 512 * KIB));
    assert_int_equal(stats_of(subject.module).failures, 0);
    hand_out(subject.module, 496 * KIB);
    assert_refused(subject.module, 64 * KIB, ENOSPC);
}

static lintel_module_t *open_second(uint64_t key)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};
    lintel_module_t     *module = NULL;

    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    return module;
}

static void close_and_check(uint64_t key, lintel_module_t *module)
{
    uintptr_t body = (uintptr_t)lintel_alloc(module, 100);

    assert_int_equal(lintel_module_close(subject.heap, key), 0);
    lintel_module_release(module);
    urcu_bp_barrier();
    assert_false(is_mapped(align_down(body, os_page_size())));
}

static void a_closed_module_is_not_kept(void **state)
{
    lintel_module_t *modules[3];

    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    for (uint64_t i = 0; i < 3; i++) {
        modules[i] = open_second(i + 1);
        hand_out(modules[i], 512 * KIB - 16 * KIB);
    }
    (void)pass();
    close_and_check(2, modules[1]);
    hand_out(modules[0], MIB);
    assert_int_equal(pass(), AHEAD_PRESSED);
    close_and_check(1, modules[0]);
    close_and_check(3, modules[2]);
    assert_null(served());
}

static void what_is_prepared_goes_with_its_module(void **state)
{
    lintel_region_t regions[2];

    (void)state;
    open_subject((lintel_heap_options_t){.first_region = 2 * MIB, .region_limit = 2 * MIB}, 128 * MIB);
    lintel_module_t *module = open_second(1);
    hand_out(module, 2 * MIB - 32 * KIB);
    (void)pass();
    assert_int_equal(lintel_module_regions(module, 2, regions), 2);
    assert_true(is_mapped(regions[1].start));
    close_and_check(1, module);
    assert_false(is_mapped(regions[1].start));
}

static void nor_one_that_was_not_looked_at(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    lintel_module_t *module = open_second(1);
    hand_out(module, 512 * KIB);
    close_and_check(1, module);
    assert_int_equal(pass(), AHEAD_STILL);
}

static lintel_module_t *closing;

static void close_meanwhile(void)
{
    while_populating(NULL);
    lintel_module_close(subject.heap, 1);
    lintel_module_release(closing);
}

/* What is being looked at goes as soon as the look is over. */
static void a_module_may_be_closed_in_the_middle_of_a_look(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    closing = open_second(1);
    hand_out(closing, MIB);
    uintptr_t body = (uintptr_t)lintel_alloc(closing, 100);
    /* Reclaiming has a thread; the service has none. */
    refuse_threads(false);
    while_populating(close_meanwhile);
    assert_int_equal(pass(), AHEAD_PRESSED);
    urcu_bp_barrier();
    assert_false(is_mapped(align_down(body, os_page_size())));
    assert_null(served());
}

static unsigned calls_before;

static void close_the_next_one(void)
{
    lintel_module_close(subject.heap, 1);
    lintel_module_release(closing);
    urcu_bp_barrier();
    calls_before = kernel_calls();
}

/* The subject's own module was announced first, and is looked at first. */
static void the_next_module_may_be_closed_between_two_looks(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    hand_out(subject.module, MIB);
    closing = open_second(1);
    hand_out(closing, MIB);
    refuse_threads(false);
    between_looks(close_the_next_one);
    (void)pass();
    assert_int_equal(kernel_calls(), calls_before);
    assert_ptr_equal(served(), subject.module->module);
}

static void huge_pages_are_made_ready_whole(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.huge = LINTEL_ON}, 192 * MIB);
    hand_out_and_pass(33 * MIB);
    assert_int_equal(last_populated().end % OS_HUGE_PAGE, 0);
    assert_int_equal(resident_in(beyond_cursor(MIB)), MIB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(small_modules_are_left_alone, end),
        cmocka_unit_test_teardown(memory_is_ready_ahead_of_the_cursor, end),
        cmocka_unit_test_teardown(what_is_ready_needs_no_kernel, end),
        cmocka_unit_test_teardown(so_does_the_way_into_the_next_region, end),
        cmocka_unit_test_teardown(the_books_have_what_is_prepared, end),
        cmocka_unit_test_teardown(what_is_ready_stays_in_proportion, end),
        cmocka_unit_test_teardown(slow_modules_get_little, end),
        cmocka_unit_test_teardown(a_module_that_rests_costs_nothing, end),
        cmocka_unit_test_teardown(what_rests_long_is_let_go_and_comes_back, end),
        cmocka_unit_test_teardown(bodies_keep_what_is_in_them, end),
        cmocka_unit_test_teardown(a_refused_commit_is_nobodys_failure, end),
        cmocka_unit_test_teardown(a_refused_region_is_nobodys_failure, end),
        cmocka_unit_test_teardown(what_is_prepared_is_in_no_bodys_way, end),
        cmocka_unit_test_teardown(a_closed_module_is_not_kept, end),
        cmocka_unit_test_teardown(what_is_prepared_goes_with_its_module, end),
        cmocka_unit_test_teardown(nor_one_that_was_not_looked_at, end),
        cmocka_unit_test_teardown(a_module_may_be_closed_in_the_middle_of_a_look, end),
        cmocka_unit_test_teardown(the_next_module_may_be_closed_between_two_looks, end),
        cmocka_unit_test_teardown(huge_pages_are_made_ready_whole, end),
    };

    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
