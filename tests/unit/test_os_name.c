/* SPDX-License-Identifier: MIT
 *
 * os_name: what /proc/PID/maps calls regions, as far as this kernel goes along; what it is asked for, in any case.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "os.h"
#include "subject.h"
#include "unit.h"

enum { ODD_ERRNO = 12345, NAMING = 0x53564d41 };

int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);

/* What the kernel was asked for last, of those calls that give names. */
static struct {
    unsigned  calls;
    uintptr_t start;
    size_t    size;
    char      label[128];
    int       refusal; /* an errno, or 0: ask the real one */
} asked;

int __wrap_prctl(int option, ...)
{
    unsigned long arguments[4];
    va_list       list;

    va_start(list, option);
    for (int i = 0; i < 4; i++)
        arguments[i] = va_arg(list, unsigned long);
    va_end(list);
    if (option == NAMING) {
        asked.calls++;
        asked.start = arguments[1];
        asked.size = arguments[2];
        snprintf(asked.label, sizeof(asked.label), "%s", (const char *)arguments[3]);
    }
    if (option == NAMING && asked.refusal) {
        errno = asked.refusal;
        return -1;
    }
    return __real_prctl(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}

static int forget(void **state)
{
    (void)state;
    memset(&asked, 0, sizeof(asked));
    return 0;
}

/* Whether a mapping that begins at `start` has the text in its line of /proc/self/maps. */
static bool is_shown(uintptr_t start, const char *text)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char  line[512];
    bool  shown = false;

    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps) && !shown) {
        shown = strtoul(line, NULL, 16) == start && strstr(line, text);
    }
    fclose(maps);
    return shown;
}

static void labels_are_what_the_kernel_takes(void **state)
{
    char label[OS_LABEL_SIZE];
    char name[200];

    (void)state;
    os_label(label, "libc.so.6");
    assert_string_equal(label, "lintel libc.so.6");
    os_label(label, "");
    assert_string_equal(label, "lintel");
    os_label(label, "a\\b`c$d[e]f\x01\x7f\xc3\xa4");
    assert_string_equal(label, "lintel a?b?c?d?e?f????");
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    os_label(label, name);
    assert_int_equal(strlen(label), OS_LABEL_SIZE - 1);
}

static void a_refused_name_changes_nothing(void **state)
{
    (void)state;
    asked.refusal = EINVAL;
    errno = ODD_ERRNO;
    os_name((range_t){0x10000, 0x30000}, "image");
    assert_int_equal(errno, ODD_ERRNO);
    assert_int_equal(asked.start, 0x10000);
    assert_int_equal(asked.size, 0x20000);
    assert_string_equal(asked.label, "lintel image");
}

/* A module of that kind, by these options, with a body in its first region, which is stored. */
static subject_t use_module(lintel_kind_t kind, lintel_switch_t names, lintel_region_t *region)
{
    lintel_heap_options_t options = {.names = names};
    subject_t             subject = subject_open(MIB, &options, &(lintel_module_desc_t){.name = "img", .kind = kind});

    subject_free(&subject, MIB / 2, 64 * KIB);
    assert_non_null(lintel_alloc(subject.module, 100));
    assert_int_equal(lintel_module_regions(subject.module, 1, region), 1);
    return subject;
}

static void a_region_has_its_modules_name(void **state)
{
    lintel_region_t region;
    subject_t       subject = use_module(LINTEL_DATA, LINTEL_DEFAULT, &region);

    (void)state;
    assert_int_equal(asked.calls, 1);
    assert_int_equal(asked.start, region.start);
    assert_int_equal(asked.size, region.reserved);
    assert_string_equal(asked.label, "lintel img");
    subject_end(&subject);
}

static void by_choice_it_has_none(void **state)
{
    lintel_region_t region;
    subject_t       subject = use_module(LINTEL_DATA, LINTEL_OFF, &region);

    (void)state;
    assert_int_equal(asked.calls, 0);
    subject_end(&subject);
}

static void the_kernel_shows_it(void **state)
{
    size_t size = os_page_size();
    void  *page = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int    refused = __real_prctl(NAMING, 0UL, (unsigned long)page, (unsigned long)size, (unsigned long)"trial");

    (void)state;
    munmap(page, size);
    /* Before Linux 5.17, or without CONFIG_ANON_VMA_NAME. */
    if (refused)
        skip();
    lintel_region_t region;
    subject_t       subject = use_module(LINTEL_DATA, LINTEL_DEFAULT, &region);
    assert_true(is_shown(region.start, "[anon:lintel img]"));
    subject_end(&subject);
}

static void code_shows_as_a_file_of_that_name(void **state)
{
    lintel_region_t region;
    subject_t       subject = use_module(LINTEL_CODE, LINTEL_DEFAULT, &region);

    (void)state;
    assert_true(is_shown(region.start, "/memfd:lintel img (deleted)"));
    subject_end(&subject);
    subject = use_module(LINTEL_CODE, LINTEL_OFF, &region);
    assert_true(is_shown(region.start, "/memfd:lintel (deleted)"));
    subject_end(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(labels_are_what_the_kernel_takes, forget),
        cmocka_unit_test_setup(a_refused_name_changes_nothing, forget),
        cmocka_unit_test_setup(a_region_has_its_modules_name, forget),
        cmocka_unit_test_setup(by_choice_it_has_none, forget),
        cmocka_unit_test_setup(the_kernel_shows_it, forget),
        cmocka_unit_test_setup(code_shows_as_a_file_of_that_name, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
