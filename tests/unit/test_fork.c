/* SPDX-License-Identifier: MIT
 *
 * fork: parent and child both go on, and neither sees what the other writes.
 */
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include "atomic.h"
#include "os.h"
#include "outcome.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "surroundings.h"
#include "team.h"
#include "unit.h"

#define STEP (64 * KIB)

/* The table's growth takes its time, while a test watches. */
static sem_t        resizing;
static _Atomic bool watching;
static _Atomic bool resized;

void __real_cds_lfht_resize(struct cds_lfht *table, unsigned long size);
void __wrap_cds_lfht_resize(struct cds_lfht *table, unsigned long size);

void __wrap_cds_lfht_resize(struct cds_lfht *table, unsigned long size)
{
    enum { YIELDS = 20000 };

    if (watching) {
        sem_post(&resizing);
        for (int i = 0; i < YIELDS; i++)
            sched_yield();
        resized = true;
    }
    __real_cds_lfht_resize(table, size);
}

static subject_t subject;
static char     *inherited;

static int start(void **state)
{
    (void)state;
    subject = subject_open(GIB, &bare, NULL);
    subject_free(&subject, 16 * MIB, 256 * MIB);
    inherited = lintel_alloc(subject.module, 5000);
    assert_non_null(inherited);
    memset(inherited, 'p', 5000);
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

/* Everything that a program does with lintel; more modules than the table had room for. */
static bool live_on(void *context)
{
    lintel_location_t location;
    bool              well = true;

    (void)context;
    for (uint64_t key = 1; key <= 100; key++) {
        lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};
        lintel_module_t     *module = NULL;
        char                *body = NULL;
        well = well && !lintel_module_open(subject.heap, &desc, &module);
        well = well && (body = lintel_alloc(module, 100)) && all_bytes_are(body, 100, 0);
        well = well && !lintel_find(subject.heap, body, &location) && location.key == key;
        well = well && lintel_module_acquire(subject.heap, key) == module;
        well = well && lintel_alloc(subject.module, 3000);
        if (!well)
            return false;
        memset(body, 'c', 100);
        lintel_module_release(module);
        lintel_module_release(module);
    }
    for (uint64_t key = 1; key <= 100; key++)
        well = well && !lintel_module_close(subject.heap, key);
    urcu_bp_barrier();
    lintel_stats_t stats;
    return well && !lintel_heap_stats(subject.heap, &stats) && stats.modules == 1;
}

static void both_go_on(void **state)
{
    (void)state;
    need_threads_in_children();
    assert_true(live_on(NULL));
    assert_true(child_says(live_on, NULL));
    assert_true(live_on(NULL));
    assert_books_balance(subject.module);
}

static bool fork_again(void *context)
{
    return live_on(context) && child_says(live_on, context) && live_on(context);
}

static void so_does_a_childs_child(void **state)
{
    (void)state;
    need_threads_in_children();
    assert_true(child_says(fork_again, NULL));
    assert_true(live_on(NULL));
}

/* What is shared between the two. */
static turns_t *turns;

static bool write_and_look(void *context)
{
    char *own = lintel_alloc(subject.module, 5000);

    (void)context;
    turns_pass(&turns->parents_turn, &turns->childs_turn);
    bool unseen = all_bytes_are(inherited, 5000, 'p') && all_bytes_are(own, 5000, 0);
    memset(inherited, 'c', 5000);
    memset(own, 'c', 5000);
    turns_pass(&turns->parents_turn, &turns->childs_turn);
    return unseen && all_bytes_are(inherited, 5000, 'c') && all_bytes_are(own, 5000, 'c');
}

/* The parent's part, from when the child is there. */
static void take_turns(void *shared, unsigned member)
{
    (void)member;
    while (sem_wait(&turns->parents_turn))
        continue;
    char *own = lintel_alloc(subject.module, 5000);
    memset(inherited, 'q', 5000);
    memset(own, 'q', 5000);
    turns_pass(&turns->childs_turn, &turns->parents_turn);
    *(bool *)shared = all_bytes_are(own, 5000, 'q') && all_bytes_are(inherited, 5000, 'q');
    sem_post(&turns->childs_turn);
}

static void neither_sees_the_others_writes(void **state)
{
    bool well = false;

    (void)state;
    need_threads_in_children();
    turns = turns_start();
    team_start(1, take_turns, &well);
    assert_true(child_says(write_and_look, NULL));
    team_join();
    assert_true(well);
    turns_end(turns);
}

static bool give_up(void *context)
{
    lintel_heap_destroy(subject.heap);
    return !is_mapped(align_down((uintptr_t)context, os_page_size()));
}

static void a_heap_ended_by_the_child_is_still_the_parents(void **state)
{
    (void)state;
    need_threads_in_children();
    assert_true(child_says(give_up, inherited));
    assert_true(all_bytes_are(inherited, 5000, 'p'));
    assert_true(live_on(NULL));
}

static bool close_inherited(void *context)
{
    uintptr_t body = (uintptr_t)context;

    if (lintel_module_close(subject.heap, 7))
        return false;
    urcu_bp_barrier();
    return !is_mapped(body);
}

static void a_module_closed_by_the_child_is_still_the_parents(void **state)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 7};
    lintel_module_t     *module;

    (void)state;
    need_threads_in_children();
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    char *body = lintel_alloc(module, STEP);
    lintel_module_release(module);
    assert_true(child_says(close_inherited, body));
    assert_ptr_equal(lintel_module_acquire(subject.heap, 7), module);
    memset(body, 'x', STEP);
    lintel_module_release(module);
}

static bool allocate_and_open(void *context)
{
    uint64_t first = context ? *(uint64_t *)context : 1;
    bool     well = true;

    for (uint64_t key = first; key < first + 200; key++) {
        lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};
        lintel_module_t     *module = NULL;
        well = well && !lintel_module_open(subject.heap, &desc, &module) && lintel_alloc(module, 64);
        well = well && lintel_alloc(subject.module, 64);
    }
    for (uint64_t key = first; key < first + 200; key++)
        well = well && !lintel_module_close(subject.heap, key);
    return well;
}

static void open_many(void *shared, unsigned member)
{
    (void)member;
    (void)allocate_and_open(shared);
}

static bool table_is_whole(void *context)
{
    return resized && allocate_and_open(context);
}

/* Caught in the middle of its growth, the table's lock would never be free again in the child. */
static void a_fork_waits_for_the_table_to_grow(void **state)
{
    uint64_t parents_first_key = 1000;

    (void)state;
    need_threads_in_children();
    sem_init(&resizing, 0, 0);
    watching = true;
    team_start(1, open_many, &parents_first_key);
    while (sem_wait(&resizing))
        continue;
    assert_true(child_says(table_is_whole, NULL));
    team_join();
    watching = false;
    urcu_bp_barrier();
}

static _Atomic bool finished;

/* Whatever a fork can catch in the middle: allocation, growth, the table's growth, reclaim. */
static void keep_busy(void *shared, unsigned member)
{
    (void)shared;
    /* relaxed: a sign to stop. */
    for (uint64_t turn = 0; !atomic_load_relaxed(&finished); turn++) {
        lintel_module_t *modules[40] = {NULL};
        for (uint64_t i = 0; i < 40; i++) {
            lintel_module_desc_t desc = {
                .base = subject.arena.start, .image_size = os_page_size(), .key = (member + 1) * 1000 + i};
            if (!lintel_module_open(subject.heap, &desc, &modules[i]))
                (void)lintel_alloc(modules[i], 100);
        }
        for (uint64_t i = 0; i < 40; i++) {
            lintel_module_close(subject.heap, (member + 1) * 1000 + i);
            lintel_module_release(modules[i]);
        }
    }
}

static void a_fork_may_come_at_any_time(void **state)
{
    enum { FORKS = 30, THREADS = 2 };
    unsigned well = 0;

    (void)state;
    need_threads_in_children();
    team_start(THREADS, keep_busy, NULL);
    for (int i = 0; i < FORKS; i++)
        well += child_says(allocate_and_open, NULL);
    atomic_store_relaxed(&finished, true); /* relaxed: a sign to stop. */
    team_join();
    assert_int_equal(well, FORKS);
    urcu_bp_barrier();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_go_on, start, end),
        cmocka_unit_test_setup_teardown(so_does_a_childs_child, start, end),
        cmocka_unit_test_setup_teardown(neither_sees_the_others_writes, start, end),
        cmocka_unit_test_setup_teardown(a_heap_ended_by_the_child_is_still_the_parents, start, end),
        cmocka_unit_test_setup_teardown(a_module_closed_by_the_child_is_still_the_parents, start, end),
        cmocka_unit_test_setup_teardown(a_fork_waits_for_the_table_to_grow, start, end),
        cmocka_unit_test_setup_teardown(a_fork_may_come_at_any_time, start, end),
    };

    try_threads_in_children();
    return exit_status(cmocka_run_group_tests(tests, NULL, NULL));
}
