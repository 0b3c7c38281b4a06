/* SPDX-License-Identifier: MIT
 *
 * Suspended anywhere: a call is stopped at one instruction after the other, and while it stands there others allocate,
 * find and shrink to completion. The processor's own single step does it, and a signal handler, which is both another
 * thread that comes in at the worst moment and a handler that interrupts lintel.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "stepping.h"
#include "subject.h"
#include "unit.h"

#define STEP (64 * KIB)

enum { SIZE = 24, KEY = 42, USUAL_ROUNDS = UNDER_ASAN ? 6 : 24 };

static subject_t      subject;
static unsigned long  rounds = USUAL_ROUNDS;
static unsigned       faults;
static unsigned char *visited; /* what the others got, if they came in */

static void check(bool well)
{
    if (!well)
        faults++;
}

static void visit(void)
{
    lintel_location_t location;
    int               entered_with = errno;

    visited = lintel_alloc(subject.module, 2 * SIZE);
    check(visited && all_bytes_are(visited, 2 * SIZE, 0) && errno == entered_with);
    if (!visited)
        return;
    memset(visited, 0xee, 2 * SIZE);
    check(!lintel_find(subject.heap, visited + 1, &location) && location.key == KEY);
    check(lintel_shrink(subject.module, visited, 2 * SIZE, SIZE) == SIZE);
    check(lintel_publish(subject.module, visited, SIZE) == 0);
}

static size_t page;

/* Everything that is looked at is there to be interrupted: the space is roomy, the regions are small. */
static void open_subject(void)
{
    lintel_heap_options_t options = {.first_region = 4096, .region_limit = 8192, .commit_step = 4096};
    lintel_module_desc_t  desc = {.key = KEY, .align = 8, .reach = GIB - 1};

    page = os_page_size();
    subject = subject_open(GIB, &options, &desc);
    subject_free(&subject, STEP, page);
    subject_free(&subject, MIB, 64 * MIB);
}

typedef void prepare_t(void);
typedef bool call_t(void);

/* Makes the call in an instant of its own, interrupted at one of its instructions; 0 is none of them. */
static void interrupt_at(unsigned long at, prepare_t *prepare, call_t *call)
{
    open_subject();
    prepare();
    visited = NULL;
    stepping_begin(at, visit);
    bool well = call();
    stepping_end();
    assert_true(well);
    assert_int_equal(faults, 0);
    assert_true(!visited || all_bytes_are(visited, SIZE, 0xee));
    subject_end(&subject);
}

/* At every so many of the first instructions. Returns how many of them there are. */
static unsigned long interrupt_first(unsigned long most, unsigned long stride, prepare_t *prepare, call_t *call)
{
    unsigned long met = 0;

    for (unsigned long at = 1; at <= most; at += stride) {
        interrupt_at(at, prepare, call);
        met += visited != NULL;
    }
    return met;
}

/* In as many rounds as there is time for, or instructions, spread over the whole of the call. */
static void interrupt(prepare_t *prepare, call_t *call)
{
    interrupt_at(0, prepare, call);
    unsigned long all = stepping_count();
    unsigned long stride = all / rounds + 1;
    unsigned long met = interrupt_first(all, stride, prepare, call);

    /* No two runs are of quite the same length: the last instructions may not be reached. */
    assert_in_range(met, all / stride * 9 / 10, all / stride + 1);
    print_message("interrupted at %lu of %lu instructions\n", met, all);
}

static char *body;

static void nothing(void)
{
}

static bool allocate(void)
{
    body = lintel_alloc(subject.module, 1000);
    return body && all_bytes_are(body, 1000, 0);
}

static void the_first_allocation(void **state)
{
    (void)state;
    interrupt(nothing, allocate);
}

static void fill_first_region(void)
{
    assert_non_null(lintel_alloc(subject.module, page));
}

static void an_allocation_that_grows(void **state)
{
    (void)state;
    interrupt(fill_first_region, allocate);
}

static void fill_but_for_1000_bytes(void)
{
    assert_non_null(lintel_alloc(subject.module, page - 1000));
}

/* Without what lintel_alloc does before it comes to the module. */
static bool allocate_from_module(void)
{
    void *found = NULL;

    return !module_allocate(subject.module->module, 1000, 1, &found) && all_bytes_are(found, 1000, 0);
}

/* Somewhere among its first instructions it has seen room, and not taken it yet: there it is overtaken, crosses the
 * end, and has to set aside what was left. */
static void an_allocation_overtaken_at_the_end_of_a_region(void **state)
{
    enum { FIRST = 250 };

    (void)state;
    unsigned long met = interrupt_first(FIRST, 1, fill_but_for_1000_bytes, allocate_from_module);
    assert_in_range(met, 50, FIRST);
    print_message("interrupted at %lu instructions\n", met);
}

static void half_a_region(void)
{
    assert_non_null(lintel_alloc(subject.module, 2000));
}

static bool allocate_aligned(void)
{
    body = lintel_alloc_aligned(subject.module, 500, 512);
    return body && (uintptr_t)body % 512 == 0 && all_bytes_are(body, 500, 0);
}

static void an_aligned_allocation(void **state)
{
    (void)state;
    interrupt(half_a_region, allocate_aligned);
}

static void spare_space(void)
{
    body = lintel_alloc(subject.module, 3000);
    assert_non_null(body);
    memset(body, 'x', 3000);
    assert_non_null(lintel_alloc(subject.module, page - 3000));
    assert_int_equal(lintel_shrink(subject.module, body, 3000, 1000), 2000);
}

static void an_allocation_from_spare_space(void **state)
{
    (void)state;
    interrupt(spare_space, allocate);
}

static void two_bodies(void)
{
    body = lintel_alloc(subject.module, 2000);
    assert_non_null(body);
    memset(body, 'x', 2000);
    assert_non_null(lintel_alloc(subject.module, 1000));
}

static bool shrink(void)
{
    return lintel_shrink(subject.module, body, 2000, 1000) == 1000 && all_bytes_are(body, 1000, 'x');
}

static void giving_back(void **state)
{
    (void)state;
    interrupt(two_bodies, shrink);
}

static bool look_up(void)
{
    lintel_location_t location;

    return !lintel_find(subject.heap, body + 1999, &location) && location.offset == (uint64_t)STEP + 1999 &&
           lintel_find(subject.heap, body - 1, &location) == -ENOENT;
}

static void looking_up(void **state)
{
    (void)state;
    interrupt(two_bodies, look_up);
}

static bool ask_too_much(void)
{
    return !lintel_alloc(subject.module, GIB / 2) && errno == ENOSPC;
}

static void a_refusal(void **state)
{
    (void)state;
    interrupt(two_bodies, ask_too_much);
}

/* The number of rounds may be given. */
int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_first_allocation, script_clear),
        cmocka_unit_test_teardown(an_allocation_that_grows, script_clear),
        cmocka_unit_test_teardown(an_allocation_overtaken_at_the_end_of_a_region, script_clear),
        cmocka_unit_test_teardown(an_aligned_allocation, script_clear),
        cmocka_unit_test_teardown(an_allocation_from_spare_space, script_clear),
        cmocka_unit_test_teardown(giving_back, script_clear),
        cmocka_unit_test_teardown(looking_up, script_clear),
        cmocka_unit_test_teardown(a_refusal, script_clear),
    };

    if (count > 1)
        rounds = strtoul(arguments[1], NULL, 10);
    if (!stepping_works())
        return EXIT_SKIP;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
