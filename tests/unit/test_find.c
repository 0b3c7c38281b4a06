/* SPDX-License-Identifier: MIT
 *
 * find: whose body is this address? Every byte of every body has an answer, and nothing else has.
 */
#include <errno.h>

#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

#define STEP (64 * KIB)

static subject_t subject;

static int start(void **state)
{
    lintel_module_desc_t desc = {.key = 42, .align = 16};

    (void)state;
    subject = subject_open(GIB, &bare, &desc);
    subject_free(&subject, 16 * MIB, STEP);
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static bool is_found(const void *address)
{
    lintel_location_t location = {.key = 99};
    int               result = lintel_find(subject.heap, address, &location);

    if (result) {
        assert_int_equal(result, -ENOENT);
        assert_int_equal(location.key, 99);
        return false;
    }
    assert_int_equal(location.base, subject.arena.start);
    assert_int_equal(location.offset, (uintptr_t)address - subject.arena.start);
    assert_null(location.body);
    return true;
}

static char *body_of(size_t size)
{
    char *body = lintel_alloc(subject.module, size);

    assert_non_null(body);
    return body;
}

static void every_byte_of_a_body_is_found(void **state)
{
    lintel_location_t location;

    (void)state;
    for (size_t size = 1; size < 5000; size = size * 3 + 1) {
        char *body = body_of(size);
        for (size_t i = 0; i < size; i++)
            assert_true(is_found(body + i));
        assert_int_equal(lintel_find(subject.heap, body, &location), 0);
        assert_int_equal(location.key, 42);
    }
}

static void what_is_no_body_is_not_found(void **state)
{
    (void)state;
    assert_false(is_found((void *)subject.arena.start));
    assert_false(is_found((void *)(subject.arena.start + 16 * MIB)));
    char *body = body_of(32);
    assert_false(is_found((void *)subject.arena.start));
    assert_false(is_found(body - 1));
    assert_false(is_found(body + 32));
    assert_false(is_found(body + STEP - 1));
    assert_false(is_found(body + STEP));
    assert_false(is_found(NULL));
    assert_false(is_found(&subject));
    assert_false(is_found((void *)UINTPTR_MAX));
    assert_false(is_found((void *)((uintptr_t)body | (uintptr_t)1 << 48)));
}

static void padding_is_not_found_until_somebody_has_it(void **state)
{
    char *first = body_of(16);

    (void)state;
    char *aligned = lintel_alloc_aligned(subject.module, 16, 1024);
    assert_true(is_found(aligned));
    assert_false(is_found(first + 16));
    assert_false(is_found(aligned - 1));
    body_of(STEP - 1024 - 16);
    char *filler = body_of(1024 - 16);
    assert_ptr_equal(filler, first + 16);
    assert_true(is_found(first + 16));
    assert_true(is_found(aligned - 1));
}

static void what_was_given_back_is_not_found(void **state)
{
    char *first = body_of(256);

    (void)state;
    char *second = body_of(256);
    assert_int_equal(lintel_shrink(subject.module, first, 256, 32), 224);
    assert_int_equal(lintel_shrink(subject.module, second, 256, 32), 224);
    assert_true(is_found(first + 31));
    assert_false(is_found(first + 32));
    assert_false(is_found(first + 255));
    assert_true(is_found(second + 31));
    assert_false(is_found(second + 32));
}

static void the_tail_of_a_full_region_is_not_found(void **state)
{
    char *first = body_of(STEP - 64);

    (void)state;
    subject_free(&subject, 64 * MIB, STEP);
    char *second = body_of(128);
    assert_int_equal(stats_of(subject.module).regions, 2);
    assert_true(is_found(first + STEP - 65));
    assert_false(is_found(first + STEP - 64));
    assert_false(is_found(first + STEP - 1));
    assert_true(is_found(second));
    assert_true(is_found(first));
}

static void refused_claims_are_not_found(void **state)
{
    char *body = body_of(16);

    (void)state;
    script_answer(OS_COMMIT, 1, FOREVER, -ENOMEM);
    assert_refused(subject.module, 32 * KIB, ENOMEM);
    assert_false(is_found(body + 16));
    assert_false(is_found(body + 20 * KIB));
}

static void a_module_is_found_as_long_as_it_lives(void **state)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 7};
    lintel_module_t     *module;

    (void)state;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    char *body = lintel_alloc(module, 100);
    assert_true(is_found(body));
    assert_int_equal(lintel_module_close(subject.heap, 7), 0);
    assert_true(is_found(body + 99));
    lintel_module_release(module);
    urcu_bp_barrier();
    assert_false(is_found(body));
}

static void another_heaps_bodies_are_not_found(void **state)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size()};
    lintel_heap_t       *heap;
    lintel_module_t     *module;
    lintel_location_t    location;

    (void)state;
    assert_int_equal(lintel_heap_create(NULL, &heap), 0);
    assert_int_equal(lintel_module_open(heap, &desc, &module), 0);
    char *body = lintel_alloc(module, 100);
    assert_false(is_found(body));
    assert_int_equal(lintel_find(heap, body, &location), 0);
    assert_int_equal(location.key, subject.arena.start);
    lintel_heap_destroy(heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_byte_of_a_body_is_found, start, end),
        cmocka_unit_test_setup_teardown(what_is_no_body_is_not_found, start, end),
        cmocka_unit_test_setup_teardown(padding_is_not_found_until_somebody_has_it, start, end),
        cmocka_unit_test_setup_teardown(what_was_given_back_is_not_found, start, end),
        cmocka_unit_test_setup_teardown(the_tail_of_a_full_region_is_not_found, start, end),
        cmocka_unit_test_setup_teardown(refused_claims_are_not_found, start, end),
        cmocka_unit_test_setup_teardown(a_module_is_found_as_long_as_it_lives, start, end),
        cmocka_unit_test_setup_teardown(another_heaps_bodies_are_not_found, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
