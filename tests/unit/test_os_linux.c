/* SPDX-License-Identifier: MIT
 *
 * os_linux: what os.h promises, kept by this kernel and by worse ones.
 */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "arena.h"
#include "os.h"
#include "scripted_kernel.h"
#include "unit.h"

enum { PAGES = 8, ODD_ERRNO = 12345 };

static size_t  page;
static range_t arena;
static range_t range;

static int start(void **state)
{
    (void)state;
    page = os_page_size();
    arena = arena_take(PAGES * page);
    range = arena_part(arena, page, (PAGES - 2) * page);
    arena_free(range);
    errno = ODD_ERRNO;
    return 0;
}

static int end(void **state)
{
    kernel_clear(state);
    arena_end(arena);
    return 0;
}

static void reserved_pages_are_mapped_and_out_of_reach(void **state)
{
    (void)state;
    assert_int_equal(os_reserve(range), 0);
    for (uintptr_t at = range.start; at < range.end; at += page) {
        assert_true(is_mapped(at));
        assert_false(is_readable(at));
    }
}

static void what_is_mapped_cannot_be_reserved(void **state)
{
    range_t halfway = {range.end - page, range.end + page};

    (void)state;
    assert_int_equal(os_reserve(arena), -EEXIST);
    assert_int_equal(os_reserve(halfway), -EEXIST);
    assert_false(is_mapped(range.end - page));
    assert_int_equal(os_reserve(range), 0);
    assert_int_equal(os_reserve(range), -EEXIST);
    assert_int_equal(errno, ODD_ERRNO);
}

static void a_mapping_that_lands_elsewhere_counts_as_taken(void **state)
{
    size_t size;

    (void)state;
    kernel_lands_elsewhere();
    assert_int_equal(os_reserve(range), -EEXIST);
    uintptr_t landed = kernel_last_mapping(&size);
    assert_int_not_equal(landed, range.start);
    assert_int_equal(size, range_size(range));
    assert_false(is_mapped(landed));
    assert_false(is_mapped(range.start));
    assert_int_equal(errno, ODD_ERRNO);
}

static void every_other_refusal_to_reserve_is_enomem(void **state)
{
    const int errors[] = {ENOMEM, EPERM, EINVAL, EAGAIN};

    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        kernel_refuse(KERNEL_MMAP, 1, 1, errors[i]);
        assert_int_equal(os_reserve(range), -ENOMEM);
    }
    kernel_refuse(KERNEL_MMAP, 1, 1, EEXIST);
    assert_int_equal(os_reserve(range), -EEXIST);
    assert_int_equal(errno, ODD_ERRNO);
}

static void committed_pages_are_zero_and_keep_what_is_written(void **state)
{
    char *bytes = (char *)range.start;

    (void)state;
    assert_int_equal(os_reserve(range), 0);
    assert_int_equal(os_commit((range_t){range.start, range.start + 2 * page}), 0);
    assert_int_equal(bytes[0] | bytes[2 * page - 1], 0);
    bytes[0] = 'x';
    assert_int_equal(os_commit((range_t){range.start, range.start + 3 * page}), 0);
    assert_int_equal(bytes[0], 'x');
    assert_true(is_writable(range.start + 2 * page));
    assert_false(is_readable(range.start + 3 * page));
    assert_int_equal(errno, ODD_ERRNO);
}

/* To the page, whatever the access. */
static void a_range_is_mapped_if_all_of_it_is(void **state)
{
    (void)state;
    assert_int_equal(os_reserve(range), 0);
    assert_int_equal(os_commit((range_t){range.start, range.start + page}), 0);
    assert_true(os_is_mapped(range));
    assert_true(os_is_mapped((range_t){range.end - page, range.end}));
    os_release((range_t){range.start + 2 * page, range.start + 3 * page});
    assert_false(os_is_mapped(range));
    assert_true(os_is_mapped((range_t){range.start, range.start + 2 * page}));
    assert_false(os_is_mapped((range_t){range.start, range.start + 3 * page}));
    assert_false(os_is_mapped((range_t){range.start + 2 * page, range.end}));
    assert_int_equal(errno, ODD_ERRNO);
}

static void a_refused_commit_is_enomem(void **state)
{
    (void)state;
    assert_int_equal(os_reserve(range), 0);
    kernel_refuse(KERNEL_MPROTECT, 1, 1, EACCES);
    assert_int_equal(os_commit(range), -ENOMEM);
    assert_false(is_readable(range.start));
    assert_int_equal(errno, ODD_ERRNO);
}

static void reset_pages_are_as_newly_reserved(void **state)
{
    (void)state;
    assert_int_equal(os_reserve(range), 0);
    assert_int_equal(os_commit(range), 0);
    memset((void *)range.start, 'x', range_size(range));
    assert_int_equal(os_reset(range), 0);
    assert_true(is_mapped(range.start));
    assert_false(is_readable(range.start));
    assert_int_equal(os_commit(range), 0);
    assert_int_equal(*(char *)range.start, 0);
    kernel_refuse(KERNEL_MMAP, 1, 1, ENOMEM);
    assert_int_equal(os_reset(range), -ENOMEM);
    assert_int_equal(errno, ODD_ERRNO);
}

static void released_pages_are_free(void **state)
{
    (void)state;
    assert_int_equal(os_reserve(range), 0);
    os_release(range);
    assert_false(is_mapped(range.start));
    assert_int_equal(os_reserve(range), 0);
}

static void a_refused_release_still_frees_the_memory(void **state)
{
    (void)state;
    assert_int_equal(os_reserve(range), 0);
    assert_int_equal(os_commit(range), 0);
    *(char *)range.start = 'x';
    kernel_refuse(KERNEL_MUNMAP, 1, 1, ENOMEM);
    os_release(range);
    assert_int_equal(*(char *)range.start, 0);
    assert_int_equal(errno, ODD_ERRNO);
}

static void tables_are_zero_and_come_and_go(void **state)
{
    void *memory = NULL;

    (void)state;
    assert_int_equal(os_map(3 * page, &memory), 0);
    assert_int_equal(((char *)memory)[0] | ((char *)memory)[3 * page - 1], 0);
    assert_true(is_writable((uintptr_t)memory + 2 * page));
    os_unmap(memory, 3 * page);
    assert_false(is_mapped((uintptr_t)memory));

    void *untouched = &page;
    kernel_refuse(KERNEL_MMAP, 1, 1, ENOMEM);
    assert_int_equal(os_map(page, &untouched), -ENOMEM);
    assert_ptr_equal(untouched, &page);
    assert_int_equal(errno, ODD_ERRNO);
}

static void tables_can_be_made_constant(void **state)
{
    void *memory;

    (void)state;
    assert_int_equal(os_map(100, &memory), 0);
    *(char *)memory = 'l';
    kernel_refuse(KERNEL_MPROTECT, 1, 1, ENOMEM);
    assert_int_equal(os_make_constant(memory, 100), -ENOMEM);
    assert_int_equal(os_make_constant(memory, 100), 0);
    assert_false(is_writable((uintptr_t)memory) || is_writable((uintptr_t)memory + page - 1));
    assert_int_equal(*(char *)memory, 'l');
    os_unmap(memory, 100);
    assert_false(is_mapped((uintptr_t)memory));
    assert_int_equal(errno, ODD_ERRNO);
}

static void whether_mappings_are_lacking_is_found_out_by_trying(void **state)
{
    size_t size;

    (void)state;
    assert_false(os_lacks_mappings());
    assert_false(is_mapped(kernel_last_mapping(&size)));
    kernel_refuse(KERNEL_MPROTECT, 1, 1, ENOMEM);
    assert_true(os_lacks_mappings());
    assert_false(is_mapped(kernel_last_mapping(&size)));
    kernel_refuse(KERNEL_MMAP, 1, 1, ENOMEM);
    assert_true(os_lacks_mappings());
    assert_int_equal(errno, ODD_ERRNO);
}

static void the_break_is_where_sbrk_says(void **state)
{
    (void)state;
    assert_int_equal(os_break(), (uintptr_t)sbrk(0));
    assert_int_equal(errno, ODD_ERRNO);
}

static void the_stack_is_kept_with_room_to_grow(void **state)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    range_t   stack = os_stack();

    (void)state;
    assert_in_range(here, stack.start, stack.end - 1);
    assert_in_range((uintptr_t)environ[0], stack.start, stack.end - 1);
    assert_in_range(range_size(stack), 128 * MIB, GIB + 64 * MIB);
    assert_int_equal((stack.start | stack.end) % page, 0);
    assert_int_equal(errno, ODD_ERRNO);
}

static void the_stacks_room_follows_its_limit_within_reason(void **state)
{
    (void)state;
    kernel_stack_limit(64 * KIB);
    size_t least = range_size(os_stack());
    kernel_stack_limit(512 * MIB);
    size_t half = range_size(os_stack());
    kernel_stack_limit(RLIM_INFINITY);
    size_t most = range_size(os_stack());

    assert_in_range(least, 128 * MIB, 130 * MIB);
    assert_in_range(half, 512 * MIB, 514 * MIB);
    assert_in_range(most, GIB, GIB + 2 * MIB);
}

static void an_unknown_stack_is_empty(void **state)
{
    (void)state;
    kernel_hides_name();
    assert_int_equal(range_size(os_stack()), 0);
    assert_int_equal(errno, ODD_ERRNO);
}

static void the_addresses_hold_all_of_the_program(void **state)
{
    range_t addresses = os_addresses();

    (void)state;
    assert_in_range((uintptr_t)&page, addresses.start, addresses.end);
    assert_in_range((uintptr_t)environ[0], addresses.start, addresses.end);
    assert_in_range((uintptr_t)sbrk(0), addresses.start, addresses.end);
    assert_true(addresses.start > 0 && addresses.end <= (uintptr_t)1 << 48);
    assert_int_equal((addresses.start | addresses.end) % page, 0);
}

static void what_cannot_be_read_is_not_touched(void **state)
{
    uintptr_t copy = 0;

    (void)state;
    if (os_peek(&arena, sizeof(copy), &copy))
        skip();
    assert_int_equal(copy, arena.start);
    assert_int_equal(os_peek((void *)range.start, sizeof(copy), &copy), -EFAULT);
    assert_int_equal(errno, ODD_ERRNO);
}

/* A process has to say once that it wants barriers; liburcu may have said it before. */
static void a_barrier_that_nobody_asked_for_is_asked_for(void **state)
{
    (void)state;
    if (os_barrier())
        skip();
    kernel_refuse(KERNEL_SYSCALL, 1, 1, EPERM);
    assert_int_equal(os_barrier(), 0);
    kernel_refuse(KERNEL_SYSCALL, 1, 2, EPERM);
    assert_int_equal(os_barrier(), -ENOSYS);
    kernel_refuse(KERNEL_SYSCALL, 1, 1, ENOSYS);
    assert_int_equal(os_barrier(), -ENOSYS);
    assert_int_equal(os_barrier(), 0);
    assert_int_equal(errno, ODD_ERRNO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reserved_pages_are_mapped_and_out_of_reach, start, end),
        cmocka_unit_test_setup_teardown(what_is_mapped_cannot_be_reserved, start, end),
        cmocka_unit_test_setup_teardown(a_range_is_mapped_if_all_of_it_is, start, end),
        cmocka_unit_test_setup_teardown(a_mapping_that_lands_elsewhere_counts_as_taken, start, end),
        cmocka_unit_test_setup_teardown(every_other_refusal_to_reserve_is_enomem, start, end),
        cmocka_unit_test_setup_teardown(committed_pages_are_zero_and_keep_what_is_written, start, end),
        cmocka_unit_test_setup_teardown(a_refused_commit_is_enomem, start, end),
        cmocka_unit_test_setup_teardown(reset_pages_are_as_newly_reserved, start, end),
        cmocka_unit_test_setup_teardown(released_pages_are_free, start, end),
        cmocka_unit_test_setup_teardown(a_refused_release_still_frees_the_memory, start, end),
        cmocka_unit_test_setup_teardown(tables_are_zero_and_come_and_go, start, end),
        cmocka_unit_test_setup_teardown(tables_can_be_made_constant, start, end),
        cmocka_unit_test_setup_teardown(whether_mappings_are_lacking_is_found_out_by_trying, start, end),
        cmocka_unit_test_setup_teardown(the_break_is_where_sbrk_says, start, end),
        cmocka_unit_test_setup_teardown(the_stack_is_kept_with_room_to_grow, start, end),
        cmocka_unit_test_setup_teardown(the_stacks_room_follows_its_limit_within_reason, start, end),
        cmocka_unit_test_setup_teardown(an_unknown_stack_is_empty, start, end),
        cmocka_unit_test_setup_teardown(the_addresses_hold_all_of_the_program, start, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_not_touched, start, end),
        cmocka_unit_test_setup_teardown(a_barrier_that_nobody_asked_for_is_asked_for, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
