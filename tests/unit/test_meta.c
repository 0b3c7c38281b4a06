/* SPDX-License-Identifier: MIT
 *
 * meta: memory for lintel's own objects begins as zero, wherever it comes from.
 */
#include "meta.h"

#include <string.h>

#include "base.h"
#include "subject.h"
#include "unit.h"

enum { SIZE = 200, OBJECTS = 64 };

static void *objects[OBJECTS];

static void allocate_all(void)
{
    for (unsigned i = 0; i < OBJECTS; i++) {
        objects[i] = meta_allocate(SIZE);
        assert_non_null(objects[i]);
        assert_int_equal((uintptr_t)objects[i] % CACHE_LINE, 0);
        assert_true(all_bytes_are(objects[i], SIZE, 0));
        memset(objects[i], 0x5a, SIZE);
    }
}

static void free_all(void)
{
    for (unsigned i = 0; i < OBJECTS; i++)
        meta_free(objects[i]);
}

static void memory_that_is_used_again_is_zero(void **state)
{
    (void)state;
    assert_int_equal(meta_start(), 0);
    for (unsigned round = 0; round < 3; round++) {
        allocate_all();
        free_all();
    }
    meta_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_is_used_again_is_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
