/* SPDX-License-Identifier: MIT
 *
 * spare: spans set aside are found again whole, and no byte of them twice. No byte is touched: addresses are numbers.
 */
#include "spare.h"

#include <errno.h>

#include "scripted_os.h"
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

static range_t at(uintptr_t offset, size_t size)
{
    return (range_t){BASE + offset, BASE + offset + size};
}

static void put(range_t span)
{
    assert_int_equal(range_size(spare_put(&spares, &slab, span, ANYWHERE)), 0);
}

/* Takes a body, and puts back what was in front of it. */
static bool take(const spare_request_t *request, range_t *body)
{
    range_t front;
    bool    taken = spare_take(&spares, request, body, &front);

    if (taken)
        put(front);
    return taken;
}

static void assert_taken(size_t size, size_t align, uintptr_t offset)
{
    spare_request_t request = {.size = size, .align = align, .window = ANYWHERE};
    range_t         body;

    assert_true(take(&request, &body));
    assert_int_equal(body.start, BASE + offset);
    assert_int_equal(body.end, BASE + offset + size);
}

static void assert_none(size_t size, size_t align)
{
    spare_request_t request = {.size = size, .align = align, .window = ANYWHERE};
    range_t         body = {1, 2};

    assert_false(take(&request, &body));
}

static void nothing_is_found_before_the_start_or_in_an_empty_list(void **state)
{
    (void)state;
    assert_none(1, 1);
    spares = (spare_t){.anchor = NULL};
    assert_none(1, 1);
    assert_int_equal(spare_total(&spares), 0);
}

static void starting_again_changes_nothing(void **state)
{
    (void)state;
    put(at(0, 16));
    assert_int_equal(spare_start(&spares, &slab, BASE + 4096), 0);
    assert_taken(16, 1, 0);
}

static void a_start_without_memory_is_refused(void **state)
{
    slab_t  empty_slab = {0};
    spare_t other = {.anchor = NULL};

    (void)state;
    script_answer(OS_MAP, 1, 1, -ENOMEM);
    assert_int_equal(spare_start(&other, &empty_slab, BASE), -ENOMEM);
    assert_int_equal(spare_start(&other, &empty_slab, BASE), 0);
    slab_end(&empty_slab);
}

/* P2 */
static void a_span_is_carved_from_below_until_it_is_gone(void **state)
{
    (void)state;
    put(at(4096, 100));
    assert_int_equal(spare_total(&spares), 100);
    assert_taken(60, 1, 4096);
    assert_int_equal(spare_total(&spares), 40);
    assert_none(41, 1);
    assert_taken(40, 1, 4096 + 60);
    assert_none(1, 1);
    assert_int_equal(spare_total(&spares), 0);
}

static void padding_in_front_is_not_lost(void **state)
{
    (void)state;
    put(at(8, 120));
    assert_taken(32, 64, 64);
    assert_int_equal(spare_total(&spares), 120 - 32);
    assert_taken(56, 8, 8);
    assert_taken(32, 1, 96);
    assert_int_equal(spare_total(&spares), 0);
}

static void alignment_is_of_the_address_not_of_the_offset(void **state)
{
    spare_request_t request = {.size = 16, .align = 4096, .window = ANYWHERE};
    spare_t         odd = {.anchor = NULL};
    range_t         body;
    range_t         front;

    (void)state;
    assert_int_equal(spare_start(&odd, &slab, BASE + 48), 0);
    assert_int_equal(range_size(spare_put(&odd, &slab, at(48, 8192), ANYWHERE)), 0);
    assert_true(spare_take(&odd, &request, &body, &front));
    assert_int_equal(body.start, BASE + 4096);
    assert_int_equal(front.start, BASE + 48);
    assert_int_equal(front.end, BASE + 4096);
}

static void a_span_too_short_once_aligned_is_left_alone(void **state)
{
    (void)state;
    put(at(8, 64));
    assert_none(32, 64);
    assert_int_equal(spare_total(&spares), 64);
    assert_taken(64, 1, 8);
}

static void absurd_sizes_do_not_wrap(void **state)
{
    (void)state;
    put(at(0, 64));
    assert_none(SIZE_MAX, 1);
    assert_none(SIZE_MAX - 15, 16);
    assert_none(UINT32_MAX, 1);
}

static void a_body_lies_inside_the_window(void **state)
{
    spare_request_t request = {.size = 16, .align = 16, .window = at(40, 40)};
    range_t         body;

    (void)state;
    put(at(0, 128));
    assert_true(take(&request, &body));
    assert_int_equal(body.start, BASE + 48);
    assert_true(take(&request, &body));
    assert_int_equal(body.start, BASE + 64);
    assert_false(take(&request, &body));
    assert_int_equal(spare_total(&spares), 96);
}

static bool accepts_above(void *context, range_t body)
{
    return body.start >= *(const uintptr_t *)context;
}

static void a_body_that_is_not_accepted_is_passed_over(void **state)
{
    uintptr_t       least = BASE + 4096;
    spare_request_t request = {.size = 16, .align = 1, .window = ANYWHERE, .accepts = accepts_above, .context = &least};
    range_t         body;

    (void)state;
    put(at(0, 64));
    assert_false(take(&request, &body));
    put(at(4096, 64));
    assert_true(take(&request, &body));
    assert_int_equal(body.start, BASE + 4096);
    assert_taken(64, 1, 0);
}

static void many_spans_are_all_found_again(void **state)
{
    enum { SPANS = SPARE_SLOTS * 20 };
    unsigned char found[SPANS] = {0};

    (void)state;
    for (unsigned i = 0; i < SPANS; i++)
        put(at(i * 64, 48));
    assert_int_equal(spare_total(&spares), SPANS * 48);
    for (unsigned i = 0; i < SPANS; i++) {
        spare_request_t request = {.size = 48, .align = 16, .window = ANYWHERE};
        range_t         body;
        assert_true(take(&request, &body));
        found[(body.start - BASE) / 64]++;
    }
    for (unsigned i = 0; i < SPANS; i++)
        assert_int_equal(found[i], 1);
    assert_none(1, 1);
}

/* The search begins where something was found last, and still sees all the rest. */
static void the_search_comes_round_to_where_it_began(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SPARE_SLOTS * 3; i++)
        put(at(4096 + i * 64, i == SPARE_SLOTS * 2 ? 64 : 16));
    assert_taken(64, 1, 4096 + SPARE_SLOTS * 2 * 64);
    for (unsigned i = 0; i < SPARE_SLOTS * 3 - 1; i++) {
        spare_request_t request = {.size = 16, .align = 16, .window = ANYWHERE};
        range_t         body;
        assert_true(take(&request, &body));
    }
    assert_int_equal(spare_total(&spares), 0);
}

static void slots_are_used_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10000; i++) {
        put(at(0, 64));
        assert_taken(64, 1, 0);
    }
    assert_int_equal(atomic_load_relaxed(&slab.fresh), 1); /* relaxed: one thread. */
}

static bool overlaps(uintptr_t offset, size_t size)
{
    /* relaxed: one thread. */
    return spare_overlaps(atomic_load_relaxed(&spares.anchor), at(offset, size), NULL, NULL);
}

static void what_overlaps_a_span_is_told(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SPARE_SLOTS + 1; i++)
        put(at(64 + i * 128, 64));
    for (unsigned i = 0; i < SPARE_SLOTS + 1; i++) {
        assert_false(overlaps(i * 128, 64));
        assert_true(overlaps(i * 128, 65));
        assert_true(overlaps(64 + i * 128, 1));
        assert_true(overlaps(127 + i * 128, 1));
        assert_false(overlaps(128 + i * 128, 1));
        assert_true(overlaps(i * 128, 192));
    }
    assert_false(spare_overlaps(NULL, at(0, 4096), NULL, NULL));
}

static bool not_any_more(const void *context)
{
    ++*(unsigned *)(uintptr_t)context;
    return false;
}

static void nothing_is_told_of_a_list_given_up(void **state)
{
    spare_block_t *anchor = atomic_load_relaxed(&spares.anchor); /* relaxed: one thread. */
    unsigned       asked = 0;

    (void)state;
    put(at(0, 64));
    assert_false(spare_overlaps(anchor, at(0, 64), not_any_more, &asked));
    assert_int_equal(asked, 1);
}

static void without_memory_the_end_of_a_span_is_handed_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SPARE_SLOTS; i++)
        put(at(i * 64, 16));
    /* relaxed: one thread. Every cell of the first chunk is in use now. */
    atomic_store_relaxed(&slab.fresh, SLAB_FIRST_CHUNK);
    script_answer(OS_MAP, 1, FOREVER, -ENOMEM);
    range_t lost = spare_put(&spares, &slab, at(8192, 100), ANYWHERE);
    assert_int_equal(lost.start, BASE + 8192);
    assert_int_equal(lost.end, BASE + 8292);
    assert_int_equal(spare_total(&spares), SPARE_SLOTS * 16);
}

static void spans_that_touch_become_one(void **state)
{
    (void)state;
    put(at(4096, 64));
    put(at(4160, 64));
    put(at(4032, 64));
    assert_int_equal(spare_total(&spares), 192);
    assert_taken(192, 1, 4032);
    put(at(4096, 64));
    put(at(4161, 64));
    assert_none(65, 1);
}

/* Two regions may lie side by side: a body lies in one. */
static void spans_that_touch_at_a_bound_stay_two(void **state)
{
    (void)state;
    assert_int_equal(range_size(spare_put(&spares, &slab, at(4032, 64), at(0, 4096))), 0);
    assert_int_equal(range_size(spare_put(&spares, &slab, at(4096, 64), at(4096, 4096))), 0);
    assert_none(65, 1);
    assert_int_equal(range_size(spare_put(&spares, &slab, at(4160, 64), at(4096, 4096))), 0);
    assert_taken(128, 1, 4096);
    assert_taken(64, 1, 4032);
}

static void a_body_put_back_joins_what_it_was_carved_from(void **state)
{
    spare_request_t request = {.size = 64, .align = 16, .window = ANYWHERE};
    range_t         body;

    (void)state;
    put(at(4096, 4096));
    for (int i = 0; i < 100; i++) {
        assert_true(take(&request, &body));
        put(body);
    }
    assert_taken(4096, 1, 4096);
}

static void the_end_gives_all_blocks_back(void **state)
{
    (void)state;
    for (unsigned i = 0; i < SPARE_SLOTS * 5; i++)
        put(at(i * 64, 16));
    uint32_t cells = atomic_load_relaxed(&slab.fresh); /* relaxed, here and below: one thread. */
    spare_end(&spares, &slab);
    spares = (spare_t){.anchor = NULL};
    assert_int_equal(spare_start(&spares, &slab, BASE), 0);
    for (unsigned i = 0; i < SPARE_SLOTS * 5; i++)
        put(at(i * 64, 16));
    assert_int_equal(atomic_load_relaxed(&slab.fresh), cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_found_before_the_start_or_in_an_empty_list, start, end),
        cmocka_unit_test_setup_teardown(starting_again_changes_nothing, start, end),
        cmocka_unit_test_setup_teardown(a_start_without_memory_is_refused, start, end),
        cmocka_unit_test_setup_teardown(a_span_is_carved_from_below_until_it_is_gone, start, end),
        cmocka_unit_test_setup_teardown(padding_in_front_is_not_lost, start, end),
        cmocka_unit_test_setup_teardown(alignment_is_of_the_address_not_of_the_offset, start, end),
        cmocka_unit_test_setup_teardown(a_span_too_short_once_aligned_is_left_alone, start, end),
        cmocka_unit_test_setup_teardown(absurd_sizes_do_not_wrap, start, end),
        cmocka_unit_test_setup_teardown(a_body_lies_inside_the_window, start, end),
        cmocka_unit_test_setup_teardown(a_body_that_is_not_accepted_is_passed_over, start, end),
        cmocka_unit_test_setup_teardown(many_spans_are_all_found_again, start, end),
        cmocka_unit_test_setup_teardown(the_search_comes_round_to_where_it_began, start, end),
        cmocka_unit_test_setup_teardown(slots_are_used_again, start, end),
        cmocka_unit_test_setup_teardown(what_overlaps_a_span_is_told, start, end),
        cmocka_unit_test_setup_teardown(nothing_is_told_of_a_list_given_up, start, end),
        cmocka_unit_test_setup_teardown(without_memory_the_end_of_a_span_is_handed_back, start, end),
        cmocka_unit_test_setup_teardown(spans_that_touch_become_one, start, end),
        cmocka_unit_test_setup_teardown(spans_that_touch_at_a_bound_stay_two, start, end),
        cmocka_unit_test_setup_teardown(a_body_put_back_joins_what_it_was_carved_from, start, end),
        cmocka_unit_test_setup_teardown(the_end_gives_all_blocks_back, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
