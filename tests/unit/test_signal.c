/* SPDX-License-Identifier: MIT
 *
 * Signal handlers that allocate, find and shrink while the threads they interrupt do the same.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "atomic.h"
#include "os.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum {
    WORKERS = 2,
    BODIES = 150000,
    HANDLED = 20000,
    ENOUGH_BODIES = 5000,
    ENOUGH_HANDLED = 3000,
    SIZE = 24,
    KEY = 42
};

static subject_t         subject;
static pthread_barrier_t gate;
static pthread_t         workers[WORKERS];
static _Atomic unsigned  working;
static _Atomic unsigned  faults;
static unsigned char    *kept[WORKERS][BODIES];
static unsigned          kept_count[WORKERS];

/* What the handlers got, and how many of them there were. */
static _Atomic(unsigned char *) handled[HANDLED];
static _Atomic unsigned         count;

static void check(bool well)
{
    if (!well)
        atomic_fetch_add_relaxed(&faults, 1); /* relaxed, here and below: read after the threads are joined. */
}

static void allocate_in_handler(int signal)
{
    int               entered_with = errno;
    lintel_location_t location;
    unsigned          number = atomic_load_relaxed(&count);

    (void)signal;
    while (number < HANDLED && !atomic_cas_relaxed(&count, &number, number + 1))
        continue;
    if (number == HANDLED)
        return;
    unsigned char *body = lintel_alloc(subject.module, 2 * SIZE);
    check(body && all_bytes_are(body, 2 * SIZE, 0) && errno == entered_with);
    if (body) {
        memset(body, 0xee, 2 * SIZE);
        check(!lintel_find(subject.heap, body + SIZE, &location) && location.key == KEY);
        check(lintel_shrink(subject.module, body, 2 * SIZE, SIZE) == SIZE);
        check(lintel_offset(subject.module, body) > 0);
    }
    atomic_store_relaxed(&handled[number], body);
}

static bool enough(unsigned bodies)
{
    return bodies >= ENOUGH_BODIES && atomic_load_relaxed(&count) >= ENOUGH_HANDLED;
}

static void allocate_in_thread(void *shared, unsigned worker)
{
    lintel_location_t location;

    (void)shared;
    workers[worker] = pthread_self();
    pthread_barrier_wait(&gate);
    for (unsigned i = 0; i < BODIES && !enough(i); i++) {
        unsigned char *body = lintel_alloc(subject.module, SIZE);
        check(body && all_bytes_are(body, SIZE, 0));
        if (!body)
            break;
        kept[worker][kept_count[worker]++] = body;
        memset(body, (int)(worker + 1), SIZE);
        check(!lintel_find(subject.heap, body, &location) && location.key == KEY);
    }
    /* release: pairs with the acquire below; the thread gets no signals any more once it is seen to be done. */
    atomic_fetch_sub_release(&working, 1);
    pthread_barrier_wait(&gate);
}

/* The last member interrupts the others until they are done. */
static void work_or_interrupt(void *shared, unsigned member)
{
    if (member < WORKERS) {
        allocate_in_thread(shared, member);
        return;
    }
    pthread_barrier_wait(&gate);
    /* acquire: pairs with the release above. */
    while (atomic_load_acquire(&working))
        for (unsigned worker = 0; worker < WORKERS; worker++)
            pthread_kill(workers[worker], SIGUSR1);
    pthread_barrier_wait(&gate);
}

static void handlers_allocate_in_the_midst_of_allocations(void **state)
{
    lintel_heap_options_t options = {.first_region = 4096, .region_limit = 32 * KIB, .commit_step = 4096};
    lintel_module_desc_t  desc = {.key = KEY, .align = 8};
    struct sigaction      action = {.sa_handler = allocate_in_handler, .sa_flags = SA_RESTART};

    (void)state;
    subject = subject_open(GIB, &options, &desc);
    subject_free(&subject, MIB, 512 * MIB);
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    assert_int_equal(pthread_barrier_init(&gate, NULL, WORKERS + 1), 0);
    working = WORKERS;
    team_run(WORKERS + 1, work_or_interrupt, NULL);

    assert_int_equal(faults, 0);
    assert_in_range(count, 1, HANDLED);
    print_message("%u handlers\n", count);
    unsigned bodies = count;
    for (unsigned worker = 0; worker < WORKERS; worker++) {
        bodies += kept_count[worker];
        for (unsigned i = 0; i < kept_count[worker]; i++)
            assert_true(all_bytes_are(kept[worker][i], SIZE, (unsigned char)(worker + 1)));
    }
    for (unsigned i = 0; i < count; i++)
        assert_true(all_bytes_are(handled[i], SIZE, 0xee));
    lintel_stats_t stats = stats_of(subject.module);
    assert_int_equal(stats.allocations, bodies);
    assert_int_equal(stats.allocated, bodies * (uint64_t)SIZE);
    subject_end(&subject);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(handlers_allocate_in_the_midst_of_allocations, script_clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
