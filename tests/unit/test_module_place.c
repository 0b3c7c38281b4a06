/* SPDX-License-Identifier: MIT
 *
 * module: where bodies lie. Above the image, whole within reach, aligned, apart, fresh, the nearest space first.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

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
    subject = subject_open(6 * GIB, options, &desc);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static size_t offset_of(const void *body)
{
    return (uintptr_t)body - subject.arena.start;
}

static void *body_of(size_t size)
{
    void *body = lintel_alloc(subject.module, size);

    assert_non_null(body);
    return body;
}

static void the_nearest_free_range_is_used_first(void **state)
{
    (void)state;
    open_subject(NULL, (lintel_module_desc_t){.align = 16});
    subject_free(&subject, 3 * GIB, STEP);
    subject_free(&subject, STEP, page);
    subject_free(&subject, MIB, page);
    assert_int_equal(offset_of(body_of(page)), STEP);
    assert_int_equal(offset_of(body_of(page - 16)), MIB);
    assert_int_equal(offset_of(body_of(32)), 3 * GIB);
    assert_int_equal(offset_of(body_of(16)), 3 * GIB + 32);
}

static void a_body_too_large_for_near_space_leaves_it_to_others(void **state)
{
    (void)state;
    open_subject(NULL, (lintel_module_desc_t){.align = 16});
    subject_free(&subject, STEP, page);
    subject_free(&subject, MIB, page);
    assert_int_equal(offset_of(body_of(100)), STEP);
    assert_int_equal(offset_of(body_of(page)), MIB);
    assert_int_equal(offset_of(body_of(page - 112)), STEP + 112);
}

static void check_filled(size_t reach, size_t align)
{
    lintel_module_desc_t desc = {.align = align, .reach = reach};
    uint64_t             most = 0;

    open_subject(NULL, desc);
    subject_free(&subject, STEP, 4 * STEP);
    for (size_t size = 1000; size; size /= 2)
        for (void *body; (body = lintel_alloc(subject.module, size));) {
            assert_fresh_body(&subject, body, size, page, reach + 1);
            if (offset_of(body) + size - 1 > most)
                most = offset_of(body) + size - 1;
        }
    assert_int_equal(errno, ENOSPC);
    lintel_stats_t stats = stats_of(subject.module);
    assert_in_range(most, align_down(reach + 1, align) - align, reach);
    assert_int_equal(stats.spare, 0);
    assert_int_equal(stats.allocated + stats.lost, align_down(reach + 1, align) - STEP);
    if (align == 1)
        assert_int_equal(stats.lost, 0);
}

/* Every byte up to base + reach, and not one beyond it. */
static void reach_is_filled_to_the_last_byte(void **state)
{
    check_filled(2 * STEP - 1, 1);
    end(state);
    check_filled(2 * STEP, 1);
    end(state);
    check_filled(3 * STEP - 100, 1);
    end(state);
    check_filled(2 * STEP + 16 * 5 - 1, 16);
    end(state);
    check_filled(2 * STEP + 16 * 5 - 2, 16);
}

/* LINTEL_REACH_RVA32 for data: a body that would end one byte beyond it is refused. */
static void the_default_reach_is_4_gib(void **state)
{
    (void)state;
    open_subject(NULL, (lintel_module_desc_t){.align = 1});
    subject_free(&subject, 4 * GIB - page, 2 * page);
    assert_refused(subject.module, page + 1, ENOSPC);
    assert_int_equal(offset_of(body_of(page)), 4 * GIB - page);
    assert_refused(subject.module, 1, ENOSPC);
}

static void above_4_gib_is_within_reach_above(void **state)
{
    (void)state;
    open_subject(&bare, (lintel_module_desc_t){.align = 16, .reach = LINTEL_REACH_ABOVE});
    subject_free(&subject, 4 * GIB - 2 * page, 6 * page);
    char *bodies[12];
    for (int i = 0; i < 12; i++) {
        bodies[i] = body_of(page / 2);
        assert_fresh_body(&subject, bodies[i], page / 2, 4 * GIB - 2 * page, 4 * GIB + 4 * page);
    }
    for (int i = 0; i < 12; i++)
        assert_int_equal(lintel_shrink(subject.module, bodies[i], page / 2, 16), page / 2 - 16);
    for (int i = 0; i < 12; i++)
        assert_fresh_body(&subject, body_of(page / 2 - 16), page / 2 - 16, 4 * GIB - 2 * page, 4 * GIB + 4 * page);
}

static void an_image_of_unknown_size_is_one_page(void **state)
{
    lintel_module_t     *module;
    lintel_module_desc_t desc = {.key = 2};

    (void)state;
    open_subject(NULL, (lintel_module_desc_t){0});
    desc.base = subject.arena.start + STEP;
    subject_free(&subject, STEP + page, page);
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_int_equal(offset_of(lintel_alloc(module, 16)), STEP + page);
    lintel_module_release(module);
}

static void an_image_is_never_touched(void **state)
{
    lintel_module_t     *module;
    lintel_module_desc_t desc = {.key = 2, .image_size = 2 * STEP + 1};

    (void)state;
    open_subject(NULL, (lintel_module_desc_t){0});
    subject_free(&subject, STEP, 4 * STEP);
    desc.base = subject.arena.start + STEP;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_int_equal(offset_of(lintel_alloc(module, 16)), 3 * STEP + page);
    lintel_module_release(module);
}

static void bodies_are_aligned_as_the_module_asks(void **state)
{
    for (size_t align = 1; align <= 4096; align *= 2) {
        open_subject(NULL, (lintel_module_desc_t){.align = align});
        subject_free(&subject, STEP, MIB);
        for (size_t size = 1; size < 200; size += 37) {
            void *body = body_of(size);
            assert_int_equal((uintptr_t)body % align, 0);
            assert_fresh_body(&subject, body, size, STEP, STEP + MIB);
        }
        end(state);
    }
    open_subject(NULL, (lintel_module_desc_t){.align = 0});
    subject_free(&subject, STEP, MIB);
    for (int i = 0; i < 10; i++)
        assert_int_equal((uintptr_t)body_of(1) % 16, 0);
}

static void bodies_are_aligned_as_the_call_asks(void **state)
{
    (void)state;
    open_subject(NULL, (lintel_module_desc_t){.align = 8});
    subject_free(&subject, STEP, MIB);
    for (int round = 0; round < 3; round++)
        for (size_t align = 1; align <= 4096; align *= 2) {
            void *body = lintel_alloc_aligned(subject.module, 24, align);
            assert_int_equal((uintptr_t)body % (align < 8 ? 8 : align), 0);
            assert_fresh_body(&subject, body, 24, STEP, STEP + MIB);
        }
}

static void padding_in_front_of_a_body_is_used_by_others(void **state)
{
    (void)state;
    open_subject(NULL, (lintel_module_desc_t){.align = 16, .reach = 2 * STEP - 1});
    subject_free(&subject, 2 * STEP - 2 * page, 2 * page);
    assert_int_equal(offset_of(body_of(16)), 2 * STEP - 2 * page);
    assert_int_equal(offset_of(lintel_alloc_aligned(subject.module, page, 4096)), 2 * STEP - page);
    assert_int_equal(stats_of(subject.module).spare, page - 16);
    assert_int_equal(offset_of(body_of(page - 16)), 2 * STEP - 2 * page + 16);
    assert_int_equal(stats_of(subject.module).spare, 0);
}

static void padding_within_spare_space_stays_there(void **state)
{
    (void)state;
    open_subject(NULL, (lintel_module_desc_t){.align = 16, .reach = 2 * STEP - 1});
    subject_free(&subject, STEP, page);
    void *first = body_of(page / 2);
    body_of(page / 2);
    assert_int_equal(lintel_shrink(subject.module, first, page / 2, 16), page / 2 - 16);
    assert_int_equal(offset_of(lintel_alloc_aligned(subject.module, 512, 1024)), STEP + 1024);
    assert_int_equal(stats_of(subject.module).spare, page / 2 - 16 - 512);
    assert_int_equal(offset_of(body_of(1024 - 16)), STEP + 16);
}

static void modules_side_by_side_stay_apart(void **state)
{
    enum { MODULES = 4, BODIES = 200, SIZE = 700 };
    lintel_module_t *modules[MODULES] = {NULL};
    unsigned char   *bodies[MODULES][BODIES];

    (void)state;
    open_subject(NULL, (lintel_module_desc_t){0});
    subject_free(&subject, STEP, MIB);
    subject_free(&subject, 2 * MIB, MIB);
    for (unsigned m = 0; m < MODULES; m++) {
        lintel_module_desc_t desc = {.base = subject.arena.start + m * page, .image_size = page, .key = m + 1};
        assert_int_equal(lintel_module_open(subject.heap, &desc, &modules[m]), 0);
    }
    for (unsigned i = 0; i < BODIES * MODULES; i++) {
        unsigned char *body = lintel_alloc(modules[i % MODULES], SIZE);
        assert_true(body && all_bytes_are(body, SIZE, 0));
        memset(body, (int)(i % 251), SIZE);
        bodies[i % MODULES][i / MODULES] = body;
    }
    for (unsigned i = 0; i < BODIES * MODULES; i++)
        assert_true(all_bytes_are(bodies[i % MODULES][i / MODULES], SIZE, (unsigned char)(i % 251)));
    for (unsigned m = 0; m < MODULES; m++)
        assert_books_balance(modules[m]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_nearest_free_range_is_used_first, end),
        cmocka_unit_test_teardown(a_body_too_large_for_near_space_leaves_it_to_others, end),
        cmocka_unit_test_teardown(reach_is_filled_to_the_last_byte, end),
        cmocka_unit_test_teardown(the_default_reach_is_4_gib, end),
        cmocka_unit_test_teardown(above_4_gib_is_within_reach_above, end),
        cmocka_unit_test_teardown(an_image_of_unknown_size_is_one_page, end),
        cmocka_unit_test_teardown(an_image_is_never_touched, end),
        cmocka_unit_test_teardown(bodies_are_aligned_as_the_module_asks, end),
        cmocka_unit_test_teardown(bodies_are_aligned_as_the_call_asks, end),
        cmocka_unit_test_teardown(padding_in_front_of_a_body_is_used_by_others, end),
        cmocka_unit_test_teardown(padding_within_spare_space_stays_there, end),
        cmocka_unit_test_teardown(modules_side_by_side_stay_apart, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
