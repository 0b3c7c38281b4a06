/* SPDX-License-Identifier: MIT
 *
 * print: lists of more than one. A region that is prepared, from which nothing was handed out, is among its module's.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "module_growth.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

static subject_t subject;

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static void what_is_prepared_is_printed_last(void **state)
{
    lintel_region_t regions[3];
    char            expected[256];
    char           *printed = NULL;
    size_t          size;

    (void)state;
    subject = subject_open(GIB, &bare, NULL);
    subject_free(&subject, MIB, MIB);
    assert_non_null(lintel_alloc(subject.module, 100));
    (void)module_prepare(subject.module->module, 4 * KIB, 0);
    assert_int_equal(lintel_module_regions(subject.module, 3, regions), 2);
    FILE *out = open_memstream(&printed, &size);
    assert_non_null(out);
    assert_int_equal(lintel_heap_print(subject.heap, out, LINTEL_JSON), 0);
    assert_int_equal(fclose(out), 0);
    snprintf(expected, sizeof(expected),
             ",\n      {\"start\": \"%#" PRIxPTR "\", \"reserved\": %zu, \"committed\": %zu, \"used\": 0}]}\n",
             regions[1].start, regions[1].reserved, regions[1].committed);
    assert_non_null(strstr(printed, expected));
    free(printed);
}

static void modules_have_commas_between_them(void **state)
{
    char  *printed = NULL;
    size_t size;

    (void)state;
    subject = subject_open(GIB, &bare, NULL);
    for (uint64_t key = 1; key <= 2; key++) {
        lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};
        lintel_module_t     *module;
        assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    }
    FILE *out = open_memstream(&printed, &size);
    assert_non_null(out);
    assert_int_equal(lintel_heap_print(subject.heap, out, LINTEL_JSON), 0);
    assert_int_equal(fclose(out), 0);
    unsigned    count = 0;
    const char *at = printed;
    for (; (at = strstr(at, "\"region_list\": []}")); count++, at += 18)
        assert_int_equal(strncmp(at + 18, count < 2 ? ",\n    {\"name\"" : "\n  ]\n}\n", count < 2 ? 13 : 7), 0);
    assert_int_equal(count, 3);
    free(printed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_is_prepared_is_printed_last, end),
        cmocka_unit_test_teardown(modules_have_commas_between_them, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
