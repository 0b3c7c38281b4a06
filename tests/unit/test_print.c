/* SPDX-License-Identifier: MIT
 *
 * print: a heap in three formats, to the letter, whatever bytes a name is made of.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

#define STEP (64 * KIB)

static subject_t subject;
static char     *printed;

/* A module of 16-byte alignment with one body of 100 bytes. */
static void open_subject(const char *name)
{
    lintel_module_desc_t desc = {.align = 16, .key = 0x2a, .name = name};

    subject = subject_open(GIB, &bare, &desc);
    subject_free(&subject, STEP, STEP);
    assert_non_null(lintel_alloc(subject.module, 100));
}

static int end(void **state)
{
    free(printed);
    printed = NULL;
    subject_end(&subject);
    return script_clear(state);
}

static void print(const lintel_heap_t *heap, lintel_format_t format)
{
    size_t size;

    free(printed);
    FILE *out = open_memstream(&printed, &size);
    assert_non_null(out);
    assert_int_equal(lintel_heap_print(heap, out, format), 0);
    assert_int_equal(fclose(out), 0);
}

__attribute__((format(printf, 1, 2))) static void assert_printed(const char *expected_format, ...)
{
    char    expected[8192];
    va_list arguments;

    va_start(arguments, expected_format);
    vsnprintf(expected, sizeof(expected), expected_format, arguments);
    va_end(arguments);
    assert_string_equal(printed, expected);
}

static void a_heap_as_text(void **state)
{
    char base[32];

    (void)state;
    open_subject("libexample.so.1");
    print(subject.heap, LINTEL_TEXT);
    snprintf(base, sizeof(base), "%#lx", subject.arena.start);
    assert_printed("module                                   base     regions    reserved   committed   allocated "
                   "allocations       spare        lost    failures\n"
                   "libexample.so.1              %16s           1       65536       16384         100 "
                   "          1           0          12           0\n"
                   "total                               1 modules           1       65536       16384         100 "
                   "          1           0          12           0\n",
                   base);
}

static void a_heap_as_json(void **state)
{
    (void)state;
    open_subject("libexample.so.1");
    print(subject.heap, LINTEL_JSON);
    assert_printed("{\n"
                   "  \"version\": \"%s\",\n"
                   "  \"modules\": 1, \"regions\": 1, \"reserved\": 65536, \"committed\": 16384, \"allocated\": 100, "
                   "\"allocations\": 1, \"spare\": 0, \"lost\": 12, \"failures\": 0,\n"
                   "  \"module_list\": [\n"
                   "    {\"name\": \"libexample.so.1\", \"key\": \"0x2a\", \"base\": \"%#lx\", \"serial\": 1, "
                   "\"open\": true,\n"
                   "     \"regions\": 1, \"reserved\": 65536, \"committed\": 16384, \"allocated\": 100, "
                   "\"allocations\": 1, \"spare\": 0, \"lost\": 12, \"failures\": 0,\n"
                   "     \"region_list\": [\n"
                   "      {\"start\": \"%#lx\", \"reserved\": 65536, \"committed\": 16384, \"used\": 112}]}\n"
                   "  ]\n"
                   "}\n",
                   lintel_version(), subject.arena.start, subject.arena.start + STEP);
}

/* Every @ in the text expected stands for the labels. */
static void assert_printed_with(const char *labels, const char *expected)
{
    char  *text = NULL;
    size_t size;
    FILE  *out = open_memstream(&text, &size);

    assert_non_null(out);
    for (; *expected; expected++)
        if (*expected == '@')
            fputs(labels, out);
        else
            fputc(*expected, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(printed, text);
    free(text);
}

static void a_heap_as_openmetrics(void **state)
{
    char labels[128];

    (void)state;
    open_subject("libexample.so.1");
    print(subject.heap, LINTEL_OPENMETRICS);
    snprintf(labels, sizeof(labels), "{module=\"libexample.so.1\",base=\"%#lx\",key=\"0x2a\",serial=\"1\"}",
             subject.arena.start);
    assert_printed_with(labels, "# TYPE lintel_modules gauge\n"
                                "# HELP lintel_modules Modules open, or closed and not yet gone.\n"
                                "lintel_modules 1\n"
                                "# TYPE lintel_regions gauge\n"
                                "# HELP lintel_regions Contiguous ranges of address space.\n"
                                "lintel_regions@ 1\n"
                                "# TYPE lintel_reserved_bytes gauge\n"
                                "# UNIT lintel_reserved_bytes bytes\n"
                                "# HELP lintel_reserved_bytes Address space held.\n"
                                "lintel_reserved_bytes@ 65536\n"
                                "# TYPE lintel_committed_bytes gauge\n"
                                "# UNIT lintel_committed_bytes bytes\n"
                                "# HELP lintel_committed_bytes Readable and writable memory.\n"
                                "lintel_committed_bytes@ 16384\n"
                                "# TYPE lintel_allocated_bytes gauge\n"
                                "# UNIT lintel_allocated_bytes bytes\n"
                                "# HELP lintel_allocated_bytes Bytes asked for by callers.\n"
                                "lintel_allocated_bytes@ 100\n"
                                "# TYPE lintel_allocations gauge\n"
                                "# HELP lintel_allocations Bodies handed out.\n"
                                "lintel_allocations@ 1\n"
                                "# TYPE lintel_spare_bytes gauge\n"
                                "# UNIT lintel_spare_bytes bytes\n"
                                "# HELP lintel_spare_bytes Bytes set aside for later calls.\n"
                                "lintel_spare_bytes@ 0\n"
                                "# TYPE lintel_lost_bytes gauge\n"
                                "# UNIT lintel_lost_bytes bytes\n"
                                "# HELP lintel_lost_bytes Bytes that no caller will get.\n"
                                "lintel_lost_bytes@ 12\n"
                                "# TYPE lintel_failures gauge\n"
                                "# HELP lintel_failures Allocations that were refused.\n"
                                "lintel_failures@ 0\n"
                                "# EOF\n");
}

static void an_empty_heap_in_every_format(void **state)
{
    lintel_heap_t *heap;

    (void)state;
    open_subject(NULL);
    assert_int_equal(lintel_heap_create(NULL, &heap), 0);
    print(heap, LINTEL_TEXT);
    assert_non_null(strstr(printed, "0 modules"));
    print(heap, LINTEL_JSON);
    assert_non_null(strstr(printed, "\"modules\": 0,"));
    assert_non_null(strstr(printed, "\"module_list\": [\n  ]\n}\n"));
    print(heap, LINTEL_OPENMETRICS);
    assert_non_null(strstr(printed, "lintel_modules 0\n"));
    assert_string_equal(printed + strlen(printed) - 6, "# EOF\n");
    lintel_heap_destroy(heap);
}

static void check_name(const char *name, const char *text, const char *json, const char *openmetrics)
{
    char expected[256];

    open_subject(name);
    print(subject.heap, LINTEL_TEXT);
    snprintf(expected, sizeof(expected), "failures\n%s ", text);
    assert_non_null(strstr(printed, expected));
    print(subject.heap, LINTEL_JSON);
    snprintf(expected, sizeof(expected), "{\"name\": \"%s\", \"key\"", json);
    assert_non_null(strstr(printed, expected));
    print(subject.heap, LINTEL_OPENMETRICS);
    snprintf(expected, sizeof(expected), "{module=\"%s\",base", openmetrics);
    assert_non_null(strstr(printed, expected));
    end(NULL);
}

static void names_are_whatever_bytes_they_are(void **state)
{
    (void)state;
    check_name(NULL, "-", "", "");
    check_name("a\"b\\c", "a\"b\\c", "a\\u0022b\\u005cc", "a\\\"b\\\\c");
    check_name("a\nb\tc", "a?b?c", "a\\u000ab\\u0009c", "a\\nb\tc");
    check_name("\x1b[31m", "?[31m", "\\u001b[31m", "\x1b[31m");
    check_name("h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x98\x80", "h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x98\x80",
               "h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x98\x80", "h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x98\x80");
    /* A control character of two bytes, which a terminal obeys. */
    check_name("a\xc2\x9b"
               "1m",
               "a?1m",
               "a\xc2\x9b"
               "1m",
               "a\xc2\x9b"
               "1m");
    open_subject(NULL);
}

static void repeat(const char *text, size_t times, char *result)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < times; i++)
        memcpy(result + i * length, text, length);
    result[times * length] = 0;
}

/* Alone, cut short, too long a form, half of a pair, beyond the last character. */
static void bytes_that_are_no_utf_8_are_replaced(void **state)
{
    static const char *const wrong[] = {
        "\xff",
        "\x80",
        "\xc3",
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc0\xaf",
        "\xc1\xbf",
        "\xe0\x80\xaf",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\xaf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char text[64];
        char json[64];
        char openmetrics[64];
        repeat("?", strlen(wrong[i]), text);
        repeat("\\ufffd", strlen(wrong[i]), json);
        repeat("\xef\xbf\xbd", strlen(wrong[i]), openmetrics);
        check_name(wrong[i], text, json, openmetrics);
    }
    open_subject(NULL);
}

static void long_names_are_cut_between_characters(void **state)
{
    char name[200];

    (void)state;
    repeat("\xe2\x82\xac", 40, name);
    open_subject(name);
    print(subject.heap, LINTEL_TEXT);
    char *row = strstr(printed, "\xe2\x82\xac");
    assert_non_null(row);
    assert_memory_equal(row, name, 28 * 3);
    assert_int_equal(row[28 * 3], ' ');
}

static void rows_come_in_order_of_address_and_age(void **state)
{
    size_t               page = os_page_size();
    lintel_module_desc_t lower = {.key = 3, .name = "lower"};
    lintel_module_desc_t upper = {.key = 1, .name = "upper"};
    lintel_module_t     *module;
    lintel_module_t     *old;

    (void)state;
    open_subject("subject");
    lower.base = subject.arena.start - page;
    upper.base = subject.arena.start + page;
    assert_int_equal(lintel_module_open(subject.heap, &upper, &module), 0);
    assert_int_equal(lintel_module_open(subject.heap, &lower, &old), 0);
    assert_int_equal(lintel_module_close(subject.heap, 3), 0);
    assert_int_equal(lintel_module_open(subject.heap, &lower, &module), 0);
    print(subject.heap, LINTEL_JSON);
    const char *first = strstr(printed, "\"lower\", \"key\": \"0x3\"");
    assert_non_null(first);
    const char *second = strstr(first + 1, "\"lower\"");
    assert_non_null(strstr(first, "\"serial\": 3, \"open\": false"));
    assert_non_null(second);
    assert_non_null(strstr(second, "\"serial\": 4, \"open\": true"));
    assert_true(second < strstr(printed, "\"subject\""));
    assert_true(strstr(printed, "\"subject\"") < strstr(printed, "\"upper\""));
}

static void refusals_to_print_are_told(void **state)
{
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    open_subject(NULL);
    assert_non_null(full);
    for (int format = LINTEL_TEXT; format <= LINTEL_OPENMETRICS; format++)
        assert_int_equal(lintel_heap_print(subject.heap, full, (lintel_format_t)format), -EIO);
    fclose(full);
    assert_int_equal(lintel_heap_print(subject.heap, stdout, (lintel_format_t)3), -EINVAL);
    assert_int_equal(lintel_heap_print(subject.heap, stdout, (lintel_format_t)-1), -EINVAL);
    script_answer(META_ALLOCATE, 1, 1, 0);
    assert_int_equal(lintel_heap_print(subject.heap, stdout, LINTEL_TEXT), -ENOMEM);
}

static void print_or_come_and_go(void *shared, unsigned member)
{
    size_t size;

    (void)shared;
    for (uint64_t turn = 1; turn < 200; turn++) {
        lintel_module_desc_t desc = {
            .base = subject.arena.start, .key = turn * 2 + member % 2 + 1000, .name = "passing"};
        lintel_module_t *module;
        if (member < 2 && !lintel_module_open(subject.heap, &desc, &module)) {
            (void)lintel_alloc(module, 100);
            if (turn % 3)
                lintel_module_close(subject.heap, desc.key);
            lintel_module_release(module);
        } else if (member >= 2) {
            char *text = NULL;
            FILE *out = open_memstream(&text, &size);
            lintel_heap_print(subject.heap, out, (lintel_format_t)(turn % 3));
            fclose(out);
            free(text);
        }
    }
}

/* What the rows refer to stays while they are printed, and is let go. */
static void printing_goes_on_while_modules_come_and_go(void **state)
{
    lintel_stats_t stats;

    (void)state;
    open_subject("subject");
    subject_free(&subject, 16 * MIB, 64 * MIB);
    team_run(4, print_or_come_and_go, NULL);
    for (uint64_t key = 1000; key < 1500; key++)
        (void)lintel_module_close(subject.heap, key);
    urcu_bp_barrier();
    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    assert_int_equal(stats.modules, 1);
}

static void open_many(void *context)
{
    lintel_module_t *module;

    for (uint64_t key = 100; key < 120; key++) {
        lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};
        if (!lintel_module_open(subject.heap, &desc, &module))
            (*(unsigned *)context)++;
    }
}

/* More modules than there is room for are there once the rows have their memory: all of them are printed. */
static void modules_that_come_before_the_rows_are_printed(void **state)
{
    unsigned opened = 0;
    unsigned lines = 0;

    (void)state;
    open_subject("subject");
    script_interlude(META_ALLOCATE, 1, open_many, &opened);
    print(subject.heap, LINTEL_TEXT);
    assert_int_equal(opened, 20);
    for (const char *at = printed; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 1 + 21 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_heap_as_text, end),
        cmocka_unit_test_teardown(a_heap_as_json, end),
        cmocka_unit_test_teardown(a_heap_as_openmetrics, end),
        cmocka_unit_test_teardown(an_empty_heap_in_every_format, end),
        cmocka_unit_test_teardown(names_are_whatever_bytes_they_are, end),
        cmocka_unit_test_teardown(bytes_that_are_no_utf_8_are_replaced, end),
        cmocka_unit_test_teardown(long_names_are_cut_between_characters, end),
        cmocka_unit_test_teardown(rows_come_in_order_of_address_and_age, end),
        cmocka_unit_test_teardown(refusals_to_print_are_told, end),
        cmocka_unit_test_teardown(modules_that_come_before_the_rows_are_printed, end),
        cmocka_unit_test_teardown(printing_goes_on_while_modules_come_and_go, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
