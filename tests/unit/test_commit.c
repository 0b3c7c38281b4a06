/* SPDX-License-Identifier: MIT
 *
 * commit policy: steps that grow with the module, pages made resident and large pages asked for where that was chosen.
 */
#include "os.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

/* What was asked of the kernel. */
static unsigned populated;
static range_t  last_populated;
static unsigned preferred;

void __wrap_os_populate(range_t range);
void __wrap_os_prefer_huge(range_t range);

void __wrap_os_populate(range_t range)
{
    populated++;
    last_populated = range;
}

void __wrap_os_prefer_huge(range_t range)
{
    (void)range;
    preferred++;
}

static subject_t open_subject(lintel_heap_options_t options)
{
    subject_t subject = subject_open(256 * MIB, &options, NULL);

    populated = preferred = 0;
    subject_free(&subject, MIB, 128 * MIB);
    return subject;
}

/* A quarter of what was handed out, one step rounded down to a power of two, and the step that every heap has. */
static void steps_stay_in_proportion(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){0});

    (void)state;
    for (size_t bytes = 0; bytes < 8 * MIB; bytes += 4096) {
        assert_non_null(lintel_alloc(subject.module, 4096));
        lintel_stats_t stats = stats_of(subject.module);
        assert_true(stats.committed <= stats.allocated + stats.allocated / 4 + 16 * KIB);
    }
    subject_end(&subject);
}

static void system_calls_get_rare(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){0});

    (void)state;
    hand_out(subject.module, MIB);
    for (unsigned megabyte = 0; megabyte < 16; megabyte++) {
        unsigned before = script_calls(OS_COMMIT);
        hand_out(subject.module, MIB);
        assert_in_range(script_calls(OS_COMMIT) - before, 0, 6);
    }
    subject_end(&subject);
}

static void nothing_is_populated_by_default(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){0});

    (void)state;
    hand_out(subject.module, 16 * MIB);
    assert_int_equal(populated, 0);
    assert_int_equal(preferred, 0);
    subject_end(&subject);
}

static void what_is_committed_is_populated_in_small_steps(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){.populate = LINTEL_ON});

    (void)state;
    for (size_t bytes = 0; bytes < 4 * MIB; bytes += 4096) {
        hand_out(subject.module, 4096);
        assert_int_equal(populated, script_calls(OS_COMMIT));
        assert_true(range_size(last_populated) <= 32 * KIB);
    }
    subject_end(&subject);
}

static void large_modules_alone_earn_huge_pages(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){.huge = LINTEL_ON});

    (void)state;
    hand_out(subject.module, 2 * MIB + 512 * KIB);
    assert_int_equal(preferred, 0);
    hand_out(subject.module, 3 * MIB);
    assert_int_equal(preferred, 1);
    subject_end(&subject);
}

/* Save where the heap allows less. */
static void regions_of_huge_pages_are_long(void **state)
{
    static const size_t limits[] = {0, 8 * MIB};

    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        subject_t       subject = open_subject((lintel_heap_options_t){.huge = LINTEL_ON, .region_limit = limits[i]});
        lintel_region_t region;
        hand_out(subject.module, 5 * MIB);
        assert_in_range(lintel_module_regions(subject.module, 1, &region), 1, SIZE_MAX);
        assert_int_equal(region.reserved, limits[i] ? limits[i] : 32 * MIB);
        subject_end(&subject);
    }
}

/* A huge page is to be had only where all of it is committed before its first use. */
static void huge_steps_end_where_huge_pages_do(void **state)
{
    subject_t       subject = open_subject((lintel_heap_options_t){.huge = LINTEL_ON});
    lintel_region_t region;

    (void)state;
    hand_out(subject.module, 16 * MIB);
    for (unsigned step = 0; step < 8; step++) {
        hand_out(subject.module, 2 * MIB);
        (void)lintel_module_regions(subject.module, 1, &region);
        bool whole = region.committed == region.reserved;
        assert_true(whole || (region.start + region.committed) % OS_HUGE_PAGE == 0);
    }
    subject_end(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(steps_stay_in_proportion, script_clear),
        cmocka_unit_test_teardown(system_calls_get_rare, script_clear),
        cmocka_unit_test_teardown(nothing_is_populated_by_default, script_clear),
        cmocka_unit_test_teardown(what_is_committed_is_populated_in_small_steps, script_clear),
        cmocka_unit_test_teardown(large_modules_alone_earn_huge_pages, script_clear),
        cmocka_unit_test_teardown(regions_of_huge_pages_are_long, script_clear),
        cmocka_unit_test_teardown(huge_steps_end_where_huge_pages_do, script_clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
