/* SPDX-License-Identifier: MIT
 *
 * cache: a handler that allocates, flushes and looks up, at one instruction after the other of what its own thread does
 * with its chunk; and looks at slots and cells that are stopped while these go.
 */
#include <errno.h>
#include <string.h>
#include <urcu/urcu-bp.h>

#include "atomic.h"
#include "cache.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "stepping.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { SIZE = 64, ROUNDS = UNDER_ASAN ? 25 : 100, SPANS = 48 };

#define CHUNK (16 * KIB)

static subject_t      subject;
static unsigned char *body;
static unsigned char *visited[2];
static unsigned       faults;

static void check(bool well)
{
    if (!well)
        faults++;
}

static void visit(void)
{
    lintel_location_t location;

    for (int i = 0; i < 2; i++) {
        visited[i] = lintel_alloc(subject.module, SIZE);
        check(visited[i] && all_bytes_are(visited[i], SIZE, 0));
        if (!visited[i])
            return;
        memset(visited[i], 0xee, SIZE);
        check(!lintel_find(subject.heap, visited[i], &location) && lintel_offset(subject.module, visited[i]) > 0);
        check(lintel_shrink(subject.module, visited[i], SIZE, SIZE / 2) == SIZE / 2);
        lintel_thread_flush();
    }
}

typedef void step_t(void);

/* The subject with a chunk in hand of which `used` bytes are used. */
static void open_subject(size_t used)
{
    lintel_heap_options_t options = {.first_region = 8 * MIB};

    subject = subject_open(4 * GIB, &options, NULL);
    subject_free(&subject, GIB, 64 * MIB);
    hand_out(subject.module, MIB);
    if (!used)
        return;
    body = lintel_alloc(subject.module, SIZE);
    assert_non_null(body);
    for (size_t i = SIZE; i < used; i += SIZE)
        assert_non_null(lintel_alloc(subject.module, SIZE));
    memset(body, 'x', SIZE);
}

/* One round. Returns how many instructions there are. */
static unsigned long interrupt_at(unsigned long at, size_t used, step_t *call)
{
    open_subject(used);
    memset(visited, 0, sizeof(visited));
    stepping_begin(at, visit);
    call();
    stepping_end();
    unsigned long count = stepping_count();
    assert_int_equal(faults, 0);
    /* A round may have fewer instructions than the one that was counted. */
    bool met = at && at <= count;
    assert_true(!met == !visited[1]);
    for (int i = 0; met && i < 2; i++)
        assert_true(all_bytes_are(visited[i], SIZE / 2, 0xee));
    uint64_t bodies = stats_of(subject.module).allocations;
    lintel_thread_flush();
    assert_int_equal(stats_of(subject.module).allocations, bodies);
    subject_end(&subject);
    return count;
}

static void interrupt(size_t used, step_t *call)
{
    unsigned long all = interrupt_at(0, used, call);
    unsigned long stride = all / ROUNDS + 1;

    for (unsigned long at = 1; at <= all; at += stride)
        (void)interrupt_at(at, used, call);
    print_message("interrupted at every %luth of %lu instructions\n", stride, all);
}

static void allocate(void)
{
    unsigned char *next = lintel_alloc(subject.module, SIZE);

    check(next && next != visited[0] && next != visited[1] && all_bytes_are(next, SIZE, 0));
    if (next)
        memset(next, 'n', SIZE);
}

static void the_fast_path(void **state)
{
    (void)state;
    interrupt(SIZE, allocate);
}

static void the_exchange_of_a_chunk(void **state)
{
    (void)state;
    interrupt(CHUNK, allocate);
}

static void shrink(void)
{
    check(lintel_shrink(subject.module, body, SIZE, SIZE / 2) == SIZE / 2 && all_bytes_are(body, SIZE / 2, 'x'));
}

static void giving_back(void **state)
{
    (void)state;
    interrupt(SIZE, shrink);
}

static void a_flush(void **state)
{
    (void)state;
    interrupt(SIZE, lintel_thread_flush);
}

static unsigned owned_pages(void)
{
    unsigned count = 0;

    for (cache_page_t *page = cache_page_first(); page; page = page->next)
        count += atomic_load_relaxed(&page->place) != NULL;
    return count;
}

static unsigned long pages_at;

static void allocate_first(void *shared, unsigned member)
{
    (void)shared;
    (void)member;
    stepping_begin(pages_at, visit);
    allocate();
    stepping_end();
    check(owned_pages() <= 2);
}

/* The handler may get the thread's page, or none; not one of its own that stays for ever. */
static void the_first_call_of_a_thread(void **state)
{
    unsigned long all = 1;

    (void)state;
    for (pages_at = 0; pages_at <= all; pages_at += all / ROUNDS + 1) {
        open_subject(0);
        lintel_thread_flush();
        team_run(1, allocate_first, NULL);
        all = pages_at ? all : stepping_count();
        assert_int_equal(faults, 0);
        assert_int_equal(owned_pages(), 1);
        subject_end(&subject);
    }
    print_message("interrupted within %lu instructions\n", all);
}

/* A module that somebody looks into, and bodies of the subject's whose ends become spare spans. */
static lintel_module_t *passing;
static unsigned char   *sought;
static unsigned char   *ends[SPANS];

static void prepare_to_pass(void)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 7};

    for (size_t i = 0; i < SPANS; i++) {
        ends[i] = lintel_alloc(subject.module, 4 * KIB);
        assert_non_null(ends[i]);
    }
    assert_int_equal(lintel_module_open(subject.heap, &desc, &passing), 0);
    sought = lintel_alloc(passing, SIZE);
    assert_non_null(sought);
}

/* The module goes, and its cells become full blocks of spare spans. */
static void pass(void)
{
    check(!lintel_module_close(subject.heap, 7));
    lintel_module_release(passing);
    urcu_bp_barrier();
    for (size_t i = 0; i < SPANS; i++)
        check(lintel_shrink(subject.module, ends[i], 4 * KIB, KIB) == 3 * KIB);
    passing = NULL;
}

static unsigned long look_up_at(unsigned long at)
{
    lintel_location_t location;

    open_subject(0);
    prepare_to_pass();
    stepping_begin(at, pass);
    int result = lintel_find(subject.heap, sought, &location);
    stepping_end();
    unsigned long count = stepping_count();
    assert_true(result == 0 || (at && result == -ENOENT));
    assert_int_equal(faults, 0);
    assert_true(!at == (passing != NULL));
    if (passing)
        lintel_module_release(passing);
    subject_end(&subject);
    return count;
}

static void a_look_up_in_a_module_that_goes(void **state)
{
    unsigned long all = look_up_at(0);
    unsigned long stride = all / ROUNDS + 1;

    (void)state;
    for (unsigned long at = 1; at <= all; at += stride)
        (void)look_up_at(at);
    print_message("interrupted at every %luth of %lu instructions\n", stride, all);
}

/* Another module takes the slot while its figures are read. */
static lintel_module_t *rival;

static void take_the_slot(void)
{
    check(lintel_alloc(rival, SIZE) != NULL);
}

static unsigned long count_at(unsigned long at)
{
    lintel_stats_t stats;

    open_subject(CHUNK);
    for (uint64_t key = 1; key <= CACHE_SLOTS; key++) {
        lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};
        assert_int_equal(lintel_module_open(subject.heap, &desc, &rival), 0);
    }
    hand_out(rival, MIB);
    stepping_begin(at, take_the_slot);
    check(!lintel_module_stats(subject.module, &stats));
    stepping_end();
    unsigned long count = stepping_count();
    assert_int_equal(faults, 0);
    /* The chunk, used up, is counted here or there, twice or not at all; nothing of the other module's is. */
    assert_in_range(stats.allocated, MIB, MIB + 2 * CHUNK);
    assert_int_equal(stats.allocated % CHUNK, 0);
    assert_int_equal(stats.spare + stats.lost, 0);
    subject_end(&subject);
    return count;
}

static void figures_of_a_slot_that_changes(void **state)
{
    unsigned long all = count_at(0);
    unsigned long stride = all / (4 * ROUNDS) + 1; /* between two loads there is little to hit */

    (void)state;
    for (unsigned long at = 1; at <= all; at += stride)
        (void)count_at(at);
    print_message("interrupted at every %luth of %lu instructions\n", stride, all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_fast_path, script_clear),
        cmocka_unit_test_teardown(the_exchange_of_a_chunk, script_clear),
        cmocka_unit_test_teardown(giving_back, script_clear),
        cmocka_unit_test_teardown(a_flush, script_clear),
        cmocka_unit_test_teardown(the_first_call_of_a_thread, script_clear),
        cmocka_unit_test_teardown(a_look_up_in_a_module_that_goes, script_clear),
        cmocka_unit_test_teardown(figures_of_a_slot_that_changes, script_clear),
    };

    if (!stepping_works())
        return EXIT_SKIP;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
