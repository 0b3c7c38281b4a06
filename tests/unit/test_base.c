/* SPDX-License-Identifier: MIT
 *
 * base: arithmetic that cannot overflow unseen.
 */
#include "base.h"

#include "unit.h"

static void align_down_and_up_meet_at_multiples(void **state)
{
    (void)state;
    assert_int_equal(align_down(4096, 4096), 4096);
    assert_int_equal(align_up(4096, 4096), 4096);
    assert_int_equal(align_down(8191, 4096), 4096);
    assert_int_equal(align_up(4097, 4096), 8192);
    assert_int_equal(align_up(0, 16), 0);
    assert_int_equal(align_up(7, 1), 7);
}

static void align_up_saturates_at_the_greatest_multiple(void **state)
{
    (void)state;
    assert_int_equal(align_up(UINTPTR_MAX, 4096), UINTPTR_MAX - 4095);
    assert_int_equal(align_up(UINTPTR_MAX - 4094, 4096), UINTPTR_MAX - 4095);
    assert_int_equal(align_up(UINTPTR_MAX - 4095, 4096), UINTPTR_MAX - 4095);
    assert_int_equal(align_up(UINTPTR_MAX, 1), UINTPTR_MAX);
}

static void addition_saturates(void **state)
{
    (void)state;
    assert_int_equal(add_saturating(1, 2), 3);
    assert_int_equal(add_saturating(UINTPTR_MAX, 0), UINTPTR_MAX);
    assert_int_equal(add_saturating(UINTPTR_MAX - 1, 1), UINTPTR_MAX);
    assert_int_equal(add_saturating(UINTPTR_MAX, 1), UINTPTR_MAX);
    assert_int_equal(add_saturating(2, UINTPTR_MAX), UINTPTR_MAX);
}

static void powers_of_two_are_told(void **state)
{
    (void)state;
    assert_false(is_power_of_two(0));
    assert_true(is_power_of_two(1));
    assert_true(is_power_of_two(4096));
    assert_false(is_power_of_two(4097));
    assert_true(is_power_of_two(SIZE_MAX / 2 + 1));
    assert_false(is_power_of_two(SIZE_MAX));
}

static void the_next_power_of_two_is_not_below(void **state)
{
    (void)state;
    assert_int_equal(power_of_two_from(1), 1);
    assert_int_equal(power_of_two_from(4096), 4096);
    assert_int_equal(power_of_two_from(4097), 8192);
    assert_int_equal(power_of_two_from(SIZE_MAX / 2 + 1), SIZE_MAX / 2 + 1);
}

static void a_range_contains_its_parts_only(void **state)
{
    range_t range = {100, 200};

    (void)state;
    assert_int_equal(range_size(range), 100);
    assert_true(range_contains(range, range));
    assert_true(range_contains(range, (range_t){150, 150}));
    assert_false(range_contains(range, (range_t){99, 150}));
    assert_false(range_contains(range, (range_t){150, 201}));
    assert_false(range_contains(range, (range_t){150, 149}));
}

static void least_and_greatest(void **state)
{
    (void)state;
    assert_int_equal(min_address(1, 2), 1);
    assert_int_equal(min_address(2, 1), 1);
    assert_int_equal(max_address(1, 2), 2);
    assert_int_equal(max_address(2, 1), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(align_down_and_up_meet_at_multiples),
        cmocka_unit_test(align_up_saturates_at_the_greatest_multiple),
        cmocka_unit_test(addition_saturates),
        cmocka_unit_test(powers_of_two_are_told),
        cmocka_unit_test(the_next_power_of_two_is_not_below),
        cmocka_unit_test(a_range_contains_its_parts_only),
        cmocka_unit_test(least_and_greatest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
