/* SPDX-License-Identifier: MIT
 *
 * module: what a body's owner gives back is zero again and goes to somebody else; and where an address is, asked of a
 * module.
 */
#include <errno.h>
#include <string.h>

#include "atomic.h"
#include "os.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

#define STEP (64 * KIB)

static subject_t subject;

static int start(void **state)
{
    lintel_module_desc_t desc = {.align = 16};

    (void)state;
    subject = subject_open(4 * GIB, &bare, &desc);
    subject_free(&subject, GIB, STEP);
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static void *filled(size_t size)
{
    void *body = lintel_alloc(subject.module, size);

    assert_fresh_body(&subject, body, size, GIB, GIB + STEP);
    return body;
}

static size_t shrink(void *body, size_t from, size_t to)
{
    return lintel_shrink(subject.module, body, from, to);
}

static uint64_t used(void)
{
    lintel_region_t region;

    assert_int_equal(lintel_module_regions(subject.module, 1, &region), 1);
    return region.used;
}

static void the_last_bodys_end_goes_back_to_the_region(void **state)
{
    char *body = filled(1000);

    (void)state;
    assert_int_equal(shrink(body, 1000, 100), 1008 - 112);
    assert_int_equal(used(), 112);
    assert_int_equal(stats_of(subject.module).spare, 0);
    assert_true(all_bytes_are(body, 100, 0x5a));
    assert_ptr_equal(filled(500), body + 112);
}

static void another_bodys_end_becomes_spare(void **state)
{
    char *body = filled(1000);

    (void)state;
    char *next = filled(64);
    assert_int_equal(shrink(body, 1000, 100), 1008 - 112);
    assert_int_equal(stats_of(subject.module).spare, 1008 - 112);
    assert_true(all_bytes_are(body, 100, 0x5a));
    assert_true(all_bytes_are(next, 64, 0x5a));
    for (uint64_t left = STEP - used(); left; left = STEP - used())
        filled(left);
    assert_ptr_equal(filled(1008 - 112), body + 112);
    assert_int_equal(stats_of(subject.module).spare, 0);
}

/* Fresh: it is zero before anybody gets it again, on either way back. */
static void what_is_given_back_reads_as_zero(void **state)
{
    char *first = filled(4096);

    (void)state;
    char *second = filled(4096);
    assert_int_equal(shrink(first, 4096, 16), 4080);
    assert_int_equal(shrink(second, 4096, 16), 4080);
    assert_true(all_bytes_are(first + 16, 4080, 0));
    assert_true(all_bytes_are(second + 16, 4080, 0));
}

/* The rounding of the old end is not lost any more, that of the new one is. */
static void the_books_follow_to_the_byte(void **state)
{
    char *body = filled(33);

    (void)state;
    filled(1);
    assert_int_equal(stats_of(subject.module).lost, 15 + 15);
    assert_int_equal(shrink(body, 33, 17), 16);
    lintel_stats_t stats = stats_of(subject.module);
    assert_int_equal(stats.allocated, 18);
    assert_int_equal(stats.lost, 15 + 15);
    assert_int_equal(stats.spare, 16);
    assert_int_equal(stats.allocations, 2);
    assert_books_balance(subject.module);
    assert_int_equal(shrink(body, 17, 1), 16);
    assert_int_equal(stats_of(subject.module).allocated, 2);
    assert_books_balance(subject.module);
}

static void nothing_is_given_back_where_nothing_can_be(void **state)
{
    char *body = filled(100);

    (void)state;
    assert_int_equal(shrink(body, 100, 0), 0);
    assert_int_equal(shrink(body, 100, 100), 0);
    assert_int_equal(shrink(body, 100, 101), 0);
    assert_int_equal(shrink(body, 100, SIZE_MAX), 0);
    assert_int_equal(shrink(body, 100, 97), 0);
    assert_int_equal(lintel_shrink(NULL, body, 100, 10), 0);
    assert_int_equal(shrink(NULL, 100, 10), 0);
    assert_true(all_bytes_are(body, 100, 0x5a));
    assert_int_equal(stats_of(subject.module).allocated, 100);
}

static void what_is_no_body_of_the_module_is_left_alone(void **state)
{
    char                 here[256] = "own";
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 9};
    lintel_module_t     *other;

    (void)state;
    char *body = filled(256);
    subject_free(&subject, 2 * GIB, STEP);
    assert_int_equal(lintel_module_open(subject.heap, &desc, &other), 0);
    assert_non_null(lintel_alloc(other, 16));
    assert_int_equal(lintel_shrink(other, body, 256, 16), 0);
    assert_int_equal(shrink(here, sizeof(here), 16), 0);
    assert_int_equal(shrink((void *)subject.arena.start, 256, 16), 0);
    assert_int_equal(shrink(body, 2 * STEP, 16), 0);
    assert_int_equal(shrink(body, SIZE_MAX, 16), 0);
    assert_int_equal(shrink(body, SIZE_MAX - (uintptr_t)body, 16), 0);
    assert_int_equal(shrink(body + 256, 256, 16), 0);
    assert_int_equal(shrink(body + 4, 128, 16), 0);
    assert_true(all_bytes_are(body, 256, 0x5a));
    assert_string_equal(here, "own");
    lintel_module_release(other);
}

/* Where code's bodies start is known. */
static void from_within_a_body_of_code_nothing_is_given_back(void **state)
{
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = os_page_size(), .key = 10, .kind = LINTEL_CODE};
    lintel_module_t *code;

    (void)state;
    subject_free(&subject, 2 * GIB, STEP);
    assert_int_equal(lintel_module_open(subject.heap, &desc, &code), 0);
    char *body = lintel_alloc(code, 256);
    assert_non_null(body);
    assert_int_equal(lintel_shrink(code, body + 16, 128, 16), 0);
    assert_int_equal(stats_of(code).spare, 0);
    assert_int_equal(lintel_shrink(code, body, 256, 16), 240);
    lintel_module_release(code);
}

static void offsets_are_from_the_base(void **state)
{
    char *body = filled(100);

    (void)state;
    assert_int_equal(lintel_offset(subject.module, body), GIB);
    assert_int_equal(lintel_offset(subject.module, body + 99), GIB + 99);
    assert_ptr_equal(lintel_writable(subject.module, body + 50), body + 50);
    assert_int_equal(lintel_publish(subject.module, body, 100), 0);
    assert_int_equal(lintel_publish(subject.module, body, 0), 0);
}

static void assert_not_the_modules(const lintel_module_t *module, const void *address)
{
    assert_int_equal(lintel_offset(module, address), -ERANGE);
    errno = 0;
    assert_null(lintel_writable(module, address));
    assert_int_equal(errno, ERANGE);
}

static void other_addresses_are_erange(void **state)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 9};
    lintel_module_t     *other;
    char                *body = filled(128);

    (void)state;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &other), 0);
    assert_not_the_modules(other, body);
    assert_not_the_modules(subject.module, (char *)subject.arena.start);
    assert_not_the_modules(subject.module, body - 1);
    assert_not_the_modules(subject.module, body + 128);
    assert_not_the_modules(subject.module, &subject);
    assert_not_the_modules(subject.module, (void *)(UINTPTR_MAX - 1));
    filled(16);
    assert_int_equal(shrink(body, 128, 16), 112);
    assert_not_the_modules(subject.module, body + 16);
    assert_int_equal(lintel_offset(subject.module, body + 15), GIB + 15);
    assert_int_equal(lintel_offset(subject.module, body + 128), GIB + 128);
    assert_int_equal(lintel_offset(subject.module, NULL), -ERANGE);
    lintel_module_release(other);
}

static void only_what_is_whole_in_bodies_can_be_published(void **state)
{
    char *first = filled(16);

    (void)state;
    char *middle = filled(64);
    char *last = filled(16);
    assert_int_equal(lintel_publish(subject.module, first, 96), 0);
    assert_int_equal(lintel_publish(subject.module, first, 97), -ERANGE);
    assert_int_equal(lintel_publish(subject.module, first - 1, 2), -ERANGE);
    assert_int_equal(lintel_publish(subject.module, first, SIZE_MAX), -ERANGE);
    assert_int_equal(shrink(middle, 64, 16), 48);
    assert_int_equal(lintel_publish(subject.module, first, 32), 0);
    assert_int_equal(lintel_publish(subject.module, first, 33), -ERANGE);
    assert_int_equal(lintel_publish(subject.module, last, 16), 0);
    /* Both ends in bodies, a spare span between. */
    assert_int_equal(lintel_publish(subject.module, first, 96), -ERANGE);
}

enum { THREADS = 4, ROUNDS = 3000, LARGE = 600 };

static _Atomic unsigned faults;

/* Bodies come long, go short, and are never anybody else's. */
static void allocate_and_shrink(void *shared, unsigned member)
{
    unsigned long  seed = member;
    unsigned char *kept = NULL;
    unsigned char  mine = (unsigned char)(member + 1);

    (void)shared;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char *body = lintel_alloc(subject.module, LARGE);
        if (!body || !all_bytes_are(body, LARGE, 0) || (kept && kept[0] != mine)) {
            atomic_fetch_add_relaxed(&faults, 1); /* relaxed: read after the threads are joined. */
            return;
        }
        memset(body, mine, LARGE);
        lintel_shrink(subject.module, body, LARGE, 1 + random_below(&seed, 100));
        kept = body;
    }
}

static void threads_share_what_is_given_back(void **state)
{
    (void)state;
    subject_free(&subject, 2 * GIB, 64 * MIB);
    faults = 0;
    team_run(THREADS, allocate_and_shrink, NULL);
    assert_int_equal(faults, 0);
    assert_int_equal(stats_of(subject.module).allocations, THREADS * ROUNDS);
    assert_books_balance(subject.module);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_last_bodys_end_goes_back_to_the_region, start, end),
        cmocka_unit_test_setup_teardown(another_bodys_end_becomes_spare, start, end),
        cmocka_unit_test_setup_teardown(what_is_given_back_reads_as_zero, start, end),
        cmocka_unit_test_setup_teardown(the_books_follow_to_the_byte, start, end),
        cmocka_unit_test_setup_teardown(nothing_is_given_back_where_nothing_can_be, start, end),
        cmocka_unit_test_setup_teardown(what_is_no_body_of_the_module_is_left_alone, start, end),
        cmocka_unit_test_setup_teardown(from_within_a_body_of_code_nothing_is_given_back, start, end),
        cmocka_unit_test_setup_teardown(offsets_are_from_the_base, start, end),
        cmocka_unit_test_setup_teardown(other_addresses_are_erange, start, end),
        cmocka_unit_test_setup_teardown(only_what_is_whole_in_bodies_can_be_published, start, end),
        cmocka_unit_test_setup_teardown(threads_share_what_is_given_back, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
