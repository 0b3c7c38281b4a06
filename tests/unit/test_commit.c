/* SPDX-License-Identifier: MIT
 *
 * commit policy: steps that grow with the module, pages made resident and large pages asked for where that was chosen.
 */
#include <lintel/lintel.h>

#include <string.h>

#include "base.h"
#include "os.h"
#include "scripted_os.h"
#include "unit.h"

#define BASE ((uintptr_t)0x200000000000)

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

typedef struct {
    lintel_heap_t   *heap;
    lintel_module_t *module;
} subject_t;

static subject_t open_subject(lintel_heap_options_t options)
{
    lintel_module_desc_t desc = {.base = BASE, .image_size = 4096};
    subject_t            subject;

    populated = preferred = 0;
    assert_int_equal(lintel_heap_create(&options, &subject.heap), 0);
    assert_int_equal(lintel_module_open(subject.heap, &desc, &subject.module), 0);
    return subject;
}

static void allocate(const subject_t *subject, size_t bytes)
{
    for (size_t done = 0; done < bytes; done += 4096)
        assert_non_null(lintel_alloc(subject->module, 4096));
}

static lintel_stats_t stats_of(const subject_t *subject)
{
    lintel_stats_t stats;

    assert_int_equal(lintel_module_stats(subject->module, &stats), 0);
    return stats;
}

/* A quarter of what was handed out, one step rounded down to a power of two, and the step that every heap has. */
static void steps_stay_in_proportion(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){0});

    (void)state;
    for (size_t bytes = 0; bytes < 8 * MIB; bytes += 4096) {
        assert_non_null(lintel_alloc(subject.module, 4096));
        lintel_stats_t stats = stats_of(&subject);
        assert_true(stats.committed <= stats.allocated + stats.allocated / 4 + 16 * KIB);
    }
    lintel_heap_destroy(subject.heap);
}

static void system_calls_get_rare(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){0});

    (void)state;
    allocate(&subject, MIB);
    for (unsigned megabyte = 0; megabyte < 16; megabyte++) {
        unsigned before = script_calls(OS_COMMIT);
        allocate(&subject, MIB);
        assert_in_range(script_calls(OS_COMMIT) - before, 0, 6);
    }
    lintel_heap_destroy(subject.heap);
}

static void nothing_is_populated_by_default(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){0});

    (void)state;
    allocate(&subject, 16 * MIB);
    assert_int_equal(populated, 0);
    assert_int_equal(preferred, 0);
    lintel_heap_destroy(subject.heap);
}

static void what_is_committed_is_populated_in_small_steps(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){.populate = LINTEL_ON});

    (void)state;
    for (size_t bytes = 0; bytes < 4 * MIB; bytes += 4096) {
        allocate(&subject, 4096);
        assert_int_equal(populated, script_calls(OS_COMMIT));
        assert_true(range_size(last_populated) <= 32 * KIB);
    }
    lintel_heap_destroy(subject.heap);
}

static void large_modules_alone_earn_huge_pages(void **state)
{
    subject_t subject = open_subject((lintel_heap_options_t){.huge = LINTEL_ON});

    (void)state;
    allocate(&subject, 7 * MIB);
    assert_int_equal(preferred, 0);
    allocate(&subject, 25 * MIB);
    assert_true(preferred > 0);
    lintel_heap_destroy(subject.heap);
}

/* A huge page is to be had only where all of it is committed before its first use. */
static void huge_steps_end_where_huge_pages_do(void **state)
{
    subject_t       subject = open_subject((lintel_heap_options_t){.huge = LINTEL_ON});
    lintel_region_t region;

    (void)state;
    allocate(&subject, 16 * MIB);
    for (unsigned step = 0; step < 8; step++) {
        allocate(&subject, 2 * MIB);
        (void)lintel_module_regions(subject.module, 1, &region);
        bool whole = region.committed == region.reserved;
        assert_true(whole || (region.start + region.committed) % OS_HUGE_PAGE == 0);
    }
    lintel_heap_destroy(subject.heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(steps_stay_in_proportion, script_clear),
        cmocka_unit_test_teardown(system_calls_get_rare, script_clear),
        cmocka_unit_test_teardown(nothing_is_populated_by_default, script_clear),
        cmocka_unit_test_teardown(what_is_committed_is_populated_in_small_steps, script_clear),
        cmocka_unit_test_teardown(large_modules_alone_earn_huge_pages, script_clear),
        cmocka_unit_test_teardown(huge_steps_end_where_huge_pages_do, script_clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
