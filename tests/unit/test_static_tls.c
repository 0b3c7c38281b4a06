/* SPDX-License-Identifier: MIT
 *
 * static_tls: the distance of a thread-local variable is known where it is the same in all threads, and only there.
 */
#include "static_tls.h"

#include "cache_page.h"
#include "team.h"
#include "unit.h"

enum { THREADS = 4 };

#ifdef __x86_64__
static const intptr_t a_distance = -64;
#else
static const intptr_t a_distance = 64;
#endif

/* What the dynamic linker writes for a variable that it found a place for, and for one that each thread gets later. */
static void a_descriptor_tells_a_distance_or_a_place(void **state)
{
    intptr_t fixed[2] = {(intptr_t)&a_distance, a_distance};
    intptr_t late[2] = {(intptr_t)&a_distance, (intptr_t)&late};

    (void)state;
    assert_true(static_tls_distance((intptr_t)fixed, a_distance) == a_distance);
    assert_true(static_tls_distance((intptr_t)late, a_distance) == 0);
    assert_true(static_tls_distance(a_distance, a_distance) == a_distance);
    assert_true(static_tls_distance(1024 * a_distance, 1024 * a_distance) == 1024 * a_distance);
}

static void a_module_and_a_distance_are_both_needed(void **state)
{
    (void)state;
    assert_true(static_tls_both(a_distance, state));
    assert_false(static_tls_both(a_distance, NULL));
    assert_false(static_tls_both(0, &a_distance));
}

static void look_near(void *shared, unsigned member)
{
    bool *same = shared;

    cache_page_get(true);
    same[member] = cache_page_near(&a_distance) == &cache_page_own;
}

static void every_thread_keeps_its_page_where_it_is_looked_for(void **state)
{
    bool same[THREADS] = {false};

    (void)state;
    cache_page_start();
    team_run(THREADS, look_near, same);
    for (unsigned i = 0; i < THREADS; i++)
        assert_true(same[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_descriptor_tells_a_distance_or_a_place),
        cmocka_unit_test(a_module_and_a_distance_are_both_needed),
        cmocka_unit_test(every_thread_keeps_its_page_where_it_is_looked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
