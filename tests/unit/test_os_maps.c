/* SPDX-License-Identifier: MIT
 *
 * os_maps: every source sees the mappings that are there, or says that it cannot.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "arena.h"
#include "os.h"
#include "outcome.h"
#include "scripted_kernel.h"
#include "unit.h"

enum { ODD_ERRNO = 12345, HOLES = 100 };

static os_maps_t maps;

static int start(void **state)
{
    (void)state;
    errno = ODD_ERRNO;
    return 0;
}

static int end(void **state)
{
    kernel_clear(state);
    return 0;
}

/* An arena of pages that are mapped and free by turns. */
static range_t comb(void)
{
    size_t  page = os_page_size();
    range_t arena = arena_take((2 * HOLES + 1) * page);

    for (size_t i = 0; i < HOLES; i++)
        arena_free(arena_part(arena, (2 * i + 1) * page, page));
    return arena;
}

static void check_comb(os_maps_source_t source, range_t arena)
{
    size_t  page = os_page_size();
    range_t mapping;

    assert_int_equal(os_maps_open(&maps, source), 0);
    for (size_t i = 0; i <= HOLES; i++) {
        uintptr_t tooth = arena.start + 2 * i * page;
        assert_int_equal(os_maps_next(&maps, i ? tooth - page : tooth, &mapping), 0);
        assert_int_equal(mapping.start, tooth);
        assert_int_equal(mapping.end, tooth + page);
        assert_int_equal(os_maps_next(&maps, tooth + page - 1, &mapping), 0);
        assert_int_equal(mapping.start, tooth);
    }
    os_maps_close(&maps);
    assert_int_equal(errno, ODD_ERRNO);
}

static void the_text_shows_every_mapping(void **state)
{
    range_t arena = comb();

    (void)state;
    check_comb(OS_MAPS_TEXT, arena);
    arena_end(arena);
}

static void the_query_shows_every_mapping(void **state)
{
    range_t arena = comb();

    (void)state;
    if (os_maps_open(&maps, OS_MAPS_QUERY)) {
        arena_end(arena);
        skip_because("this kernel has no PROCMAP_QUERY");
    }
    os_maps_close(&maps);
    check_comb(OS_MAPS_QUERY, arena);
    arena_end(arena);
}

static void the_text_is_read_in_whatever_pieces_it_comes(void **state)
{
    range_t arena = comb();

    (void)state;
    for (size_t piece = 1; piece < 120; piece += 17) {
        kernel_shows_maps(NULL, piece);
        check_comb(OS_MAPS_TEXT, arena);
    }
    arena_end(arena);
}

static void an_interrupted_read_is_repeated(void **state)
{
    range_t arena = comb();

    (void)state;
    kernel_refuse(KERNEL_READ, 1, 3, EINTR);
    check_comb(OS_MAPS_TEXT, arena);
    arena_end(arena);
}

static void the_walk_ends_after_the_last_mapping(void **state)
{
    range_t mapping = {1, 2};

    (void)state;
    kernel_shows_maps("1000-2000 r--p 0 0:0 0\n4000-5000 rw-p 0 0:0 0 [heap]\n", 1024);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_TEXT), 0);
    assert_int_equal(os_maps_next(&maps, 0, &mapping), 0);
    assert_int_equal(mapping.end, 0x2000);
    assert_int_equal(os_maps_next(&maps, 0x2000, &mapping), 0);
    assert_int_equal(mapping.start, 0x4000);
    assert_int_equal(os_maps_next(&maps, 0x5000, &mapping), -ENOENT);
    assert_int_equal(os_maps_next(&maps, 0x9000, &mapping), -ENOENT);
    assert_int_equal(mapping.start, 0x4000);
    os_maps_close(&maps);
}

static void the_greatest_addresses_are_read(void **state)
{
    range_t mapping;

    (void)state;
    kernel_shows_maps("ffffffffff600000-ffffffffff601000 --xp 0 0:0 0 [vsyscall]\n", 7);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_TEXT), 0);
    assert_int_equal(os_maps_next(&maps, 0, &mapping), 0);
    assert_int_equal(mapping.start, 0xffffffffff600000);
    assert_int_equal(mapping.end, 0xffffffffff601000);
    os_maps_close(&maps);
}

/* Behind a first line that is as it should be. */
static void text_that_makes_no_sense_is_refused(void **state)
{
    static const char *const nonsense[] = {
        "garbage\n",
        "-4000 r--p\n",
        "3000-\n",
        "3000- r--p\n",
        "3000 4000 r--p\n",
        "3000-4000\n",
        "3000-4000",
        "3000-4000 r--p",
        "4000-3000 r--p\n",
        "3000-3000 r--p\n",
        "3000-4000x r--p\n",
        "30000000000000000-40000000000000000 r--p\n",
        "\n",
        " 3000-4000 r--p\n",
        "3000-",
        "3000",
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        range_t mapping = {1, 2};
        snprintf(text, sizeof(text), "1000-2000 r--p 0 0:0 0\n%s", nonsense[i]);
        kernel_shows_maps(text, 1024);
        assert_int_equal(os_maps_open(&maps, OS_MAPS_TEXT), 0);
        if (os_maps_next(&maps, 0x2000, &mapping) != -EIO)
            fail_msg("\"%s\" passed", nonsense[i]);
        assert_int_equal(mapping.start, 1);
        os_maps_close(&maps);
    }
}

static void text_that_cannot_be_read_is_refused(void **state)
{
    range_t mapping;

    (void)state;
    kernel_shows_maps(NULL, 64);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_TEXT), 0);
    errno = ODD_ERRNO;
    kernel_refuse(KERNEL_READ, 1, 1, EIO);
    assert_int_equal(os_maps_next(&maps, UINTPTR_MAX - 1, &mapping), -EIO);
    assert_int_equal(errno, ODD_ERRNO);
    os_maps_close(&maps);
}

static void a_source_that_is_not_there_is_said_so(void **state)
{
    (void)state;
    kernel_refuse(KERNEL_OPEN, 1, 1, ENOENT);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_TEXT), -ENOSYS);
    kernel_refuse(KERNEL_OPEN, 1, 1, EMFILE);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_QUERY), -ENOSYS);
    kernel_refuse(KERNEL_IOCTL, 1, 1, ENOTTY);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_QUERY), -ENOSYS);
    kernel_shows_maps("", 1024);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_TEXT), -ENOSYS);
    assert_int_equal(errno, ODD_ERRNO);
}

static void a_query_that_breaks_is_said_so(void **state)
{
    range_t mapping = {1, 2};

    (void)state;
    if (os_maps_open(&maps, OS_MAPS_QUERY))
        skip_because("this kernel has no PROCMAP_QUERY");
    kernel_refuse(KERNEL_IOCTL, 1, 1, EPERM);
    assert_int_equal(os_maps_next(&maps, 0, &mapping), -EIO);
    kernel_refuse(KERNEL_IOCTL, 1, 1, ENOENT);
    assert_int_equal(os_maps_next(&maps, 0, &mapping), -ENOENT);
    assert_int_equal(mapping.start, 1);
    assert_int_equal(errno, ODD_ERRNO);
    os_maps_close(&maps);
}

static int lowest_free_file(void)
{
    int file = dup(STDIN_FILENO);

    assert_int_equal(close(file), 0);
    return file;
}

static void no_walk_leaves_a_file_open(void **state)
{
    int before = lowest_free_file();

    (void)state;
    if (!os_maps_open(&maps, OS_MAPS_QUERY))
        os_maps_close(&maps);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_TEXT), 0);
    os_maps_close(&maps);
    kernel_refuse(KERNEL_IOCTL, 1, 1, ENOTTY);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_QUERY), -ENOSYS);
    kernel_shows_maps("", 1024);
    assert_int_equal(os_maps_open(&maps, OS_MAPS_TEXT), -ENOSYS);
    assert_int_equal(lowest_free_file(), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_text_shows_every_mapping, start, end),
        cmocka_unit_test_setup_teardown(the_query_shows_every_mapping, start, end),
        cmocka_unit_test_setup_teardown(the_text_is_read_in_whatever_pieces_it_comes, start, end),
        cmocka_unit_test_setup_teardown(an_interrupted_read_is_repeated, start, end),
        cmocka_unit_test_setup_teardown(the_walk_ends_after_the_last_mapping, start, end),
        cmocka_unit_test_setup_teardown(the_greatest_addresses_are_read, start, end),
        cmocka_unit_test_setup_teardown(text_that_makes_no_sense_is_refused, start, end),
        cmocka_unit_test_setup_teardown(text_that_cannot_be_read_is_refused, start, end),
        cmocka_unit_test_setup_teardown(a_source_that_is_not_there_is_said_so, start, end),
        cmocka_unit_test_setup_teardown(a_query_that_breaks_is_said_so, start, end),
        cmocka_unit_test_setup_teardown(no_walk_leaves_a_file_open, start, end),
    };

    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
