/* SPDX-License-Identifier: MIT
 *
 * region: memory is committed from the start upward, in steps while they can be had, and to the page when not.
 */
#include "region.h"

#include <errno.h>
#include <unistd.h>

#include "arena.h"
#include "os.h"
#include "scripted_os.h"
#include "team.h"
#include "unit.h"

enum { PAGES = 16, STEP_PAGES = 4 };

static int commit_by_steps(region_t *which, uintptr_t address, size_t step)
{
    return region_commit(which, address, (commit_policy_t){.step = step});
}

static size_t   page;
static range_t  arena;
static range_t  range;
static region_t region;

/* A region over 16 pages, of which `limit` allows bodies the first ones. */
static void start_region(uintptr_t limit)
{
    region_origin_t origin = {.range = range, .limit = limit, .base = arena.start, .key = 7};

    region_start(&region, &origin);
}

static int start(void **state)
{
    (void)state;
    page = os_page_size();
    arena = arena_take((PAGES + 2) * page);
    range = arena_part(arena, page, PAGES * page);
    arena_free(range);
    assert_int_equal(os_reserve(range), 0);
    script_clear(NULL);
    start_region(arena.end);
    return 0;
}

static int end(void **state)
{
    arena_end(arena);
    return script_clear(state);
}

static uintptr_t pages_up(size_t pages)
{
    return range.start + pages * page;
}

/* R2 */
static void a_new_region_has_nothing_committed(void **state)
{
    (void)state;
    assert_int_equal(region_first(&region), range.start);
    assert_int_equal(region_committed(&region), range.start);
    assert_int_equal(bump_level(&region.bump), range.start);
    assert_false(is_readable(range.start));
}

/* R2: the last page may reach beyond what bodies may use. */
static void bodies_stay_below_the_limit_while_pages_are_whole(void **state)
{
    range_t claim;

    (void)state;
    start_region(range.end - page + 48);
    assert_int_equal(bump_end(&region.bump), range.end - page + 48);
    assert_int_equal(region_pages(&region).start, range.start);
    assert_int_equal(region_pages(&region).end, range.end);
    assert_int_equal(bump_claim(&region.bump, PAGES * page, &claim), BUMP_FULL);
    assert_int_equal(commit_by_steps(&region, range.end - page + 48, page), 0);
    assert_int_equal(region_committed(&region), range.end);
}

static void memory_is_committed_in_steps(void **state)
{
    size_t step = STEP_PAGES * page;

    (void)state;
    assert_int_equal(commit_by_steps(&region, range.start + 1, step), 0);
    assert_int_equal(region_committed(&region), pages_up(4));
    assert_int_equal(commit_by_steps(&region, pages_up(4), step), 0);
    assert_int_equal(script_calls(OS_COMMIT), 1);
    assert_int_equal(commit_by_steps(&region, pages_up(4) + 1, step), 0);
    assert_int_equal(region_committed(&region), pages_up(8));
    assert_int_equal(commit_by_steps(&region, pages_up(13), step), 0);
    assert_int_equal(region_committed(&region), range.end);
    assert_int_equal(script_calls(OS_COMMIT), 3);
}

/* R3 */
static void what_is_committed_is_writable_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(commit_by_steps(&region, pages_up(3), page), 0);
    for (size_t i = 0; i < 3; i++)
        assert_true(is_writable(pages_up(i)));
    assert_false(is_readable(pages_up(3)));
}

static void a_step_never_goes_beyond_the_region(void **state)
{
    (void)state;
    assert_int_equal(commit_by_steps(&region, range.start + 1, 1024 * page), 0);
    assert_int_equal(region_committed(&region), range.end);
    assert_int_equal(script_last_range(OS_COMMIT).end, range.end);
}

static void a_refused_step_falls_back_to_the_exact_page(void **state)
{
    (void)state;
    script_answer(OS_COMMIT, 1, 1, -ENOMEM);
    assert_int_equal(commit_by_steps(&region, range.start + page + 1, STEP_PAGES * page), 0);
    assert_int_equal(region_committed(&region), pages_up(2));
    assert_true(is_writable(pages_up(1)));
    assert_false(is_readable(pages_up(2)));
}

static void a_refused_page_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(commit_by_steps(&region, pages_up(1), page), 0);
    script_answer(OS_COMMIT, 1, 2, -ENOMEM);
    assert_int_equal(commit_by_steps(&region, pages_up(2), STEP_PAGES * page), -ENOMEM);
    assert_int_equal(region_committed(&region), pages_up(1));
    assert_int_equal(commit_by_steps(&region, pages_up(2), page), 0);
    assert_int_equal(region_committed(&region), pages_up(2));
}

static void commit_much(void *context)
{
    assert_int_equal(commit_by_steps(context, pages_up(10), page), 0);
}

/* R3: a thread that was overtaken does not take back what the other one committed. */
static void committed_only_grows(void **state)
{
    (void)state;
    script_interlude(OS_COMMIT, 1, commit_much, &region);
    assert_int_equal(commit_by_steps(&region, pages_up(2), page), 0);
    assert_int_equal(region_committed(&region), pages_up(10));
    for (size_t i = 0; i < 10; i++)
        assert_true(is_writable(pages_up(i)));
}

static void committing_again_keeps_the_contents(void **state)
{
    char *bytes = (char *)range.start;

    (void)state;
    assert_int_equal(commit_by_steps(&region, pages_up(1), page), 0);
    bytes[5] = 'x';
    script_interlude(OS_COMMIT, 1, commit_much, &region);
    assert_int_equal(commit_by_steps(&region, pages_up(2), page), 0);
    assert_int_equal(bytes[5], 'x');
    assert_int_equal(bytes[page], 0);
}

static _Atomic unsigned faults;

/* Each member claims and commits and writes, up the whole region. */
static void climb(void *shared, unsigned member)
{
    size_t  size = *(const size_t *)shared;
    range_t body;

    while (bump_claim(&region.bump, size, &body) == BUMP_CLAIMED) {
        unsigned char *bytes = (unsigned char *)body.start;
        if (commit_by_steps(&region, body.end, page << member) || region_committed(&region) < body.end) {
            atomic_fetch_add_relaxed(&faults, 1); /* relaxed: read after the threads are joined. */
            return;
        }
        bytes[0]++;
        bytes[size - 1]++;
    }
}

/* R4 */
static void threads_commit_what_they_claim(void **state)
{
    size_t size = page / 4;

    (void)state;
    faults = 0;
    team_run(4, climb, &size);
    assert_int_equal(faults, 0);
    for (uintptr_t at = range.start; at < range.end; at += size)
        assert_true(*(unsigned char *)at == 1 && *(unsigned char *)(at + size - 1) == 1);
}

#ifndef NDEBUG
static bool check_quietly(void *context)
{
    (void)context;
    (void)close(STDERR_FILENO);
    region_check(&region);
    return true;
}

/* Whether a debug build passes a region one of whose words is `value`. */
static bool passes(_Atomic uintptr_t *word, uintptr_t value)
{
    atomic_store_relaxed(word, value); /* relaxed: one thread. */
    return child_says(check_quietly, NULL);
}

static void debug_builds_check_the_invariants(void **state)
{
    (void)state;
    assert_true(passes(&region.committed, range.end));
    assert_false(passes(&region.committed, range.end + page)); /* R2 */
    assert_false(passes(&region.committed, range.start - 1));  /* R2 */
    start_region(arena.end);
    assert_false(passes(&region.bump.cursor, range.start - 1)); /* R1 */
    start_region(arena.end);
    assert_false(passes(&region.base, range.start)); /* R1 */
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_new_region_has_nothing_committed, start, end),
        cmocka_unit_test_setup_teardown(bodies_stay_below_the_limit_while_pages_are_whole, start, end),
        cmocka_unit_test_setup_teardown(memory_is_committed_in_steps, start, end),
        cmocka_unit_test_setup_teardown(what_is_committed_is_writable_and_nothing_else, start, end),
        cmocka_unit_test_setup_teardown(a_step_never_goes_beyond_the_region, start, end),
        cmocka_unit_test_setup_teardown(a_refused_step_falls_back_to_the_exact_page, start, end),
        cmocka_unit_test_setup_teardown(a_refused_page_changes_nothing, start, end),
        cmocka_unit_test_setup_teardown(committed_only_grows, start, end),
        cmocka_unit_test_setup_teardown(committing_again_keeps_the_contents, start, end),
        cmocka_unit_test_setup_teardown(threads_commit_what_they_claim, start, end),
#ifndef NDEBUG
        cmocka_unit_test_setup_teardown(debug_builds_check_the_invariants, start, end),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
