/* SPDX-License-Identifier: MIT
 *
 * The kernel's own refusals: limits on address space, on memory, on mappings. Each in a child, which may ruin itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>
#include <urcu/urcu-bp.h>

#include "os.h"
#include "outcome.h"
#include "scripted_os.h"
#include "subject.h"
#include "surroundings.h"
#include "team.h"
#include "unit.h"

#define STEP (64 * KIB)

static subject_t subject;

static int start_with(lintel_switch_t guard)
{
    lintel_heap_options_t options = {.guard = guard};

    subject = subject_open(4 * GIB, &options, NULL);
    subject_free(&subject, MIB, 2 * GIB);
    return 0;
}

static int start(void **state)
{
    (void)state;
    return start_with(LINTEL_DEFAULT);
}

static int start_guarded(void **state)
{
    (void)state;
    return start_with(LINTEL_ON);
}

static int start_unguarded(void **state)
{
    (void)state;
    return start_with(LINTEL_OFF);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

/* The nth number that a file of the kernel's begins with; SIZE_MAX if it cannot be had. */
static size_t number_in(const char *path, int nth)
{
    char  text[256] = "";
    char *rest = text;
    FILE *file = fopen(path, "re");
    bool  well = file && fgets(text, sizeof(text), file);

    if (file)
        fclose(file);
    for (; nth; nth--)
        (void)strtoul(rest, &rest, 10);
    return well ? strtoul(rest, NULL, 10) : SIZE_MAX;
}

/* All address space, and the writable part of it. */
static size_t mapped_now(void)
{
    return number_in("/proc/self/statm", 0) * os_page_size();
}

static size_t writable_now(void)
{
    return number_in("/proc/self/statm", 5) * os_page_size();
}

/* glibc's has a type of its own in C. */
#ifdef __GLIBC__
typedef __rlimit_resource_t limit_t;
#else
typedef int limit_t;
#endif

static bool limit(limit_t resource, size_t bytes)
{
    struct rlimit limits;

    if (getrlimit(resource, &limits))
        return false;
    limits.rlim_cur = bytes;
    return !setrlimit(resource, &limits);
}

static bool is_refused(size_t size)
{
    errno = 0;
    return !lintel_alloc(subject.module, size) && errno == ENOMEM;
}

static bool books_balance(void)
{
    lintel_stats_t  stats = stats_of(subject.module);
    lintel_region_t regions[64];
    size_t          count = lintel_module_regions(subject.module, 64, regions);
    uint64_t        used = 0;

    for (size_t i = 0; i < count && i < 64; i++)
        used += regions[i].used;
    return count <= 64 && used == stats.allocated + stats.spare + stats.lost;
}

/* Allocates, larger first, until even one byte is refused for want of memory. Returns how much it got. */
static size_t allocate_all(void)
{
    size_t got = 0;

    for (size_t size = 16 * MIB; size; size /= 2)
        for (char *body; (body = lintel_alloc(subject.module, size)); got += size)
            body[0] = body[size - 1] = 1;
    return errno == ENOMEM ? got : 0;
}

static bool use_up_address_space(void *context)
{
    (void)context;
    if (!lintel_alloc(subject.module, 100) || !limit(RLIMIT_AS, mapped_now() + 40 * MIB))
        return false;
    bool   large = is_refused(GIB);
    size_t got = allocate_all();
    bool   full = is_refused(MIB) && books_balance();
    return large && full && got >= 30 * MIB && got <= 41 * MIB && limit(RLIMIT_AS, RLIM_INFINITY) &&
           lintel_alloc(subject.module, GIB) && books_balance();
}

static void a_limit_on_address_space_is_enomem(void **state)
{
    (void)state;
    need_limits();
    assert_true(child_says(use_up_address_space, NULL));
}

/* A reservation does not count, memory that is committed does. */
static bool use_up_memory(void *context)
{
    (void)context;
    if (!lintel_alloc(subject.module, 100) || !limit(RLIMIT_DATA, writable_now() + 20 * MIB))
        return false;
    bool   large = is_refused(GIB);
    size_t got = allocate_all();
    bool   full = is_refused(MIB) && books_balance();
    return large && full && got >= 10 * MIB && got <= 21 * MIB && limit(RLIMIT_DATA, RLIM_INFINITY) &&
           lintel_alloc(subject.module, 500 * MIB) && books_balance();
}

static void a_limit_on_memory_is_enomem(void **state)
{
    (void)state;
    need_limits();
    assert_true(child_says(use_up_memory, NULL));
}

#define MOST_MAPPINGS ((size_t)1 << 21)

/* Single pages, each a mapping of its own, until there are none to be had. Returns the last one. */
static char *use_up_mappings(void)
{
    size_t page = os_page_size();
    size_t size = 2 * MOST_MAPPINGS;
    char  *pages = mmap(NULL, size * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    for (size_t i = 0; pages != MAP_FAILED && i < size; i += 2)
        if (mprotect(pages + i * page, page, PROT_READ))
            return pages + (i - 2) * page;
    return NULL;
}

static bool live_without_mappings(void *context)
{
    size_t page = os_page_size();
    void  *first = lintel_alloc(subject.module, 100);
    char  *last = use_up_mappings();

    (void)context;
    if (!first || !last)
        return false;
    /* What is committed serves; a commit moves the end of a mapping and needs no other; a region needs one more,
     * and nothing is held back but guards, which are to stay. */
    bool small = lintel_alloc(subject.module, 100);
    bool large = is_refused(MIB) && books_balance();
    for (size_t i = 0; i < 20; i++)
        if (mprotect(last - 2 * i * page, page, PROT_NONE))
            return false;
    return small && large && lintel_alloc(subject.module, MIB) && books_balance();
}

static void need_a_limit_on_mappings(void)
{
    if (number_in("/proc/sys/vm/max_map_count", 0) > MOST_MAPPINGS)
        skip_because("vm.max_map_count is unknown, or too large to be used up");
}

static void a_limit_on_mappings_is_enomem(void **state)
{
    (void)state;
    need_a_limit_on_mappings();
    assert_true(child_says(live_without_mappings, NULL));
}

static lintel_module_t *open_with(uint64_t key, size_t reserve)
{
    lintel_module_desc_t desc = {
        .base = subject.arena.start, .image_size = os_page_size(), .key = key, .reserve = reserve};
    lintel_module_t *module = NULL;

    return lintel_module_open(subject.heap, &desc, &module) ? NULL : module;
}

/* A reserve, whose first commit makes two mappings of one, lies behind what a module that is gone had, on which
 * somebody else's mapping follows. */
static bool commit_for_what_is_in_quarantine(void *context)
{
    size_t           page = os_page_size();
    lintel_module_t *gone = open_with(7, STEP);
    bool             well = gone && lintel_alloc(gone, STEP);

    (void)context;
    arena_fill(arena_part(subject.arena, MIB + STEP, page));
    lintel_module_t *reserved = open_with(8, STEP);
    well = well && reserved && !lintel_module_close(subject.heap, 7);
    lintel_module_release(gone);
    urcu_bp_barrier();
    well = well && is_mapped(subject.arena.start + MIB) && use_up_mappings();
    well = well && lintel_alloc(reserved, 100) && !is_mapped(subject.arena.start + MIB);
    return well && stats_of(reserved).failures == 0;
}

static void what_is_in_quarantine_is_given_up_for_a_mapping(void **state)
{
    (void)state;
    need_a_limit_on_mappings();
    assert_true(child_says(commit_for_what_is_in_quarantine, NULL));
}

/* Full regions, so that their guards are mappings of their own. */
static bool commit_for_guards(void *context)
{
    bool well = true;

    (void)context;
    for (size_t size = STEP; size <= 8 * STEP; size *= 2)
        well = well && lintel_alloc(subject.module, size);
    well = well && stats_of(subject.module).regions == 4 && use_up_mappings();
    return well && lintel_alloc(subject.module, 100) && stats_of(subject.module).failures == 0 && books_balance();
}

static void guards_are_given_up_for_mappings(void **state)
{
    (void)state;
    need_a_limit_on_mappings();
    assert_true(child_says(commit_for_guards, NULL));
}

static bool reserve_too_much(void *context)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 9, .reserve = GIB};
    lintel_module_t     *module;

    (void)context;
    if (!limit(RLIMIT_AS, mapped_now() + 40 * MIB))
        return false;
    bool refused = lintel_module_open(subject.heap, &desc, &module) == -ENOMEM;
    desc.reserve = MIB;
    return refused && lintel_module_open(subject.heap, &desc, &module) == 0;
}

static void a_reservation_beyond_the_limit_is_enomem(void **state)
{
    (void)state;
    need_limits();
    assert_true(child_says(reserve_too_much, NULL));
}

/* Without a file to look in, free address space is found by trial. */
static bool live_without_files(void *context)
{
    (void)context;
    return limit(RLIMIT_NOFILE, 0) && lintel_alloc(subject.module, GIB) && limit(RLIMIT_NOFILE, 64) && books_balance();
}

static void a_limit_on_files_changes_nothing(void **state)
{
    (void)state;
    assert_true(child_says(live_without_files, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_limit_on_address_space_is_enomem, start, end),
        cmocka_unit_test_setup_teardown(a_limit_on_memory_is_enomem, start, end),
        cmocka_unit_test_setup_teardown(a_limit_on_mappings_is_enomem, start_guarded, end),
        cmocka_unit_test_setup_teardown(what_is_in_quarantine_is_given_up_for_a_mapping, start_unguarded, end),
        cmocka_unit_test_setup_teardown(guards_are_given_up_for_mappings, start, end),
        cmocka_unit_test_setup_teardown(a_limit_on_files_changes_nothing, start, end),
        cmocka_unit_test_setup_teardown(a_reservation_beyond_the_limit_is_enomem, start, end),
    };

    if (UNDER_ASAN || UNDER_TSAN) {
        puts("a sanitizer's own shadow memory does not live within such limits");
        return EXIT_SKIP;
    }
    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
