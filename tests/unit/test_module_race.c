/* SPDX-License-Identifier: MIT
 *
 * module: threads that meet. First at every call to the kernel, one by one, where another allocation comes in between;
 * then as they please.
 */
#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "atomic.h"
#include "os.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

#define STEP (64 * KIB)

static const os_call_t seams[] = {OS_RESERVE, OS_COMMIT, OS_MAP, OS_MAPS_OPEN, OS_MAPS_NEXT};
enum { SEAMS = sizeof(seams) / sizeof(seams[0]), MOST_CALLS = 12 };

static subject_t subject;

static void open_subject(const lintel_heap_options_t *options, lintel_module_desc_t desc, size_t hole)
{
    subject = subject_open(4 * GIB, options, &desc);
    subject_free(&subject, GIB, hole);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static void allocate_40(void *context)
{
    *(void **)context = lintel_alloc(subject.module, 40);
}

/* Every byte above the image that is mapped and not the arena's is in the books: nothing leaked. */
static void assert_nothing_leaked(void)
{
    size_t         page = os_page_size();
    lintel_stats_t stats = stats_of(subject.module);
    uint64_t       mapped = 0;

    for (size_t offset = 0; offset < MIB; offset += page)
        mapped += is_mapped(subject.arena.start + GIB + offset) ? page : 0;
    assert_int_equal(mapped, stats.reserved);
}

/* Two threads in the same place: both get bodies, apart, and whatever one of them had to give up is gone. */
static void a_second_allocation_comes_in_at_every_seam(void **state)
{
    for (unsigned seam = 0; seam < SEAMS; seam++)
        for (unsigned nth = 1; nth <= MOST_CALLS; nth++) {
            void *other = NULL;
            open_subject(&bare, (lintel_module_desc_t){.align = 8}, MIB);
            script_clear(state);
            script_interlude(seams[seam], nth, allocate_40, &other);
            void *body = lintel_alloc(subject.module, 40);
            bool  met = script_calls(seams[seam]) >= nth;
            assert_true(!other == !met);
            assert_fresh_body(&subject, body, 40, GIB, GIB + MIB);
            if (met)
                assert_fresh_body(&subject, other, 40, GIB, GIB + MIB);
            assert_int_equal(stats_of(subject.module).allocations, met ? 2 : 1);
            assert_nothing_leaked();
            end(state);
            if (!met)
                break;
        }
    open_subject(&bare, (lintel_module_desc_t){0}, MIB);
}

/* M3: a thread whose region came too late gives it up, and takes from the winner's. */
static void the_slower_of_two_regions_is_given_up(void **state)
{
    void *other = NULL;

    open_subject(&bare, (lintel_module_desc_t){.align = 8}, MIB);
    script_clear(state);
    script_interlude(OS_RESERVE, 1, allocate_40, &other);
    char *body = lintel_alloc(subject.module, 40);
    assert_ptr_equal(body, (char *)other + 40);
    assert_int_equal(stats_of(subject.module).regions, 1);
    assert_int_equal(script_calls(OS_RESERVE), 3);
    assert_int_equal(script_calls(OS_RELEASE), 1);
    assert_nothing_leaked();
}

/* The address space is in somebody's hands who stands still: wait a little, not for ever. */
static void room_that_never_appears_is_waited_for_in_vain(void **state)
{
    void *other = &subject;

    (void)state;
    open_subject(&bare, (lintel_module_desc_t){.align = 8}, os_page_size());
    script_interlude(OS_MAP, 3, allocate_40, &other);
    assert_non_null(lintel_alloc(subject.module, 40));
    assert_null(other);
    assert_in_range(script_calls(OS_YIELD), 1, 1000);
    assert_int_equal(stats_of(subject.module).failures, 1);
}

/* One thread stands at a seam, a real one; the others go on. */
typedef struct {
    sem_t arrived;
    sem_t go_on;
} stand_t;

static void stand_still(void *context)
{
    stand_t *stand = context;

    sem_post(&stand->arrived);
    while (sem_wait(&stand->go_on))
        continue;
}

static void allocate_once(void *shared, unsigned member)
{
    (void)member;
    *(void **)shared = lintel_alloc(subject.module, 40);
}

static void a_thread_that_stands_still_stops_nobody(void **state)
{
    for (unsigned seam = 0; seam < SEAMS; seam++) {
        stand_t stand;
        void   *late = NULL;
        open_subject(&bare, (lintel_module_desc_t){.align = 8}, MIB);
        sem_init(&stand.arrived, 0, 0);
        sem_init(&stand.go_on, 0, 0);
        script_interlude(seams[seam], 1, stand_still, &stand);
        team_start(1, allocate_once, &late);
        while (sem_wait(&stand.arrived))
            continue;
        for (unsigned i = 0; i < 3000; i++)
            assert_non_null(lintel_alloc(subject.module, 40 + i % 100));
        sem_post(&stand.go_on);
        team_join();
        assert_fresh_body(&subject, late, 40, GIB, GIB + MIB);
        assert_int_equal(stats_of(subject.module).allocations, 3001);
        assert_nothing_leaked();
        end(state);
    }
    open_subject(&bare, (lintel_module_desc_t){0}, MIB);
}

enum { THREADS = 4, MOST_BODIES = 20000 };

typedef struct {
    unsigned char *start;
    unsigned       size;
} body_t;

typedef struct {
    unsigned largest;
    unsigned align;
    unsigned counts[THREADS];
    unsigned faults[THREADS];
    body_t  *bodies[THREADS];
} load_t;

/* Sizes get smaller as they are refused, down to one byte. */
static void allocate_until_full(void *shared, unsigned member)
{
    load_t       *load = shared;
    unsigned long seed = member;

    for (unsigned largest = load->largest; largest && load->counts[member] < MOST_BODIES;) {
        unsigned       size = 1 + random_below(&seed, largest);
        size_t         align = random_below(&seed, 4) ? 1 : (size_t)1 << random_below(&seed, load->align);
        unsigned char *body = lintel_alloc_aligned(subject.module, size, align);
        if (!body && align > 1)
            body = lintel_alloc(subject.module, size);
        if (!body) {
            load->faults[member] += errno != ENOSPC;
            largest = size - 1;
            continue;
        }
        load->faults[member] += !all_bytes_are(body, size, 0);
        memset(body, (int)(member + 1), size);
        load->bodies[member][load->counts[member]++] = (body_t){body, size};
    }
}

static void check_load(unsigned largest, unsigned align, size_t reach)
{
    load_t   load = {.largest = largest, .align = align};
    uint64_t total = 0;

    for (unsigned member = 0; member < THREADS; member++) {
        load.bodies[member] = calloc(MOST_BODIES, sizeof(body_t));
        assert_non_null(load.bodies[member]);
    }
    team_run(THREADS, allocate_until_full, &load);
    for (unsigned member = 0; member < THREADS; member++) {
        assert_int_equal(load.faults[member], 0);
        assert_in_range(load.counts[member], 0, MOST_BODIES - 1);
        for (unsigned i = 0; i < load.counts[member]; i++) {
            body_t *body = &load.bodies[member][i];
            assert_true(all_bytes_are(body->start, body->size, (unsigned char)(member + 1)));
            assert_in_range((uintptr_t)body->start + body->size - 1 - subject.arena.start, GIB, reach);
            total += body->size;
        }
        free(load.bodies[member]);
    }
    assert_int_equal(total, stats_of(subject.module).allocated);
    assert_books_balance(subject.module);
    assert_nothing_leaked();
}

/* M1, M2, and to the last byte: a module of alignment 1 has nothing to lose. */
static void threads_fill_everything_within_reach(void **state)
{
    lintel_heap_options_t options = {.first_region = 1, .region_limit = 1, .commit_step = 1, .guard = LINTEL_OFF};
    size_t                reach = GIB + 40 * 4096 - 10;

    (void)state;
    open_subject(&options, (lintel_module_desc_t){.align = 1, .reach = reach}, MIB);
    check_load(1500, 13, reach);
    lintel_stats_t stats = stats_of(subject.module);
    assert_int_equal(stats.allocated, reach + 1 - GIB);
    assert_int_equal(stats.spare + stats.lost, 0);
}

/* Regions so small that every few bodies somebody grows, and several at once. */
static void threads_grow_all_the_time(void **state)
{
    lintel_heap_options_t options = {.first_region = 1, .region_limit = 1, .commit_step = 1, .guard = LINTEL_OFF};
    size_t                reach = GIB + 200 * 4096 - 1;

    (void)state;
    open_subject(&options, (lintel_module_desc_t){.align = 16, .reach = reach}, MIB);
    check_load(4096, 5, reach);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_second_allocation_comes_in_at_every_seam, end),
        cmocka_unit_test_teardown(the_slower_of_two_regions_is_given_up, end),
        cmocka_unit_test_teardown(room_that_never_appears_is_waited_for_in_vain, end),
        cmocka_unit_test_teardown(a_thread_that_stands_still_stops_nobody, end),
        cmocka_unit_test_teardown(threads_fill_everything_within_reach, end),
        cmocka_unit_test_teardown(threads_grow_all_the_time, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
