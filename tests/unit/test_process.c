/* SPDX-License-Identifier: MIT
 *
 * In processes as they are: a program whose heap still has to grow, one with very many mappings, one without files or
 * without /proc.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os.h"
#include "outcome.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

/* The program's own image: the first one in the list. */
static int describe_program(struct dl_phdr_info *info, size_t size, void *context)
{
    lintel_module_desc_t *desc = context;
    uintptr_t             start = UINTPTR_MAX;
    uintptr_t             end = 0;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD)
            continue;
        start = min_address(start, info->dlpi_addr + segment->p_vaddr);
        end = max_address(end, info->dlpi_addr + segment->p_vaddr + segment->p_memsz);
    }
    desc->base = align_down(start, os_page_size());
    desc->image_size = end - desc->base;
    return 1;
}

static bool grow_heap_by_a_gib(void *context)
{
    (void)context;
    char *old = sbrk((intptr_t)GIB);
    if (old == (char *)-1)
        return false;
    old[0] = old[GIB - 1] = 1;
    return true;
}

/* Between the image and the heap the kernel leaves a gap of any size, where bodies would be in nobody's way. */
static range_t fill_gap_below_heap(const lintel_module_desc_t *program)
{
    uintptr_t start = align_up(program->base + program->image_size, os_page_size());
    range_t   heap;
    os_maps_t maps;

    assert_int_equal(os_maps_open(&maps, OS_MAPS_TEXT), 0);
    assert_int_equal(os_maps_next(&maps, start, &heap), 0);
    os_maps_close(&maps);
    /* A malloc that does without brk leaves no mapping where the heap would be. */
    uintptr_t end = min_address(heap.start, align_down((uintptr_t)sbrk(0), os_page_size()));
    if (end > start)
        arena_fill((range_t){start, end});
    return (range_t){start, max_address(start, end)};
}

static void the_programs_heap_can_still_grow_by_a_gib(void **state)
{
    lintel_module_desc_t desc = {.name = "program"};
    lintel_heap_t       *heap;
    lintel_module_t     *module;

    (void)state;
    if (!child_says(grow_heap_by_a_gib, NULL))
        skip_because("sbrk of 1 GiB fails even without lintel");
    dl_iterate_phdr(describe_program, &desc);
    range_t gap = fill_gap_below_heap(&desc);
    assert_int_equal(lintel_heap_create(NULL, &heap), 0);
    assert_int_equal(lintel_module_open(heap, &desc, &module), 0);
    for (int i = 0; i < 64; i++) {
        char *body = lintel_alloc(module, MIB);
        assert_non_null(body);
        assert_in_range((uintptr_t)body, desc.base + desc.image_size, desc.base + LINTEL_REACH_RVA32 - MIB);
        body[0] = body[MIB - 1] = 1;
    }
    assert_true(child_says(grow_heap_by_a_gib, NULL));
    lintel_heap_destroy(heap);
    if (range_size(gap))
        arena_free(gap);
}

/* Every second page of 40,000 is a mapping of its own. */
static void *crowd(size_t *size)
{
    size_t page = os_page_size();

    *size = 40000 * page;
    char *pages = mmap(NULL, *size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    for (size_t i = 0; i < 40000; i += 2)
        assert_int_equal(mprotect(pages + i * page, page, PROT_READ), 0);
    return pages;
}

/* The kernel is asked about what lies above the module, and not about the 20,000 elsewhere. */
static void very_many_mappings_are_not_walked(void **state)
{
    os_maps_t maps;
    size_t    size;

    (void)state;
    if (os_maps_open(&maps, OS_MAPS_QUERY))
        skip_because("this kernel has no PROCMAP_QUERY");
    os_maps_close(&maps);
    void     *pages = crowd(&size);
    subject_t subject = subject_open(GIB, NULL, NULL);
    subject_free(&subject, MIB, MIB);
    script_clear(NULL);
    assert_non_null(lintel_alloc(subject.module, 100));
    assert_in_range(script_calls(OS_MAPS_NEXT), 1, 4);
    assert_int_equal(script_calls(OS_MAPS_OPEN), 1);
    subject_end(&subject);
    munmap(pages, size);
}

static void very_many_mappings_are_read_as_text_too(void **state)
{
    lintel_heap_options_t options = {.gap = LINTEL_GAP_TEXT};
    size_t                size;

    (void)state;
    void     *pages = crowd(&size);
    subject_t subject = subject_open(GIB, &options, NULL);
    subject_free(&subject, MIB, MIB);
    assert_fresh_body(&subject, lintel_alloc(subject.module, 100), 100, MIB, 2 * MIB);
    subject_end(&subject);
    munmap(pages, size);
}

static subject_t shared;

static bool allocate_without_files(void *context)
{
    struct rlimit usual;

    (void)context;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &usual), 0);
    struct rlimit none = {0, usual.rlim_max};
    bool          well = !setrlimit(RLIMIT_NOFILE, &none) && lintel_alloc(shared.module, 100) &&
                lintel_alloc(shared.module, 10 * MIB);
    return !setrlimit(RLIMIT_NOFILE, &usual) && well;
}

/* Ends where it was, for what a process writes down at its end. */
static bool allocate_without_proc(void *context)
{
    int  outside = open("/", O_DIRECTORY | O_CLOEXEC);
    bool well = !chroot(context) && !chdir("/") && access("/proc/self/maps", F_OK) &&
                lintel_alloc(shared.module, 100) && lintel_alloc(shared.module, 10 * MIB);

    return !fchdir(outside) && !chroot(".") && !close(outside) && well;
}

static void a_process_without_files_goes_on(void **state)
{
    (void)state;
    shared = subject_open(GIB, NULL, NULL);
    subject_free(&shared, MIB, 64 * MIB);
    assert_true(child_says(allocate_without_files, NULL));
    subject_end(&shared);
}

static void a_process_without_proc_goes_on(void **state)
{
    char empty[] = "/tmp/lintel-unit-XXXXXX";

    (void)state;
    if (geteuid())
        skip_because("only root can leave /proc behind");
    assert_non_null(mkdtemp(empty));
    shared = subject_open(GIB, NULL, NULL);
    subject_free(&shared, MIB, 64 * MIB);
    assert_true(child_says(allocate_without_proc, empty));
    subject_end(&shared);
    assert_int_equal(rmdir(empty), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_programs_heap_can_still_grow_by_a_gib, script_clear),
        cmocka_unit_test_teardown(very_many_mappings_are_not_walked, script_clear),
        cmocka_unit_test_teardown(very_many_mappings_are_read_as_text_too, script_clear),
        cmocka_unit_test_teardown(a_process_without_files_goes_on, script_clear),
        cmocka_unit_test_teardown(a_process_without_proc_goes_on, script_clear),
    };

    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
