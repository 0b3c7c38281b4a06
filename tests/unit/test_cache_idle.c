/* SPDX-License-Identifier: MIT
 *
 * cache_idle: chunks that their threads do not use come back to the module, and never one that is in use: with the
 * thread stopped at any instruction of its call, and coming back at any instruction of the reclaiming.
 */
#include "cache_idle.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>

#include "atomic.h"
#include "cache.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "service_subject.h"
#include "stepping.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { SIZE = 64, ROUNDS = UNDER_ASAN ? 40 : 150, MEMBERS = 4, BODIES = UNDER_TSAN ? 20000 : 200000 };

#define CHUNK (16 * KIB)

static const lintel_heap_options_t usual = {.first_region = 8 * MIB};

static subject_t        subject;
static module_t        *module;
static _Atomic unsigned faults;
static sem_t            go_on, waiting;

static void check(bool well)
{
    if (!well)
        atomic_fetch_add_relaxed(&faults, 1); /* relaxed, here and below: a count, read when all is done. */
}

static void open_subject(const lintel_heap_options_t *options)
{
    subject = subject_open(4 * GIB, options, NULL);
    subject_free(&subject, GIB, 64 * MIB);
    module = subject.module->module;
    hand_out(subject.module, MIB);
}

static int start(void **state)
{
    (void)state;
    open_subject(&usual);
    sem_init(&go_on, 0, 0);
    sem_init(&waiting, 0, 0);
    return 0;
}

static unsigned char *allocate(void)
{
    unsigned char *body = lintel_alloc(subject.module, SIZE);

    check(body && all_bytes_are(body, SIZE, 0));
    if (body)
        memset(body, 'b', SIZE);
    return body;
}

/* Whether the bytes behind the body are in a thread's chunk. */
static bool is_followed_by_chunk(const unsigned char *body)
{
    uintptr_t after = (uintptr_t)body + SIZE;

    return cache_overlaps(module, module->cache_place, (range_t){after, after + CHUNK / 2});
}

static void reclaim_twice(void)
{
    cache_reclaim_idle(module);
    cache_reclaim_idle(module);
}

/* A thread that has a chunk, and waits with it until it may go on. */
static unsigned char *first, *second;
static bool           is_waiting;

static void wait_with_a_chunk(void *shared, unsigned member)
{
    (void)shared;
    (void)member;
    first = allocate();
    sem_post(&waiting);
    sem_wait(&go_on);
    second = allocate();
}

static void start_waiting(void)
{
    team_start(1, wait_with_a_chunk, NULL);
    is_waiting = true;
    sem_wait(&waiting);
    assert_true(is_followed_by_chunk(first));
}

static void let_go(void)
{
    is_waiting = false;
    sem_post(&go_on);
    team_join();
}

static void end_waiting(void)
{
    let_go();
    assert_int_equal(faults, 0);
    assert_true(all_bytes_are(first, SIZE, 'b') && all_bytes_are(second, SIZE, 'b') && second != first);
}

static int end(void **state)
{
    if (is_waiting) /* of a test that failed */
        let_go();
    subject_end(&subject);
    return script_clear(state);
}

static void an_idle_chunk_comes_back(void **state)
{
    (void)state;
    start_waiting();
    uint64_t allocated = stats_of(subject.module).allocated;
    cache_reclaim_idle(module);
    assert_true(is_followed_by_chunk(first));
    cache_reclaim_idle(module);
    assert_false(is_followed_by_chunk(first));
    assert_int_equal(stats_of(subject.module).allocated, allocated);
    /* It is there for whoever needs it once the region is used up, and the thread goes on with another. */
    assert_int_equal(spare_total(&module->spares), CHUNK - SIZE);
    end_waiting();
    assert_int_equal(stats_of(subject.module).allocated, allocated + SIZE);
}

static void the_service_sees_to_it(void **state)
{
    lintel_heap_options_t options = {.first_region = 8 * MIB, .service = LINTEL_ON};

    assert_int_equal(end(state), 0);
    refuse_threads(true);
    open_subject(&options);
    refuse_threads(false);
    start_waiting();
    for (int passes = 0; passes < 64; passes++)
        (void)service_pass(&subject.heap->service);
    assert_false(is_followed_by_chunk(first));
    end_waiting();
}

static void one_that_is_used_stays(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        unsigned char *body = allocate();
        cache_reclaim_idle(module);
        assert_true(is_followed_by_chunk(body));
    }
    assert_int_equal(script_calls(OS_BARRIER), 0);
}

static void so_does_one_that_cannot_be_asked_for(void **state)
{
    (void)state;
    start_waiting();
    script_answer(OS_BARRIER, 1, FOREVER, -ENOSYS);
    reclaim_twice();
    assert_true(is_followed_by_chunk(first));
    script_answer(OS_BARRIER, 1, 0, 0);
    script_answer(OS_PEEK, 1, FOREVER, -EFAULT);
    reclaim_twice();
    assert_true(is_followed_by_chunk(first));
    assert_int_equal(script_calls(OS_PEEK), 2);
    end_waiting();
    /* The chunk is the thread's again. */
    assert_ptr_equal(second, first + SIZE);
}

static void a_thread_that_ends_meanwhile(void *context)
{
    (void)context;
    let_go();
}

static void one_whose_thread_ends_meanwhile_comes_back_once(void **state)
{
    (void)state;
    for (unsigned peek = 0; peek < 2; peek++) {
        start_waiting();
        cache_reclaim_idle(module);
        script_interlude(peek ? OS_PEEK : OS_BARRIER, 1, a_thread_that_ends_meanwhile, NULL);
        cache_reclaim_idle(module);
        assert_int_equal(faults, 0);
        assert_false(is_followed_by_chunk(second));
        assert_books_balance(subject.module);
        (void)script_clear(NULL);
    }
}

/* The last of so many calls gives up the slot's chunk, if it will not do. */
enum { AFTERWARDS = 10 };

static unsigned char *bodies[2 + AFTERWARDS];

static void allocate_several(void)
{
    for (int i = 2; i < 2 + AFTERWARDS; i++)
        bodies[i] = allocate();
}

static void allocate_one(void)
{
    bodies[1] = allocate();
}

typedef void step_t(void);

/* One round: a call, and another at one of its instructions. Returns how many it has. */
static unsigned long meet_at(unsigned long at, step_t *call, step_t *visit)
{
    lintel_location_t location;

    open_subject(&usual);
    memset(bodies, 0, sizeof(bodies));
    bodies[0] = allocate();
    cache_reclaim_idle(module);
    stepping_begin(at, visit);
    call();
    stepping_end();
    unsigned long count = stepping_count();
    for (int i = 0; i < 2 + AFTERWARDS; i++) {
        if (!bodies[i])
            continue;
        assert_true(all_bytes_are(bodies[i], SIZE, 'b'));
        /* Not among what others may be given. */
        assert_int_equal(lintel_find(subject.heap, bodies[i], &location), 0);
        for (int j = 0; j < i; j++)
            assert_ptr_not_equal(bodies[i], bodies[j]);
    }
    assert_int_equal(faults, 0);
    lintel_thread_flush();
    assert_false(is_followed_by_chunk(bodies[0]));
    subject_end(&subject);
    return count;
}

/* At instructions all over the call, and at each of a short one. */
static void meet_everywhere(step_t *call, step_t *visit)
{
    unsigned long all = meet_at(0, call, visit);
    unsigned long stride = all / ROUNDS + 1;

    for (unsigned long at = 1; at <= all; at += stride)
        (void)meet_at(at, call, visit);
    print_message("met at every %luth of %lu instructions\n", stride, all);
}

static void a_thread_inside_a_call_keeps_its_chunk(void **state)
{
    (void)state;
    meet_everywhere(allocate_one, reclaim_twice);
    meet_everywhere(lintel_thread_flush, reclaim_twice);
}

static void a_thread_may_come_back_at_any_moment(void **state)
{
    (void)state;
    meet_everywhere(reclaim_twice, allocate_several);
    meet_everywhere(reclaim_twice, lintel_thread_flush);
}

/* Numbers in bodies, each of which belongs to one member. */
static uint32_t *own[MEMBERS][BODIES];

static void allocate_in_bursts(void *shared, unsigned member)
{
    unsigned long seed = member + 1;

    (void)shared;
    for (uint32_t i = 0; i < BODIES; i++) {
        own[member][i] = lintel_alloc(subject.module, SIZE);
        check(own[member][i] && all_bytes_are(own[member][i], SIZE, 0));
        if (!own[member][i])
            return;
        *own[member][i] = i + 1;
        if (random_below(&seed, 500) == 0)
            sched_yield();
    }
    (void)sem_post(&waiting);
}

static void threads_go_on_while_chunks_are_taken_back(void **state)
{
    int done = 0;

    (void)state;
    team_start(MEMBERS, allocate_in_bursts, NULL);
    while (done < MEMBERS) {
        cache_reclaim_idle(module);
        sem_getvalue(&waiting, &done);
        done = faults ? MEMBERS : done;
    }
    team_join();
    assert_int_equal(faults, 0);
    for (unsigned member = 0; member < MEMBERS; member++)
        for (uint32_t i = 0; i < BODIES; i++)
            assert_int_equal(*own[member][i], i + 1);
    print_message("%u barriers\n", script_calls(OS_BARRIER));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_idle_chunk_comes_back, start, end),
        cmocka_unit_test_setup_teardown(the_service_sees_to_it, start, end),
        cmocka_unit_test_setup_teardown(one_that_is_used_stays, start, end),
        cmocka_unit_test_setup_teardown(so_does_one_that_cannot_be_asked_for, start, end),
        cmocka_unit_test_setup_teardown(one_whose_thread_ends_meanwhile_comes_back_once, start, end),
        cmocka_unit_test_setup_teardown(threads_go_on_while_chunks_are_taken_back, start, end),
    };
    const struct CMUnitTest stepped[] = {
        cmocka_unit_test_teardown(a_thread_inside_a_call_keeps_its_chunk, script_clear),
        cmocka_unit_test_teardown(a_thread_may_come_back_at_any_moment, script_clear),
    };

    uintptr_t seen;
    if (os_barrier() || os_peek(&cache_page_own, sizeof(seen), &seen)) {
        print_message("skipped: there are no barriers here for other threads, or nobody may look at their memory\n");
        return EXIT_SKIP;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    return failed || !stepping_works() ? failed : cmocka_run_group_tests(stepped, NULL, NULL);
}
