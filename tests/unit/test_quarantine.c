/* SPDX-License-Identifier: MIT
 *
 * quarantine: the addresses of a module that is gone are nobody's for a while: reserved, without memory, bounded in
 * number and bytes, and given up before anything is refused for their sake.
 */
#include "quarantine.h"

#include <errno.h>
#include <string.h>
#include <urcu/urcu-bp.h>

#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

#define STEP (64 * KIB)

static size_t    page;
static subject_t subject;

/* What is free is `size` bytes from 1 MiB on. */
static void open_subject(lintel_heap_options_t options, size_t size)
{
    page = os_page_size();
    options.guard = LINTEL_OFF;
    subject = subject_open(GIB, &options, NULL);
    subject_free(&subject, MIB, size);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

/* Opens, allocates, closes. Returns the body's offset from where the space begins that is free at first; -1: none. */
static intptr_t generation_of(lintel_kind_t kind, size_t size)
{
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = page, .key = 7, .kind = kind, .reach = GIB - 1};
    lintel_module_t *module;

    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    char     *body = lintel_alloc(module, size);
    uintptr_t writable = body ? (uintptr_t)lintel_writable(module, body) : 0;
    if (body)
        memset((void *)writable, 0x5a, size);
    assert_int_equal(lintel_module_close(subject.heap, 7), 0);
    lintel_module_release(module);
    urcu_bp_barrier();
    assert_false(is_readable(writable));
    return body ? (intptr_t)((uintptr_t)body - subject.arena.start - MIB) : -1;
}

static intptr_t generation(size_t size)
{
    return generation_of(LINTEL_DATA, size);
}

static bool is_held(size_t offset)
{
    uintptr_t address = subject.arena.start + MIB + offset;

    return is_mapped(address) && !is_readable(address);
}

static void addresses_of_a_module_that_is_gone_are_not_used_at_once(void **state)
{
    lintel_stats_t stats;

    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    assert_int_equal(generation(100), 0);
    assert_true(is_held(0) && is_held(STEP - page));
    assert_int_equal(generation(100), STEP);
    assert_int_equal(generation(STEP), 2 * STEP);
    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    assert_int_equal(stats.reserved, 0);
}

/* The oldest first. */
static void so_many_ranges_are_held_and_no_more(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    for (intptr_t i = 0; i < QUARANTINE_RANGES; i++)
        assert_int_equal(generation(1), i * (intptr_t)STEP);
    assert_int_equal(generation(1), QUARANTINE_RANGES * STEP);
    assert_false(is_mapped(subject.arena.start + MIB));
    assert_true(is_held(STEP));
    assert_int_equal(generation(1), 0);
    assert_int_equal(generation(1), STEP);
}

static void so_many_bytes_are_held_and_no_more(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.quarantine = 4 * STEP + page - 1}, 128 * MIB);
    for (intptr_t i = 0; i < 4; i++)
        assert_int_equal(generation(1), i * (intptr_t)STEP);
    assert_int_equal(generation(1), 4 * STEP);
    assert_int_equal(generation(1), 0);
    assert_int_equal(generation(3 * STEP), 5 * STEP);
    assert_false(is_held(STEP) || is_held(2 * STEP) || is_held(4 * STEP));
    assert_true(is_held(0) && is_held(7 * STEP));
    assert_int_equal(generation(5 * STEP), 8 * STEP);
    assert_false(is_held(8 * STEP));
}

static void a_limit_of_nothing_holds_nothing(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){.quarantine = 1}, 128 * MIB);
    assert_int_equal(generation(1), 0);
    assert_false(is_mapped(subject.arena.start + MIB));
    assert_int_equal(generation(1), 0);
}

/* Neither a reserve whose module was never opened, as its key was, nor one that nothing was allocated of. */
static void what_nobody_used_is_nobodys_at_once(void **state)
{
    lintel_module_t *module;

    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = page, .key = 7, .reach = GIB - 1, .reserve = 1};
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_int_equal(lintel_module_open(subject.heap, &desc, &(lintel_module_t *){NULL}), -EEXIST);
    assert_true(is_held(0));
    assert_false(is_mapped(subject.arena.start + MIB + page));
    assert_int_equal(lintel_module_close(subject.heap, 7), 0);
    lintel_module_release(module);
    urcu_bp_barrier();
    assert_false(is_mapped(subject.arena.start + MIB));
    assert_int_equal(subject.heap->space.quarantine.bytes, 0);
}

/* One after the other, as many as are needed. */
static void the_oldest_is_used_before_a_body_is_refused(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 4 * STEP);
    for (intptr_t i = 0; i < 4; i++)
        assert_int_equal(generation(1), i * (intptr_t)STEP);
    assert_int_equal(generation(1), 0);
    assert_int_equal(generation(1), STEP);
    assert_int_equal(generation(4 * STEP), 0);
    assert_int_equal(generation(4 * STEP + 1), -1);
    assert_int_equal(errno, ENOSPC);
}

/* Then any of them may be in the way. */
static void it_is_given_up_before_memory_is_refused(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    assert_int_equal(generation(1), 0);
    assert_int_equal(generation(1), STEP);
    script_answer(OS_RESERVE, 1, 2, -ENOMEM);
    assert_int_equal(generation(STEP), 0);
    script_answer(OS_RESERVE, 1, FOREVER, -ENOMEM);
    assert_int_equal(generation(1), -1);
    assert_false(is_mapped(subject.arena.start + MIB));
}

/* Nor is code's second view, which takes as much again. */
static void it_is_given_up_before_a_second_view_is_refused(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    assert_int_equal(generation_of(LINTEL_CODE, STEP), 0);
    script_answer(OS_CODE_MAP, 1, 2, -ENOMEM);
    assert_int_not_equal(generation_of(LINTEL_CODE, STEP), -1);
    script_answer(OS_CODE_MAP, 1, FOREVER, -ENOMEM);
    assert_int_equal(generation_of(LINTEL_CODE, STEP), -1);
    assert_false(is_held(0));
}

/* Of other windows there is nothing to be had. */
static void only_what_is_within_reach_is_given_up_for_space(void **state)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = 1, .key = 9, .reach = MIB - 1};
    lintel_module_t     *module;

    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    assert_int_equal(generation(1), 0);
    desc.base = subject.arena.start;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_refused(module, 1, ENOSPC);
    assert_true(is_held(0));
    lintel_module_release(module);
}

static void what_cannot_be_emptied_is_given_back_at_once(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    script_answer(OS_RESET, 1, 1, -ENOMEM);
    assert_int_equal(generation(1), 0);
    assert_false(is_mapped(subject.arena.start + MIB));
}

static void both_views_of_code_are_held(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    assert_int_equal(generation_of(LINTEL_CODE, STEP), 0);
    assert_true(is_held(0));
    assert_int_equal(subject.heap->space.quarantine.bytes, 2 * STEP + page);
    assert_int_equal(generation_of(LINTEL_CODE, STEP), STEP);
}

/* They are few, and used from below upward: held back, they would leave holes. */
static void the_pools_addresses_are_the_pools_at_once(void **state)
{
    (void)state;
    open_subject((lintel_heap_options_t){0}, 4 * STEP);
    lintel_heap_options_t options = {.pool_size = 4 * STEP, .pool_near = subject.arena.start, .guard = LINTEL_OFF};
    lintel_heap_t        *other = subject.heap;
    lintel_stats_t        stats;

    assert_int_equal(lintel_heap_create(&options, &subject.heap), 0);
    assert_int_equal(generation(1), 0);
    assert_int_equal(generation(1), 0);
    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    assert_int_equal(stats.reserved, 4 * STEP);
    lintel_heap_destroy(subject.heap);
    assert_false(is_mapped(subject.arena.start + MIB));
    subject.heap = other;
}

static void nothing_is_held_after_the_heaps_end(void **state)
{
    lintel_heap_t *other;

    (void)state;
    open_subject((lintel_heap_options_t){0}, 128 * MIB);
    other = subject.heap;
    assert_int_equal(lintel_heap_create(NULL, &subject.heap), 0);
    for (int i = 0; i < 3; i++)
        assert_int_not_equal(generation(STEP), -1);
    lintel_heap_destroy(subject.heap);
    subject.heap = other;
    assert_int_equal(mappings_in(arena_part(subject.arena, MIB, 128 * MIB)), 0);
}

enum { THREADS = 4, ROUNDS = 2000 };

static quarantine_t ranges;

/* Each with pages of its own, which others give up for it. */
static void put_and_take(void *shared, unsigned member)
{
    _Atomic unsigned *out = shared;
    range_t           pages;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uintptr_t start = (1 + member * ROUNDS + i) * page;
        pages = quarantine_put(&ranges, (range_t){start, start + page});
        if (range_size(pages))
            out[pages.start / page]++;
        if (i % 3 == 0 && quarantine_take(&ranges, os_addresses(), &pages))
            out[pages.start / page]++;
    }
}

static void each_range_comes_out_once(void **state)
{
    static _Atomic unsigned out[THREADS * ROUNDS + 1];
    range_t                 pages;

    (void)state;
    page = os_page_size();
    team_run(THREADS, put_and_take, out);
    while (quarantine_take(&ranges, (range_t){0, UINTPTR_MAX}, &pages))
        out[pages.start / page]++;
    for (unsigned i = 1; i <= THREADS * ROUNDS; i++)
        assert_int_equal(out[i], 1);
    assert_int_equal(ranges.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(addresses_of_a_module_that_is_gone_are_not_used_at_once, end),
        cmocka_unit_test_teardown(so_many_ranges_are_held_and_no_more, end),
        cmocka_unit_test_teardown(so_many_bytes_are_held_and_no_more, end),
        cmocka_unit_test_teardown(a_limit_of_nothing_holds_nothing, end),
        cmocka_unit_test_teardown(what_nobody_used_is_nobodys_at_once, end),
        cmocka_unit_test_teardown(the_oldest_is_used_before_a_body_is_refused, end),
        cmocka_unit_test_teardown(it_is_given_up_before_memory_is_refused, end),
        cmocka_unit_test_teardown(it_is_given_up_before_a_second_view_is_refused, end),
        cmocka_unit_test_teardown(only_what_is_within_reach_is_given_up_for_space, end),
        cmocka_unit_test_teardown(what_cannot_be_emptied_is_given_back_at_once, end),
        cmocka_unit_test_teardown(both_views_of_code_are_held, end),
        cmocka_unit_test_teardown(the_pools_addresses_are_the_pools_at_once, end),
        cmocka_unit_test_teardown(nothing_is_held_after_the_heaps_end, end),
        cmocka_unit_test(each_range_comes_out_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
