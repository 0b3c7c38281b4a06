/* SPDX-License-Identifier: MIT
 *
 * bump: every byte is handed out exactly once, by claims, by the tail, by the seal. Other threads come in exactly
 * between a load and what is decided by it, and then as they please.
 */
#include <string.h>

#include "team.h"
#include "unit.h"

/* Another thread's turn, after the nth load of a bump's word from now on. */
static void (*interlope)(void);
static unsigned loads_before;

static uintptr_t load_then_interlope(const _Atomic uintptr_t *word);

/* bump.h is compiled with this load in the place of its own. */
#include "atomic.h"
#undef atomic_load_relaxed
#define atomic_load_relaxed(object) load_then_interlope(object)
#include "bump.h"

/* In each of the claims the first relaxed load is the end, the second the cursor. */
enum { CURSOR_LOAD = 2, START = 0x10000, END = START + 100 };

static uintptr_t load_then_interlope(const _Atomic uintptr_t *word)
{
    uintptr_t value = atomic_load_explicit(word, memory_order_relaxed);

    if (loads_before && --loads_before == 0)
        interlope();
    return value;
}

static bump_t bump;

static int start(void **state)
{
    (void)state;
    loads_before = 0;
    bump_start(&bump, (range_t){START, END});
    return 0;
}

static void interlope_after_cursor(void (*turn)(void))
{
    interlope = turn;
    loads_before = CURSOR_LOAD;
}

static void assert_claimed(size_t size, uintptr_t at)
{
    range_t range;

    assert_int_equal(bump_claim(&bump, size, &range), BUMP_CLAIMED);
    assert_int_equal(range.start, at);
    assert_int_equal(range.end, at + size);
}

static void claims_follow_one_another_to_the_last_byte(void **state)
{
    range_t range;

    (void)state;
    assert_claimed(1, START);
    assert_claimed(60, START + 1);
    assert_claimed(39, START + 61);
    assert_int_equal(bump_claim(&bump, 1, &range), BUMP_FULL);
    assert_int_equal(bump_level(&bump), END);
}

static void what_does_not_fit_takes_nothing(void **state)
{
    range_t range = {1, 2};

    (void)state;
    assert_claimed(90, START);
    assert_int_equal(bump_claim(&bump, 11, &range), BUMP_FULL);
    assert_int_equal(bump_claim(&bump, SIZE_MAX, &range), BUMP_FULL);
    assert_int_equal(bump_claim_aligned(&bump, 5, 4096, &range), BUMP_FULL);
    assert_false(bump_claim_at(&bump, (range_t){START + 90, END + 1}));
    assert_int_equal(range.start, 1);
    assert_int_equal(range.end, 2);
    assert_claimed(10, START + 90);
}

static void claim_60(void)
{
    assert_claimed(60, START);
}

/* B3: the addition that crosses the end gets what is left. */
static void the_crossing_claim_gets_the_tail(void **state)
{
    range_t range;

    (void)state;
    interlope_after_cursor(claim_60);
    assert_int_equal(bump_claim(&bump, 50, &range), BUMP_TAIL);
    assert_int_equal(range.start, START + 60);
    assert_int_equal(range.end, END);
    assert_int_equal(bump_level(&bump), END);
}

static void cross_the_end(void)
{
    claim_60();
    /* relaxed: one thread. What a third thread does that had also seen room for its claim. */
    atomic_fetch_add_relaxed(&bump.cursor, 60);
}

/* B3: whoever adds after the crossing gets nothing, neither tail nor claim. */
static void an_overshooting_claim_gets_nothing(void **state)
{
    range_t range = {1, 2};

    (void)state;
    interlope_after_cursor(cross_the_end);
    assert_int_equal(bump_claim(&bump, 50, &range), BUMP_FULL);
    assert_int_equal(range.start, 1);
    assert_int_equal(bump_level(&bump), END);
    assert_int_equal(bump_seal(&bump, &range), BUMP_FULL);
}

static void claim_all(void)
{
    assert_claimed(100, START);
}

/* No tail of no bytes. */
static void a_claim_that_finds_the_end_exactly_reached_gets_nothing(void **state)
{
    range_t range;

    (void)state;
    interlope_after_cursor(claim_all);
    assert_int_equal(bump_claim(&bump, 50, &range), BUMP_FULL);
}

/* B1 */
static void refused_claims_never_move_the_cursor(void **state)
{
    uintptr_t top = UINTPTR_MAX - 15;
    range_t   range;

    (void)state;
    bump_start(&bump, (range_t){top - 64, top});
    assert_int_equal(bump_claim(&bump, 48, &range), BUMP_CLAIMED);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(bump_claim(&bump, 32, &range), BUMP_FULL);
        assert_int_equal(bump_claim_aligned(&bump, 32, 4096, &range), BUMP_FULL);
        assert_int_equal(bump_claim_aligned(&bump, 32, 16, &range), BUMP_FULL);
    }
    assert_int_equal(bump_level(&bump), top - 16);
    assert_claimed(16, top - 16);
}

static void an_aligned_claim_includes_its_padding(void **state)
{
    range_t range;

    (void)state;
    assert_claimed(3, START);
    assert_int_equal(bump_claim_aligned(&bump, 20, 32, &range), BUMP_CLAIMED);
    assert_int_equal(range.start, START + 3);
    assert_int_equal(range.end, START + 52);
    assert_int_equal(bump_claim_aligned(&bump, 36, 64, &range), BUMP_CLAIMED);
    assert_int_equal(range.end, END);
    assert_int_equal(bump_claim_aligned(&bump, 1, 1, &range), BUMP_FULL);
}

static void an_aligned_claim_starts_over_when_overtaken(void **state)
{
    range_t range;

    (void)state;
    interlope_after_cursor(claim_60);
    assert_int_equal(bump_claim_aligned(&bump, 20, 32, &range), BUMP_CLAIMED);
    assert_int_equal(range.start, START + 60);
    assert_int_equal(range.end, START + 64 + 20);
    assert_int_equal(bump_claim_aligned(&bump, 20, 32, &range), BUMP_FULL);
}

static void a_place_is_claimed_only_at_the_cursor(void **state)
{
    (void)state;
    assert_false(bump_claim_at(&bump, (range_t){START + 8, START + 16}));
    assert_true(bump_claim_at(&bump, (range_t){START, START + 16}));
    assert_false(bump_claim_at(&bump, (range_t){START, START + 16}));
    assert_true(bump_claim_at(&bump, (range_t){START + 16, END}));
}

static void the_seal_takes_all_that_is_left_once(void **state)
{
    range_t range;

    (void)state;
    assert_claimed(60, START);
    assert_int_equal(bump_seal(&bump, &range), BUMP_TAIL);
    assert_int_equal(range.start, START + 60);
    assert_int_equal(range.end, END);
    assert_int_equal(bump_seal(&bump, &range), BUMP_FULL);
    assert_int_equal(bump_claim(&bump, 1, &range), BUMP_FULL);
    assert_int_equal(bump_claim_aligned(&bump, 1, 1, &range), BUMP_FULL);
    assert_int_equal(bump_level(&bump), END);
}

static void a_full_range_is_sealed_without_a_tail(void **state)
{
    range_t range = {START + 50, END};

    (void)state;
    assert_claimed(50, START);
    assert_claimed(50, START + 50);
    assert_int_equal(bump_seal(&bump, &range), BUMP_FULL);
    assert_false(bump_return(&bump, (range_t){START + 50, END}));
}

static void the_seal_starts_over_when_overtaken(void **state)
{
    range_t range;

    (void)state;
    interlope_after_cursor(claim_60);
    assert_int_equal(bump_seal(&bump, &range), BUMP_TAIL);
    assert_int_equal(range.start, START + 60);
}

static void only_the_last_claim_can_be_returned(void **state)
{
    (void)state;
    assert_claimed(40, START);
    assert_claimed(40, START + 40);
    assert_false(bump_return(&bump, (range_t){START, START + 40}));
    assert_true(bump_return(&bump, (range_t){START + 40, START + 80}));
    assert_int_equal(bump_level(&bump), START + 40);
    assert_true(bump_return(&bump, (range_t){START + 20, START + 40}));
    assert_claimed(80, START + 20);
}

static void a_return_overtaken_by_the_crossing_is_refused(void **state)
{
    range_t range;

    (void)state;
    interlope_after_cursor(claim_60);
    assert_int_equal(bump_claim(&bump, 50, &range), BUMP_TAIL);
    assert_false(bump_return(&bump, (range_t){START, START + 60}));
    assert_false(bump_return(&bump, (range_t){START + 60, END}));
}

/* B2, by real threads. */
enum { THREADS = 4, ROUNDS = 200, BYTES = 20000 };

static _Atomic unsigned char owners[BYTES];

static void own(range_t range)
{
    for (uintptr_t at = range.start; at < range.end; at++)
        atomic_fetch_add_relaxed(&owners[at - START], 1); /* relaxed: read after the threads are joined. */
}

/* Claims in every way until nothing is left, and gives some of it back. */
static void claim_until_full(void *shared, unsigned member)
{
    unsigned long *seed = (unsigned long *)shared + member;
    range_t        range;
    bump_outcome_t outcome;

    do {
        unsigned size = 1 + random_below(seed, 40);
        outcome = random_below(seed, 3) ? bump_claim(&bump, size, &range) : bump_claim_aligned(&bump, size, 16, &range);
        if (outcome == BUMP_CLAIMED && random_below(seed, 8) == 0 && bump_return(&bump, range))
            continue;
        if (outcome != BUMP_FULL)
            own(range);
    } while (outcome != BUMP_FULL);
    if (bump_seal(&bump, &range) == BUMP_TAIL)
        own(range);
}

static void threads_get_every_byte_exactly_once(void **state)
{
    unsigned long seeds[THREADS] = {1, 2, 3, 4};

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        memset((void *)owners, 0, sizeof(owners));
        bump_start(&bump, (range_t){START, START + BYTES});
        team_run(THREADS, claim_until_full, seeds);
        for (unsigned i = 0; i < BYTES; i++)
            assert_int_equal(owners[i], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(claims_follow_one_another_to_the_last_byte, start),
        cmocka_unit_test_setup(what_does_not_fit_takes_nothing, start),
        cmocka_unit_test_setup(the_crossing_claim_gets_the_tail, start),
        cmocka_unit_test_setup(an_overshooting_claim_gets_nothing, start),
        cmocka_unit_test_setup(a_claim_that_finds_the_end_exactly_reached_gets_nothing, start),
        cmocka_unit_test_setup(refused_claims_never_move_the_cursor, start),
        cmocka_unit_test_setup(an_aligned_claim_includes_its_padding, start),
        cmocka_unit_test_setup(an_aligned_claim_starts_over_when_overtaken, start),
        cmocka_unit_test_setup(a_place_is_claimed_only_at_the_cursor, start),
        cmocka_unit_test_setup(the_seal_takes_all_that_is_left_once, start),
        cmocka_unit_test_setup(a_full_range_is_sealed_without_a_tail, start),
        cmocka_unit_test_setup(the_seal_starts_over_when_overtaken, start),
        cmocka_unit_test_setup(only_the_last_claim_can_be_returned, start),
        cmocka_unit_test_setup(a_return_overtaken_by_the_crossing_is_refused, start),
        cmocka_unit_test(threads_get_every_byte_exactly_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
