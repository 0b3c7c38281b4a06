/* SPDX-License-Identifier: MIT
 *
 * guard: behind every region a page without access, where there is room for one; the nearest gap is used all the same,
 * and no body is refused for a guard.
 */
#include "guard.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

#define STEP (64 * KIB)

static size_t    page;
static subject_t subject;

/* What is free is `size` bytes from 1 MiB on. */
static void open_subject(lintel_switch_t guard, lintel_module_desc_t desc, size_t size)
{
    lintel_heap_options_t options = {.guard = guard};

    page = os_page_size();
    desc.reach = desc.reach ? desc.reach : GIB - 1;
    subject = subject_open(GIB, &options, &desc);
    subject_free(&subject, MIB, size);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static uintptr_t at(size_t offset)
{
    return subject.arena.start + MIB + offset;
}

static uintptr_t allocate(size_t size)
{
    uintptr_t body = (uintptr_t)lintel_alloc(subject.module, size);

    assert_int_not_equal(body, 0);
    memset((void *)body, 0x5a, size);
    return body;
}

static void assert_no_access(uintptr_t address)
{
    assert_true(is_mapped(address) && !is_readable(address));
}

/* Runs over the end of what is at `context`. Returns only if nothing stopped it. */
static bool run_over(void *context)
{
    volatile char *end = context;

    signal(SIGSEGV, SIG_DFL);
    *end = 1;
    return true;
}

static void who_runs_over_the_last_body_of_a_region_is_stopped(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){0}, MIB);
    assert_int_equal(allocate(STEP), at(0));
    assert_no_access(at(STEP));
    assert_false(child_says(run_over, (void *)at(STEP)));
    assert_int_equal(stats_of(subject.module).reserved, STEP);
}

static void regions_side_by_side_have_a_guard_between_them(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){0}, MIB);
    assert_int_equal(allocate(STEP), at(0));
    assert_int_equal(allocate(STEP), at(STEP + page));
    assert_int_equal(allocate(2 * STEP), at(2 * STEP + 2 * page));
    assert_no_access(at(STEP));
    assert_no_access(at(2 * STEP + page));
    assert_no_access(at(4 * STEP + 2 * page));
    assert_int_equal(stats_of(subject.module).regions, 3);
}

/* What follows the hole is somebody else's. */
static void a_hole_ends_with_a_guard(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){0}, 4 * page);
    assert_int_equal(allocate(2 * page), at(0));
    assert_int_equal(allocate(page), at(2 * page));
    assert_no_access(at(3 * page));
    assert_true(is_readable(at(4 * page)));
    assert_int_equal(stats_of(subject.module).reserved, 3 * page);
}

static void the_nearest_gap_is_used_without_room_for_a_guard(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){0}, page);
    subject_free(&subject, 2 * MIB, 3 * page);
    subject_free(&subject, 3 * MIB, MIB);
    assert_int_equal(allocate(100), at(0));
    assert_int_equal(allocate(3 * page), at(MIB));
    assert_int_equal(allocate(page), at(2 * MIB));
    assert_true(is_readable(at(page)));
}

static void at_the_end_of_reach_the_guard_lies_beyond(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){.reach = MIB + 2 * page - 101, .align = 4}, STEP);
    assert_int_equal(allocate(2 * page - 100), at(0));
    assert_refused(subject.module, 1, ENOSPC);
    assert_no_access(at(2 * page));
    assert_false(is_mapped(at(3 * page)));
}

/* It is not worth a failure. */
static void a_guard_that_is_refused_is_done_without(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){.reach = MIB + page - 1}, STEP);
    script_answer(OS_RESERVE, 2, FOREVER, -ENOMEM);
    assert_int_equal(allocate(page), at(0));
    assert_false(is_mapped(at(page)));
}

static void guards_are_given_up_before_a_body_is_refused(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){.align = 16}, 3 * page);
    assert_int_equal(allocate(2 * page), at(0));
    assert_refused(subject.module, page + 1, ENOSPC);
    assert_no_access(at(2 * page));
    assert_int_equal(allocate(100), at(2 * page));
    assert_int_equal(allocate(page - 112), at(2 * page + 112));
    assert_refused(subject.module, 1, ENOSPC);
    assert_int_equal(stats_of(subject.module).reserved, 3 * page);
    assert_int_equal(stats_of(subject.module).regions, 2);
}

static void a_guard_that_cannot_be_a_region_is_not_lost(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){0}, 2 * page);
    assert_int_equal(allocate(page), at(0));
    script_answer(OS_COMMIT, 1, FOREVER, -ENOMEM);
    assert_refused(subject.module, page, ENOMEM);
    script_clear(state);
    assert_int_equal(allocate(page), at(page));
}

static void with_the_option_on_guards_stay(void **state)
{
    (void)state;
    open_subject(LINTEL_ON, (lintel_module_desc_t){0}, page);
    subject_free(&subject, 2 * MIB, 3 * page);
    assert_int_equal(allocate(2 * page), at(MIB));
    assert_refused(subject.module, 1, ENOSPC);
    assert_no_access(at(MIB + 2 * page));
    assert_false(is_mapped(at(0)));
}

static void with_the_option_off_there_are_none(void **state)
{
    (void)state;
    open_subject(LINTEL_OFF, (lintel_module_desc_t){0}, 4 * page);
    assert_int_equal(allocate(4 * page), at(0));
    assert_true(is_readable(at(3 * page)));
    assert_refused(subject.module, 1, ENOSPC);
}

static void a_reserve_is_whole_and_has_its_guard_beside(void **state)
{
    lintel_module_t *module;

    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){0}, MIB);
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = page, .key = 7, .reach = GIB - 1, .reserve = 5 * page - 1};
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_int_equal(stats_of(module).reserved, 5 * page);
    assert_int_equal((uintptr_t)lintel_alloc(module, 5 * page), at(0));
    assert_no_access(at(5 * page));
    assert_false(is_mapped(at(6 * page)));
    lintel_module_release(module);
}

static void code_has_a_guard_behind_both_views(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){.kind = LINTEL_CODE}, MIB);
    char *body = lintel_alloc(subject.module, STEP);
    assert_int_equal((uintptr_t)body, at(0));
    uintptr_t writable = (uintptr_t)lintel_writable(subject.module, body);
    assert_true(is_writable(writable + STEP - 1) && is_readable(at(STEP - 1)));
    assert_no_access(at(STEP));
    assert_no_access(writable + STEP);
}

static void a_guard_between_code_becomes_code_in_need(void **state)
{
    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){.kind = LINTEL_CODE}, 3 * page);
    assert_non_null(lintel_alloc(subject.module, 2 * page));
    char *body = lintel_alloc(subject.module, page);
    assert_int_equal((uintptr_t)body, at(2 * page));
    memset(lintel_writable(subject.module, body), 1, page);
    assert_int_equal(lintel_publish(subject.module, body, page), 0);
}

/* The pool is reserved whole: there the guard is the region's last page, and goes back to the pool with it. */
static void in_the_pool_the_guard_is_the_pools(void **state)
{
    lintel_heap_options_t options = {.pool_size = 4 * STEP, .quarantine = 1};
    lintel_heap_t        *heap;
    lintel_module_t      *module;
    lintel_stats_t        stats;

    (void)state;
    open_subject(LINTEL_DEFAULT, (lintel_module_desc_t){0}, 4 * STEP + page);
    options.pool_near = subject.arena.start;
    assert_int_equal(lintel_heap_create(&options, &heap), 0);
    arena_fill(arena_part(subject.arena, MIB + 4 * STEP, page));
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = page, .reach = GIB - 1};
    desc.reserve = 4 * STEP - page;
    assert_int_equal(lintel_module_open(heap, &desc, &module), 0);
    assert_int_equal((uintptr_t)lintel_alloc(module, 4 * STEP - page), at(0));
    assert_no_access(at(4 * STEP - page));
    assert_int_equal((uintptr_t)lintel_alloc(module, page), at(4 * STEP - page));
    assert_int_equal(lintel_heap_stats(heap, &stats), 0);
    assert_int_equal(stats.reserved, 4 * STEP);
    lintel_heap_destroy(heap);
    assert_false(is_mapped(at(0)) || is_mapped(at(4 * STEP - page)));
}

enum { THREADS = 4 };

static void fill(void *shared, unsigned member)
{
    (void)shared;
    for (size_t size = 2000 + member; size; size /= 2)
        while (lintel_alloc(subject.module, size))
            continue;
    lintel_thread_flush();
}

/* Many small regions, so that threads meet at the same guards. */
static void threads_use_every_guard_once(void **state)
{
    lintel_heap_options_t options = {.first_region = 1, .region_limit = 1};
    lintel_module_desc_t  desc = {.align = 1, .reach = GIB - 1};

    (void)state;
    page = os_page_size();
    subject = subject_open(GIB, &options, &desc);
    subject_free(&subject, MIB, 100 * page);
    team_run(THREADS, fill, NULL);
    lintel_stats_t stats = stats_of(subject.module);
    assert_int_equal(stats.allocated, 100 * page);
    assert_int_equal(stats.reserved, 100 * page);
    assert_int_equal(stats.spare + stats.lost, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(who_runs_over_the_last_body_of_a_region_is_stopped, end),
        cmocka_unit_test_teardown(regions_side_by_side_have_a_guard_between_them, end),
        cmocka_unit_test_teardown(a_hole_ends_with_a_guard, end),
        cmocka_unit_test_teardown(the_nearest_gap_is_used_without_room_for_a_guard, end),
        cmocka_unit_test_teardown(at_the_end_of_reach_the_guard_lies_beyond, end),
        cmocka_unit_test_teardown(a_guard_that_is_refused_is_done_without, end),
        cmocka_unit_test_teardown(guards_are_given_up_before_a_body_is_refused, end),
        cmocka_unit_test_teardown(a_guard_that_cannot_be_a_region_is_not_lost, end),
        cmocka_unit_test_teardown(with_the_option_on_guards_stay, end),
        cmocka_unit_test_teardown(with_the_option_off_there_are_none, end),
        cmocka_unit_test_teardown(a_reserve_is_whole_and_has_its_guard_beside, end),
        cmocka_unit_test_teardown(code_has_a_guard_behind_both_views, end),
        cmocka_unit_test_teardown(a_guard_between_code_becomes_code_in_need, end),
        cmocka_unit_test_teardown(in_the_pool_the_guard_is_the_pools, end),
        cmocka_unit_test_teardown(threads_use_every_guard_once, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
