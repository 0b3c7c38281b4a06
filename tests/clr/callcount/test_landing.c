/* SPDX-License-Identifier: MIT
 *
 * landing: what is reserved at the start, and until when.
 */
#include "landing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB ((size_t)1 << 20)

enum { PAGE = 4096, BODY = 100 };

static landing_t landing;

static lintel_heap_t *create(pool_choice_t choice)
{
    lintel_heap_t *heap = NULL;

    assert_int_equal(landing_create_heap(choice, &landing, &heap), 0);
    return heap;
}

static void end(lintel_heap_t *heap)
{
    landing_open(&landing);
    lintel_heap_destroy(heap);
}

static void *map_at(uintptr_t address)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;

    return mmap((void *)address, PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
}

static bool is_free(uintptr_t address)
{
    void *page = map_at(address);

    return page != MAP_FAILED && !munmap(page, PAGE);
}

/* Address space of a module with one body, above an image with room behind it. */
static uint64_t reserved_for_a_body(lintel_heap_t *heap)
{
    uint8_t             *image = mmap(NULL, 4 * MIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    lintel_module_desc_t desc = {.base = (uintptr_t)image, .image_size = PAGE};
    lintel_module_t     *module = NULL;
    lintel_stats_t       stats = {0};

    assert_ptr_not_equal(image, MAP_FAILED);
    assert_int_equal(munmap(image + PAGE, 4 * MIB - PAGE), 0);
    assert_int_equal(lintel_module_open(heap, &desc, &module), 0);
    assert_non_null(lintel_alloc(module, BODY));
    lintel_module_stats(module, &stats);
    lintel_module_close(heap, desc.base);
    lintel_module_release(module);
    munmap(image, PAGE);
    return stats.reserved;
}

static void few_modules_need_a_second_region(void **state)
{
    (void)state;
    for (pool_choice_t choice = POOL_ZONE; choice <= POOL_OFF; choice++) {
        lintel_heap_t *heap = create(choice);
        assert_int_equal(reserved_for_a_body(heap), LANDING_FIRST_REGION);
        end(heap);
    }
}

static void the_zone_lies_below_the_pool_until_it_is_opened(void **state)
{
    (void)state;
    lintel_heap_t *heap = create(POOL_ZONE);

    assert_int_equal(landing.pool, landing.zone + LANDING_ZONE_SIZE);
    assert_false(is_free(landing.zone));
    assert_false(is_free(landing.pool - PAGE));
    assert_false(is_free(landing.pool));
    landing_open(&landing);
    assert_true(is_free(landing.zone));
    assert_true(is_free(landing.pool - PAGE));
    assert_false(is_free(landing.pool));
    end(heap);
}

static void what_has_landed_stays(void **state)
{
    (void)state;
    lintel_heap_t *heap = create(POOL_ZONE);

    landing_open(&landing);
    char *image = map_at(landing.zone);
    assert_ptr_not_equal(image, MAP_FAILED);
    landing_open(&landing);
    *image = 1;
    munmap(image, PAGE);
    end(heap);
}

static void a_pool_alone_has_no_zone(void **state)
{
    (void)state;
    lintel_heap_t *heap = create(POOL_ALONE);

    assert_true(is_free(landing.pool - PAGE));
    assert_false(is_free(landing.pool));
    end(heap);
}

static void no_pool_is_asked_for(void **state)
{
    (void)state;
    lintel_heap_t *heap = create(POOL_OFF);

    assert_int_equal(landing.zone, 0);
    assert_int_equal(landing.pool, 0);
    end(heap);
}

static size_t address_space(void)
{
    char  line[100] = {0};
    FILE *file = fopen("/proc/self/statm", "r");

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    fclose(file);
    return strtoul(line, NULL, 10) * PAGE; /* the first figure is the whole */
}

/* The heap does without a pool. */
static void address_space_is_refused(void **state)
{
    (void)state;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    struct rlimit little = {address_space() + 512 * MIB, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_AS, &little), 0);
    lintel_heap_t *heap = create(POOL_ZONE);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);

    assert_int_equal(landing.zone, 0);
    assert_int_equal(landing.pool, 0);
    assert_int_equal(reserved_for_a_body(heap), LANDING_FIRST_REGION);
    end(heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_modules_need_a_second_region),
        cmocka_unit_test(the_zone_lies_below_the_pool_until_it_is_opened),
        cmocka_unit_test(what_has_landed_stays),
        cmocka_unit_test(a_pool_alone_has_no_zone),
        cmocka_unit_test(no_pool_is_asked_for),
        cmocka_unit_test(address_space_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
