/* SPDX-License-Identifier: MIT
 *
 * code: executable bodies, from what a program sees of them.
 */
#include <errno.h>
#include <string.h>
#include <urcu/urcu-bp.h>

#include "cache.h"
#include "machine_code.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

static subject_t subject;

static int start(void **state)
{
    lintel_module_desc_t desc = {.kind = LINTEL_CODE};

    (void)state;
    subject = subject_open(3 * GIB, &bare, &desc);
    subject_free(&subject, 16 * MIB, 3 * GIB - 16 * MIB);
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

/* A published function that returns `value`, or NULL. */
static void *new_function(uint16_t value)
{
    void *body = lintel_alloc(subject.module, MACHINE_CODE_SIZE);
    void *writable = body ? lintel_writable(subject.module, body) : NULL;

    if (!writable)
        return NULL;
    return lintel_publish(subject.module, body, machine_code_of(value, writable)) ? NULL : body;
}

static void what_was_published_runs(void **state)
{
    (void)state;
    for (uint16_t value = 0; value < 5000; value++) {
        void *function = new_function(value);
        assert_non_null(function);
        assert_int_equal(machine_code_call(function), value);
    }
    assert_int_equal(writable_and_executable(), 0);
}

static void a_body_is_written_elsewhere(void **state)
{
    char *body = lintel_alloc(subject.module, 100);
    char *writable = lintel_writable(subject.module, body);

    (void)state;
    assert_true(all_bytes_are(body, 100, 0));
    assert_non_null(writable);
    assert_ptr_not_equal(writable, body);
    assert_false(is_writable((uintptr_t)body));
    memset(writable, 0x90, 100);
    assert_true(all_bytes_are(body, 100, (unsigned char)0x90));
    assert_ptr_equal(lintel_writable(subject.module, body + 99), writable + 99);
}

static void assert_found_whole(char *body, size_t size)
{
    lintel_location_t location;

    for (size_t at = 0; at < size; at += 16) {
        assert_int_equal(lintel_find(subject.heap, body + at, &location), 0);
        assert_ptr_equal(location.body, body);
    }
}

/* Of any size, and so over the ends that chunks had, before they went on. */
static void every_byte_of_a_body_is_found(void **state)
{
    lintel_location_t location;

    (void)state;
    hand_out(subject.module, 2 * MIB);
    for (size_t i = 0; i < 600; i++) {
        size_t size = i % 7 == 0 ? 3000 + 16 * i : 20 + i * 37 % 900;
        char  *body = lintel_alloc(subject.module, size);
        assert_non_null(body);
        assert_found_whole(body, size);
        assert_int_equal(lintel_find(subject.heap, body + align_up(size, 16), &location), -ENOENT);
    }
}

/* Nor is what comes before the first body of a chunk, which starts with a page. */
static void what_alignment_leaves_is_in_no_body(void **state)
{
    lintel_location_t location;
    char             *before = lintel_alloc(subject.module, 48);
    char             *aligned = lintel_alloc_aligned(subject.module, 80, 1024);

    (void)state;
    assert_int_equal(lintel_find(subject.heap, before + 48, &location), -ENOENT);
    assert_int_equal(lintel_find(subject.heap, aligned - 1, &location), -ENOENT);
    assert_found_whole(before, 48);
    assert_found_whole(aligned, 80);
    for (unsigned i = 0; i < 60; i++) {
        assert_non_null(lintel_alloc(subject.module, 100 * KIB + 16));
        assert_found_whole(lintel_alloc(subject.module, 64), 64);
    }
}

/* How far the newest region's cursor is from a page before the end of a block of marks. */
static size_t left_of_block(void)
{
    const region_t *region = newest_region(subject.module->module);
    uintptr_t       level = bump_level(&region->bump);
    uintptr_t       target = align_up(level + 1, STARTS_BLOCK) - os_page_size();

    return target > level && target + os_page_size() < bump_end(&region->bump) ? target - level : 0;
}

static size_t left_of_chunk(void)
{
    /* relaxed: this thread's own. */
    cache_page_t       *page = atomic_load_relaxed(&cache_page_own);
    const cache_slot_t *slot = cache_page_slot(page, subject.module->module->cache_place);

    return atomic_load_relaxed(&slot->end) - atomic_load_relaxed(&slot->cursor);
}

/* Who draws much gets large chunks; one that begins a page before a block of marks ends has no room for what would fit
 * others. */
static void a_chunk_that_is_cut_short_refuses_nobody(void **state)
{
    void *body;

    (void)state;
    for (size_t drawn = 0; drawn < 5 * MIB || !left_of_block(); drawn += KIB)
        assert_non_null(lintel_alloc(subject.module, KIB));
    assert_int_equal(module_allocate(subject.module->module, left_of_block(), 1, &body), 0);
    while (left_of_chunk() > 64)
        assert_non_null(lintel_alloc(subject.module, 64));
    assert_non_null(lintel_alloc(subject.module, 6000));
}

/* Over where others ended, whose ends went back to the region. */
static void a_body_where_others_were_made_shorter_is_found(void **state)
{
    (void)state;
    for (size_t size = 64 * KIB; size > 64; size /= 2) {
        char *body = lintel_alloc(subject.module, size);
        assert_int_equal(lintel_shrink(subject.module, body, size, 40), size - 48);
        assert_found_whole(body, 48);
        char *over = lintel_alloc(subject.module, 2 * size);
        assert_found_whole(over, 2 * size);
        assert_found_whole(body, 48);
    }
}

static void a_part_of_a_body_is_not_made_shorter(void **state)
{
    char *body = lintel_alloc(subject.module, 256);

    (void)state;
    assert_int_equal(lintel_shrink(subject.module, body, 128, 64), 0);
    assert_int_equal(lintel_shrink(subject.module, body + 16, 240, 64), 0);
    assert_found_whole(body, 256);
    assert_int_equal(lintel_shrink(subject.module, body, 250, 64), 192);
    assert_found_whole(body, 64);
}

static void reach_is_a_signed_displacement(void **state)
{
    (void)state;
    assert_refused(subject.module, 2 * GIB, ENOSPC);
    for (;;) {
        char *body = lintel_alloc(subject.module, 64 * MIB);
        if (!body)
            break;
        assert_in_range(lintel_offset(subject.module, body) + (int64_t)(64 * MIB) - 1, 1, LINTEL_REACH_REL32);
    }
    assert_int_equal(errno, ENOSPC);
}

enum { MEMBERS = 4, FUNCTIONS = 4000 };

/* Each publishes functions and calls all of its own again and again, beside those of the others. */
static void publish_and_call(void *shared, unsigned member)
{
    static _Thread_local void *functions[FUNCTIONS];
    unsigned                  *wrong = shared;

    for (unsigned i = 0; i < FUNCTIONS; i++) {
        functions[i] = new_function((uint16_t)(i * MEMBERS + member));
        if (!functions[i] || machine_code_call(functions[i]) != (uint16_t)(i * MEMBERS + member))
            wrong[member]++;
        unsigned earlier = i / 2;
        if (functions[earlier] && machine_code_call(functions[earlier]) != (uint16_t)(earlier * MEMBERS + member))
            wrong[member]++;
        if (i % 500 == 0)
            wrong[member] += writable_and_executable();
    }
}

static void many_threads_publish_side_by_side(void **state)
{
    unsigned wrong[MEMBERS] = {0};

    (void)state;
    team_run(MEMBERS, publish_and_call, wrong);
    for (unsigned member = 0; member < MEMBERS; member++)
        assert_int_equal(wrong[member], 0);
}

/* What is between them is a body too, or it is nobody's. */
static void several_bodies_are_published_at_once(void **state)
{
    unsigned char *bodies[3];
    bool           executable;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        bodies[i] = lintel_alloc(subject.module, 160);
    assert_ptr_equal(bodies[2], bodies[0] + (size_t)2 * 160);
    assert_int_equal(lintel_shrink(subject.module, bodies[1], 160, 32), 128);
    assert_int_equal(lintel_publish(subject.module, bodies[0], 3 * 160), -ERANGE);
    machine_code_executable(align_down((uintptr_t)bodies[0], os_page_size()), 1, &executable);
    assert_false(executable);
    assert_int_equal(lintel_publish(subject.module, bodies[0], 160 + 32), 0);
    assert_int_equal(lintel_publish(subject.module, bodies[0], 160 + 33), -ERANGE);
}

/* What is left of the thread's chunk becomes one with what is spare behind it: a body comes over both. */
static void a_body_over_the_end_of_a_former_chunk_is_found(void **state)
{
    lintel_location_t location;

    (void)state;
    hand_out(subject.module, 4 * MIB + 64 * KIB);
    char *last = lintel_alloc(subject.module, 64);
    assert_non_null(lintel_alloc(subject.module, 64 * MIB));
    lintel_thread_flush();
    char *body = lintel_alloc(subject.module, 20 * KIB);
    assert_ptr_equal(body, last + 64);
    for (size_t at = 0; at < 20 * KIB; at += 16) {
        assert_int_equal(lintel_find(subject.heap, body + at, &location), 0);
        assert_ptr_equal(location.body, body);
    }
}

static void nothing_is_left_of_a_closed_module(void **state)
{
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = os_page_size(), .key = 7, .kind = LINTEL_CODE};
    lintel_module_t *module;

    (void)state;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    char *body = lintel_alloc(module, MIB);
    char *writable = lintel_writable(module, body);
    assert_true(is_mapped((uintptr_t)body));
    assert_true(is_mapped((uintptr_t)writable));
    assert_int_equal(lintel_module_close(subject.heap, 7), 0);
    lintel_module_release(module);
    urcu_bp_barrier();
    assert_false(is_mapped((uintptr_t)body));
    assert_false(is_mapped((uintptr_t)writable));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_published_runs, start, end),
        cmocka_unit_test_setup_teardown(a_body_is_written_elsewhere, start, end),
        cmocka_unit_test_setup_teardown(every_byte_of_a_body_is_found, start, end),
        cmocka_unit_test_setup_teardown(what_alignment_leaves_is_in_no_body, start, end),
        cmocka_unit_test_setup_teardown(a_chunk_that_is_cut_short_refuses_nobody, start, end),
        cmocka_unit_test_setup_teardown(a_body_where_others_were_made_shorter_is_found, start, end),
        cmocka_unit_test_setup_teardown(a_part_of_a_body_is_not_made_shorter, start, end),
        cmocka_unit_test_setup_teardown(reach_is_a_signed_displacement, start, end),
        cmocka_unit_test_setup_teardown(many_threads_publish_side_by_side, start, end),
        cmocka_unit_test_setup_teardown(several_bodies_are_published_at_once, start, end),
        cmocka_unit_test_setup_teardown(a_body_over_the_end_of_a_former_chunk_is_found, start, end),
        cmocka_unit_test_setup_teardown(nothing_is_left_of_a_closed_module, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
