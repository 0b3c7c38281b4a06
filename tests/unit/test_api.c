/* SPDX-License-Identifier: MIT
 *
 * lintel.h: what comes in is checked, what goes wrong is told, and outputs stay as they were.
 */
#include <lintel/clr.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <urcu/urcu-bp.h>

#include "fork.h"
#include "heaps.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

#define STEP (64 * KIB)

/* The registry can be refused. */
static bool refusing_registries;

int __real_registry_start(registry_t *registry);
int __wrap_registry_start(registry_t *registry);

int __wrap_registry_start(registry_t *registry)
{
    return refusing_registries ? -ENOMEM : __real_registry_start(registry);
}

static subject_t subject;
static size_t    page;

static int start(void **state)
{
    (void)state;
    page = os_page_size();
    subject = subject_open(GIB, NULL, NULL);
    subject_free(&subject, STEP, STEP);
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static int open_as(lintel_module_desc_t desc)
{
    lintel_module_t *module = (lintel_module_t *)8;
    int              result = lintel_module_open(subject.heap, &desc, &module);

    if (result)
        assert_ptr_equal(module, (lintel_module_t *)8);
    else
        lintel_module_release(module);
    return result;
}

static void null_arguments_are_einval(void **state)
{
    lintel_module_desc_t desc = {.base = page};
    lintel_module_t     *module = NULL;
    lintel_stats_t       stats;
    lintel_location_t    location;

    (void)state;
    assert_int_equal(lintel_heap_create(NULL, NULL), -EINVAL);
    assert_int_equal(lintel_module_open(NULL, &desc, &module), -EINVAL);
    assert_int_equal(lintel_module_open(subject.heap, NULL, &module), -EINVAL);
    assert_int_equal(lintel_module_open(subject.heap, &desc, NULL), -EINVAL);
    assert_int_equal(lintel_module_close(NULL, 1), -EINVAL);
    assert_int_equal(lintel_offset(NULL, &desc), -EINVAL);
    assert_int_equal(lintel_publish(NULL, &desc, 1), -EINVAL);
    assert_int_equal(lintel_publish(subject.module, NULL, 1), -EINVAL);
    assert_int_equal(lintel_find(NULL, &desc, &location), -EINVAL);
    assert_int_equal(lintel_find(subject.heap, &desc, NULL), -EINVAL);
    assert_int_equal(lintel_module_stats(NULL, &stats), -EINVAL);
    assert_int_equal(lintel_module_stats(subject.module, NULL), -EINVAL);
    assert_int_equal(lintel_heap_stats(NULL, &stats), -EINVAL);
    assert_int_equal(lintel_heap_stats(subject.heap, NULL), -EINVAL);
    assert_int_equal(lintel_heap_print(NULL, stdout, LINTEL_TEXT), -EINVAL);
    assert_int_equal(lintel_heap_print(subject.heap, NULL, LINTEL_TEXT), -EINVAL);
    assert_int_equal(lintel_module_regions(NULL, 0, NULL), 0);
    lintel_heap_destroy(NULL);
    lintel_module_release(NULL);
    lintel_thread_flush();
}

static void assert_einval(const void *pointer)
{
    assert_null(pointer);
    assert_int_equal(errno, EINVAL);
    errno = 0;
}

static void functions_that_give_pointers_set_errno(void **state)
{
    char byte;

    (void)state;
    errno = 0;
    assert_einval(lintel_module_acquire(NULL, 1));
    assert_einval(lintel_alloc(NULL, 1));
    assert_einval(lintel_alloc(subject.module, 0));
    assert_einval(lintel_alloc_aligned(NULL, 1, 16));
    assert_einval(lintel_alloc_aligned(subject.module, 0, 16));
    assert_einval(lintel_writable(NULL, &byte));
    assert_einval(lintel_writable(subject.module, NULL));
    assert_int_equal(stats_of(subject.module).failures, 0);
}

static void alignments_are_powers_of_two_up_to_4096(void **state)
{
    const size_t bad[] = {0, 3, 12, 4095, 4097, 8192, SIZE_MAX, SIZE_MAX / 2 + 1};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        errno = 0;
        assert_einval(lintel_alloc_aligned(subject.module, 16, bad[i]));
        if (bad[i])
            assert_int_equal(open_as((lintel_module_desc_t){.base = page, .key = 5, .align = bad[i]}), -EINVAL);
    }
    for (size_t align = 1; align <= 4096; align *= 2)
        assert_int_equal(open_as((lintel_module_desc_t){.base = page, .key = 1000 + align, .align = align}), 0);
}

static void bases_are_pages(void **state)
{
    (void)state;
    assert_int_equal(open_as((lintel_module_desc_t){.base = 0, .key = 5}), -EINVAL);
    assert_int_equal(open_as((lintel_module_desc_t){.base = page + 1, .key = 5}), -EINVAL);
    assert_int_equal(open_as((lintel_module_desc_t){.base = page + page / 2, .key = 5}), -EINVAL);
    assert_int_equal(open_as((lintel_module_desc_t){.base = page, .key = 5}), 0);
}

static void images_do_not_wrap(void **state)
{
    uintptr_t            top = UINTPTR_MAX - page + 1;
    lintel_module_desc_t desc = {.base = top, .image_size = page, .key = 5};
    lintel_module_t     *module;

    (void)state;
    assert_int_equal(open_as(desc), -EINVAL);
    desc.image_size = SIZE_MAX;
    assert_int_equal(open_as(desc), -EINVAL);
    desc.base = subject.arena.start;
    assert_int_equal(open_as(desc), -EINVAL);
    /* Up to the very end is no wrap; there is no room above, and that is said. */
    desc.image_size = SIZE_MAX - desc.base;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_refused(module, 1, ENOSPC);
    lintel_module_release(module);
    desc = (lintel_module_desc_t){.base = top, .key = 6, .reach = LINTEL_REACH_ABOVE};
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_refused(module, 1, ENOSPC);
    lintel_module_release(module);
}

static void a_reach_inside_the_image_leaves_no_room(void **state)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = STEP, .key = 5, .reach = STEP - 1};
    lintel_module_t     *module;

    (void)state;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_refused(module, 1, ENOSPC);
    lintel_module_release(module);
}

static void kinds_are_data_and_later_code(void **state)
{
    (void)state;
    assert_int_equal(open_as((lintel_module_desc_t){.base = page, .key = 5, .kind = (lintel_kind_t)2}), -EINVAL);
    assert_int_equal(open_as((lintel_module_desc_t){.base = page, .key = 5, .kind = (lintel_kind_t)-1}), -EINVAL);
}

static void the_name_is_copied(void **state)
{
    char                 name[] = "before";
    lintel_module_desc_t desc = {.base = page, .key = 5, .name = name};
    lintel_module_t     *module;
    char                 text[4096] = "";

    (void)state;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    memcpy(name, "after!", sizeof(name));
    FILE *out = fmemopen(text, sizeof(text), "w");
    assert_int_equal(lintel_heap_print(subject.heap, out, LINTEL_TEXT), 0);
    fclose(out);
    assert_non_null(strstr(text, "before"));
    assert_null(strstr(text, "after!"));
    lintel_module_release(module);
}

static void bad_options_create_nothing(void **state)
{
    const lintel_heap_options_t bad[] = {
        {.gap = (lintel_gap_t)9}, {.pool_size = 1}, {.first_region = SIZE_MAX}, {.commit_step = SIZE_MAX - 4096}};
    lintel_heap_t *heap = (lintel_heap_t *)8;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(lintel_heap_create(&bad[i], &heap), -EINVAL);
    assert_ptr_equal(heap, (lintel_heap_t *)8);
}

static void a_heap_that_is_refused_something_leaves_nothing(void **state)
{
    lintel_heap_options_t options = {.pool_near = subject.arena.start, .pool_size = STEP};
    lintel_heap_t        *heap = (lintel_heap_t *)8;

    script_answer(META_ALLOCATE, 1, 1, 0);
    assert_int_equal(lintel_heap_create(&options, &heap), -ENOMEM);
    script_clear(state);
    script_answer(OS_RESERVE, 1, FOREVER, -ENOMEM);
    assert_int_equal(lintel_heap_create(&options, &heap), -ENOMEM);
    script_clear(state);
    refusing_registries = true;
    assert_int_equal(lintel_heap_create(&options, &heap), -ENOMEM);
    refusing_registries = false;
    options.pool_size = STEP + 1;
    options.pool_reach = GIB - 1;
    assert_int_equal(lintel_heap_create(&options, &heap), -ENOSPC);
    assert_ptr_equal(heap, (lintel_heap_t *)8);
    assert_false(is_mapped(subject.arena.start + STEP));
}

static void heaps_are_apart(void **state)
{
    lintel_heap_t       *other;
    lintel_module_t     *module;
    lintel_module_desc_t desc = {.base = subject.arena.start};
    lintel_stats_t       stats;

    (void)state;
    assert_int_equal(lintel_heap_create(NULL, &other), 0);
    assert_null(lintel_module_acquire(other, subject.arena.start));
    assert_int_equal(lintel_module_open(other, &desc, &module), 0);
    assert_int_equal(lintel_heap_stats(other, &stats), 0);
    assert_int_equal(stats.modules, 1);
    lintel_heap_destroy(other);
    assert_non_null(lintel_alloc(subject.module, 16));
}

/* Of this process, as a fork finds them. */
static unsigned heaps_listed(void)
{
    unsigned count = 0;

    fork_hold();
    for (const lintel_heap_t *heap = heaps; heap; heap = heap->next)
        count++;
    fork_release();
    return count;
}

static void heaps_end_in_any_order(void **state)
{
    lintel_heap_t *others[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(lintel_heap_create(NULL, &others[i]), 0);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(heaps_listed(), 4 - i);
        lintel_heap_destroy(others[(i + 1) % 3]);
    }
    assert_int_equal(heaps_listed(), 1);
    assert_ptr_equal(heaps, subject.heap);
}

static void sums_of_a_heap_are_those_of_its_modules(void **state)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = page, .key = 9};
    lintel_module_t     *module;
    lintel_stats_t       sum;

    (void)state;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    assert_non_null(lintel_alloc(module, 1000));
    subject_free(&subject, 4 * STEP, STEP);
    assert_non_null(lintel_alloc(subject.module, 100));
    assert_null(lintel_alloc(subject.module, 8 * GIB));
    lintel_stats_t a = stats_of(subject.module);
    lintel_stats_t b = stats_of(module);
    assert_int_equal(lintel_heap_stats(subject.heap, &sum), 0);
    assert_int_equal(sum.modules, 2);
    assert_int_equal(sum.regions, a.regions + b.regions);
    assert_int_equal(sum.reserved, a.reserved + b.reserved);
    assert_int_equal(sum.committed, a.committed + b.committed);
    assert_int_equal(sum.allocated, 1100);
    assert_int_equal(sum.allocations, 2);
    assert_int_equal(sum.lost, a.lost + b.lost);
    assert_int_equal(sum.spare, a.spare + b.spare);
    assert_int_equal(sum.failures, 1);
    lintel_module_release(module);
}

/* References that printing takes are given back. */
static void what_was_printed_goes_when_it_is_closed(void **state)
{
    FILE          *out = fopen("/dev/null", "we");
    lintel_stats_t sum;

    (void)state;
    assert_non_null(out);
    assert_int_equal(open_as((lintel_module_desc_t){.base = subject.arena.start, .key = 7}), 0);
    for (int format = LINTEL_TEXT; format <= LINTEL_OPENMETRICS; format++)
        assert_int_equal(lintel_heap_print(subject.heap, out, (lintel_format_t)format), 0);
    assert_int_equal(lintel_module_close(subject.heap, 7), 0);
    urcu_bp_barrier();
    assert_int_equal(lintel_heap_stats(subject.heap, &sum), 0);
    assert_int_equal(sum.modules, 1);
    assert_int_equal(fclose(out), 0);
}

static void the_version_is_that_of_the_headers(void **state)
{
    char version[32];

    (void)state;
    snprintf(version, sizeof(version), "%d.%d.%d", LINTEL_VERSION_MAJOR, LINTEL_VERSION_MINOR, LINTEL_VERSION_PATCH);
    assert_string_equal(lintel_version(), version);
}

/* Nobody puts a function of their own in the place of one of lintel's. */
static void tables_of_functions_are_read_only(void **state)
{
    uintptr_t *object;

    (void)state;
    assert_int_equal(lintel_clr_method_malloc(subject.module, (void **)&object), 0);
    assert_true(is_readable(*object) && !is_writable(*object));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(null_arguments_are_einval, start, end),
        cmocka_unit_test_setup_teardown(functions_that_give_pointers_set_errno, start, end),
        cmocka_unit_test_setup_teardown(alignments_are_powers_of_two_up_to_4096, start, end),
        cmocka_unit_test_setup_teardown(bases_are_pages, start, end),
        cmocka_unit_test_setup_teardown(images_do_not_wrap, start, end),
        cmocka_unit_test_setup_teardown(a_reach_inside_the_image_leaves_no_room, start, end),
        cmocka_unit_test_setup_teardown(kinds_are_data_and_later_code, start, end),
        cmocka_unit_test_setup_teardown(the_name_is_copied, start, end),
        cmocka_unit_test_setup_teardown(bad_options_create_nothing, start, end),
        cmocka_unit_test_setup_teardown(a_heap_that_is_refused_something_leaves_nothing, start, end),
        cmocka_unit_test_setup_teardown(heaps_are_apart, start, end),
        cmocka_unit_test_setup_teardown(heaps_end_in_any_order, start, end),
        cmocka_unit_test_setup_teardown(sums_of_a_heap_are_those_of_its_modules, start, end),
        cmocka_unit_test_setup_teardown(what_was_printed_goes_when_it_is_closed, start, end),
        cmocka_unit_test_setup_teardown(the_version_is_that_of_the_headers, start, end),
        cmocka_unit_test_setup_teardown(tables_of_functions_are_read_only, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
