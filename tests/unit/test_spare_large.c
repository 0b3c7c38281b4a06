/* SPDX-License-Identifier: MIT
 *
 * spare, where its words are too small for what they hold (a span, or its distance from the base, beyond 32 bits), and
 * where many threads put and take at once.
 */
#include <errno.h>
#include <string.h>

#include "scripted_os.h"
#include "spare.h"
#include "team.h"
#include "unit.h"

#define BASE     ((uintptr_t)0x700000000000)
#define ANYWHERE ((range_t){0, UINTPTR_MAX})

static slab_t  slab;
static spare_t spares;

static int start(void **state)
{
    (void)state;
    slab = (slab_t){0};
    spares = (spare_t){.anchor = NULL};
    return spare_start(&spares, &slab, BASE);
}

static int end(void **state)
{
    slab_end(&slab);
    return script_clear(state);
}

static void put(uintptr_t offset, size_t size)
{
    range_t span = {BASE + offset, BASE + offset + size};

    assert_int_equal(range_size(spare_put(&spares, &slab, span, ANYWHERE)), 0);
}

/* Takes everything in bodies of `size`, each of which must lie in [BASE + from, BASE + to). Returns the bytes taken. */
static uint64_t take_all(size_t size, uintptr_t from, uintptr_t to)
{
    spare_request_t request = {.size = size, .align = 4096, .window = ANYWHERE};
    range_t         body;
    range_t         front;
    uint64_t        taken = 0;

    while (spare_take(&spares, &request, &body, &front)) {
        assert_in_range(body.start, BASE + from, BASE + to - size);
        assert_int_equal(body.start % 4096, 0);
        taken += size;
    }
    return taken;
}

static void a_span_over_4_gib_is_kept_in_pieces(void **state)
{
    (void)state;
    put(0, 10 * GIB);
    assert_int_equal(spare_total(&spares), 10 * GIB);
    assert_in_range(take_all(16 * MIB, 0, 10 * GIB), 10 * GIB - 64 * MIB, 10 * GIB);
    (void)take_all(4096, 0, 10 * GIB);
    assert_int_equal(spare_total(&spares), 0);
}

/* The first to fall over a border where a word's high half starts again from 0. */
static void a_span_across_a_blocks_4_gib_stays_where_it_is(void **state)
{
    (void)state;
    put(4 * GIB - 8192, 16384);
    assert_int_equal(take_all(4096, 4 * GIB - 8192, 4 * GIB + 8192), 16384);
}

static void a_far_span_across_its_own_blocks_4_gib_stays_where_it_is(void **state)
{
    (void)state;
    put(100 * GIB, 4096);
    put(104 * GIB - 4096, 12288);
    assert_int_equal(take_all(4096, 100 * GIB, 104 * GIB + 8192), 16384);
}

static void a_span_that_ends_at_a_blocks_4_gib_stays_where_it_is(void **state)
{
    (void)state;
    put(4 * GIB - 8192, 8192);
    assert_int_equal(take_all(4096, 4 * GIB - 8192, 4 * GIB), 8192);
    assert_int_equal(spare_total(&spares), 0);
}

/* Joined, they would not fit a word. */
static void spans_that_would_be_too_large_together_stay_two(void **state)
{
    (void)state;
    put(0, 4 * GIB - 4096);
    put(4 * GIB - 4096, 4096);
    assert_int_equal(spare_total(&spares), 4 * GIB);
    assert_in_range(take_all(16 * MIB, 0, 4 * GIB), 4 * GIB - 16 * MIB, 4 * GIB);
    (void)take_all(4096, 0, 4 * GIB);
    assert_int_equal(spare_total(&spares), 0);
}

static void spans_far_from_the_base_are_kept(void **state)
{
    (void)state;
    for (unsigned i = 1; i < 40; i++)
        put(i * 3 * GIB, 4096);
    assert_int_equal(take_all(4096, 0, 128 * GIB), 39 * 4096);
}

static void spans_below_the_base_are_kept(void **state)
{
    range_t below = {BASE - 8192, BASE - 4096};

    (void)state;
    assert_int_equal(range_size(spare_put(&spares, &slab, below, ANYWHERE)), 0);
    spare_request_t request = {.size = 4096, .align = 1, .window = ANYWHERE};
    range_t         body;
    range_t         front;
    assert_true(spare_take(&spares, &request, &body, &front));
    assert_int_equal(body.start, BASE - 8192);
}

enum { THREADS = 4, ROUNDS = 10000, BYTES = 16 * 1024, HELD = 16 };

static _Atomic unsigned char owners[BYTES];
static _Atomic unsigned      clashes;

static void change_owner(range_t range, unsigned char from, unsigned char to)
{
    for (uintptr_t at = range.start - BASE; at < range.end - BASE; at++) {
        unsigned char expected = from;
        /* relaxed: a byte with two owners is a fault whenever it is seen. */
        if (!atomic_cas_relaxed(&owners[at], &expected, to))
            atomic_fetch_add_relaxed(&clashes, 1);
    }
}

static void give_back(range_t span)
{
    if (range_size(spare_put(&spares, &slab, span, ANYWHERE)))
        atomic_fetch_add_relaxed(&clashes, 1); /* relaxed: read after the threads are joined. */
}

static void take_and_put(void *shared, unsigned member)
{
    range_t       held[HELD] = {{0, 0}};
    unsigned long seed = member;
    unsigned char mine = (unsigned char)(member + 1);

    (void)shared;
    for (int round = 0; round < ROUNDS + HELD; round++) {
        range_t *one = &held[round < ROUNDS ? random_below(&seed, HELD) : (unsigned)(round - ROUNDS)];
        range_t  front = {0, 0};
        if (range_size(*one)) {
            change_owner(*one, mine, 0);
            give_back(*one);
            *one = (range_t){0, 0};
        } else if (round < ROUNDS) {
            spare_request_t request = {
                .size = 1 + random_below(&seed, 200), .align = (size_t)1 << random_below(&seed, 7), .window = ANYWHERE};
            if (spare_take(&spares, &request, one, &front))
                change_owner(*one, 0, mine);
            give_back(front);
        }
    }
}

/* P1, and nothing gets lost on the way. */
static void threads_never_share_a_byte(void **state)
{
    (void)state;
    memset((void *)owners, 0, sizeof(owners));
    put(0, BYTES);
    team_run(THREADS, take_and_put, NULL);
    assert_int_equal(clashes, 0);
    assert_int_equal(spare_total(&spares), BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_span_over_4_gib_is_kept_in_pieces, start, end),
        cmocka_unit_test_setup_teardown(a_span_across_a_blocks_4_gib_stays_where_it_is, start, end),
        cmocka_unit_test_setup_teardown(a_far_span_across_its_own_blocks_4_gib_stays_where_it_is, start, end),
        cmocka_unit_test_setup_teardown(a_span_that_ends_at_a_blocks_4_gib_stays_where_it_is, start, end),
        cmocka_unit_test_setup_teardown(spans_that_would_be_too_large_together_stay_two, start, end),
        cmocka_unit_test_setup_teardown(spans_far_from_the_base_are_kept, start, end),
        cmocka_unit_test_setup_teardown(spans_below_the_base_are_kept, start, end),
        cmocka_unit_test_setup_teardown(threads_never_share_a_byte, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
