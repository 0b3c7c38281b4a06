/* SPDX-License-Identifier: MIT
 *
 * cache: many modules and few slots, and modules that go while threads have chunks of them.
 */
#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include <urcu/urcu-bp.h>

#include "cache.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { SIZE = 64, MODULES = 2 * CACHE_SLOTS + 1, BODIES = 500, TURNS = 1024 };

#define HOLE (8 * MIB)

static subject_t        subject;
static lintel_module_t *modules[MODULES];

/* Modules of one image, by their keys; `number` slots further on than the subject's. */
static lintel_module_t *open_module(uint64_t key)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};
    lintel_module_t     *module;

    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    return module;
}

static void close_module(lintel_module_t *module)
{
    assert_int_equal(lintel_module_close(subject.heap, module->key), 0);
    lintel_module_release(module);
}

/* A module that shares its slot with the subject's. */
static lintel_module_t *open_rival(void)
{
    for (uint64_t key = 1; key < CACHE_SLOTS; key++)
        close_module(open_module(key));
    lintel_module_t *rival = open_module(CACHE_SLOTS);
    assert_int_equal(rival->module->cache_place, subject.module->module->cache_place);
    return rival;
}

static int start(void **state)
{
    lintel_heap_options_t options = {.first_region = 64 * KIB, .region_limit = HOLE, .quarantine = bare.quarantine};

    (void)state;
    subject = subject_open(4 * GIB, &options, NULL);
    subject_free(&subject, GIB, GIB);
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static uint64_t used_by(lintel_module_t *module)
{
    lintel_stats_t stats = stats_of(module);

    return stats.allocated + stats.spare + stats.lost;
}

static void more_modules_than_slots(void **state)
{
    static unsigned char *bodies[MODULES][BODIES];

    (void)state;
    for (uint64_t i = 0; i < MODULES; i++) {
        modules[i] = open_module(i + 1);
        hand_out(modules[i], 512 * KIB);
    }
    for (size_t body = 0; body < BODIES; body++)
        for (size_t i = 0; i < MODULES; i++) {
            bodies[i][body] = lintel_alloc(modules[i], SIZE);
            assert_true(bodies[i][body] && all_bytes_are(bodies[i][body], SIZE, 0));
            memset(bodies[i][body], (int)i + 1, SIZE);
        }
    for (size_t i = 0; i < MODULES; i++) {
        for (size_t body = 0; body < BODIES; body++)
            assert_true(all_bytes_are(bodies[i][body], SIZE, (unsigned char)(i + 1)));
        assert_int_equal(stats_of(modules[i]).allocated, 512 * KIB + BODIES * SIZE);
        assert_books_balance(modules[i]);
    }
}

/* Of a module that has handed out enough, a thread gets chunks by what it has drawn itself. */
static void large_chunks_are_for_who_draws_much(void **state)
{
    uint64_t largest = 0;

    (void)state;
    hand_out(subject.module, 6 * MIB);
    assert_non_null(lintel_alloc(subject.module, SIZE));
    assert_in_range(stats_of(subject.module).spare, 15 * KIB, 16 * KIB);
    for (size_t drawn = 0; drawn < 5 * MIB; drawn += KIB) {
        uint64_t before = stats_of(subject.module).spare;
        assert_non_null(lintel_alloc(subject.module, KIB));
        uint64_t after = stats_of(subject.module).spare;
        if (after > before && after - before > largest)
            largest = after - before;
        assert_true(largest <= 16 * KIB || largest <= 2 * (drawn / 64 + KIB));
    }
    assert_in_range(largest, 60 * KIB, 2 * 64 * KIB);
}

/* Whatever was drawn: bodies that go by the chunk come behind it. */
static void large_chunks_keep_a_large_alignment(void **state)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = 1, .align = 2048};
    lintel_module_t     *module;

    (void)state;
    assert_int_equal(lintel_module_open(subject.heap, &desc, &module), 0);
    for (unsigned i = 0; i < 1500; i++) {
        const char *body = lintel_alloc(module, i % 50 ? SIZE : 40 * KIB);
        assert_non_null(body);
        assert_int_equal((uintptr_t)body % 2048, 0);
    }
    close_module(module);
}

/* Chunks that come and go at every body would scatter bodies over sixteen thousand bytes each. */
static void modules_used_in_turns_stay_dense(void **state)
{
    lintel_module_t *rival = open_rival();

    (void)state;
    hand_out(subject.module, MIB);
    hand_out(rival, MIB);
    uint64_t before = used_by(subject.module) + used_by(rival);
    for (size_t turn = 0; turn < TURNS; turn++) {
        assert_non_null(lintel_alloc(subject.module, SIZE));
        assert_non_null(lintel_alloc(rival, SIZE));
    }
    uint64_t taken = used_by(subject.module) + used_by(rival) - before;
    assert_in_range(taken, 2 * TURNS * SIZE, 2 * 2 * TURNS * SIZE + 2 * 16 * KIB);
    assert_int_equal(stats_of(rival).allocated, MIB + TURNS * SIZE);
    assert_books_balance(rival);
}

/* A thread that has a chunk of the module, and waits until it is told to go on. */
static struct {
    lintel_module_t *first;
    lintel_module_t *then;
    sem_t            has;
    sem_t            go_on;
    void            *bodies[2];
} holder;

static void hold(void *shared, unsigned member)
{
    (void)shared;
    (void)member;
    /* The first may have to make the module grow; that earns no chunk. */
    if (lintel_alloc(holder.first, SIZE))
        holder.bodies[0] = lintel_alloc(holder.first, SIZE);
    sem_post(&holder.has);
    sem_wait(&holder.go_on);
    if (holder.then)
        holder.bodies[1] = lintel_alloc(holder.then, SIZE);
}

static void start_holder(lintel_module_t *first)
{
    holder.first = first;
    assert_int_equal(sem_init(&holder.has, 0, 0), 0);
    assert_int_equal(sem_init(&holder.go_on, 0, 0), 0);
    team_start(1, hold, NULL);
    sem_wait(&holder.has);
    assert_non_null(holder.bodies[0]);
}

static void end_holder(lintel_module_t *then)
{
    holder.then = then;
    sem_post(&holder.go_on);
    team_join();
}

static bool somebody_has(const module_t *module)
{
    for (cache_page_t *page = cache_page_first(); page; page = page->next)
        if (cache_slot_own(cache_page_slot(page, module->cache_place)) == (uintptr_t)module)
            return true;
    return false;
}

/* The memory goes though another thread has a chunk; that thread's next module, in the same slot, is fine. */
static void a_module_goes_while_a_thread_has_a_chunk(void **state)
{
    lintel_module_t *rival = open_rival();
    module_t        *gone = rival->module;

    (void)state;
    hand_out(rival, MIB);
    start_holder(rival);
    assert_true(somebody_has(gone));
    close_module(rival);
    urcu_bp_barrier();
    assert_false(somebody_has(gone));
    assert_false(is_mapped((uintptr_t)holder.bodies[0]));

    hand_out(subject.module, MIB);
    end_holder(subject.module);
    assert_fresh_body(&subject, holder.bodies[1], SIZE, GIB, 2 * GIB);
    assert_int_equal(stats_of(subject.module).allocations, MIB / (4 * KIB) + 1);
}

/* The next module lies where the last one lay, as an object and above the image. */
static void a_module_in_the_place_of_another(void **state)
{
    lintel_module_t *rival = open_rival();

    (void)state;
    hand_out(rival, MIB);
    start_holder(rival);
    close_module(rival);
    urcu_bp_barrier();
    lintel_module_t *second = open_rival();
    hand_out(second, MIB);
    lintel_stats_t stats = stats_of(second);
    assert_int_equal(stats.allocated, MIB);
    assert_int_equal(stats.lost, 0);
    assert_false(somebody_has(second->module));
    end_holder(second);
    assert_non_null(holder.bodies[1]);
    assert_true(all_bytes_are(holder.bodies[1], SIZE, 0));
    assert_int_equal(stats_of(second).allocated, MIB + SIZE);
    assert_books_balance(second);
}

/* A heap, too, may go before the threads that have chunks of its modules. */
static void a_heap_goes_while_a_thread_has_a_chunk(void **state)
{
    lintel_heap_t       *heap;
    lintel_module_t     *module;
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size()};

    (void)state;
    assert_int_equal(lintel_heap_create(NULL, &heap), 0);
    assert_int_equal(lintel_module_open(heap, &desc, &module), 0);
    hand_out(module, MIB);
    start_holder(module);
    lintel_heap_destroy(heap);
    assert_false(is_mapped((uintptr_t)holder.bodies[0]));
    end_holder(NULL);
}

/* As long as it takes. */
static void what_is_being_given_back_stays(void **state)
{
    lintel_module_t        *rival = open_rival();
    const _Atomic uint64_t *pending = &subject.heap->registry.pending;

    (void)state;
    hand_out(rival, MIB);
    assert_non_null(lintel_alloc(rival, SIZE));
    cache_slot_t *slot = cache_page_slot(atomic_load_relaxed(&cache_page_own), rival->module->cache_place);
    atomic_store_release(&slot->module, (uintptr_t)rival->module | SLOT_LEAVING);
    close_module(rival);
    for (int i = 0; i < 5; i++) {
        urcu_bp_barrier();
        assert_int_equal(atomic_load_relaxed(pending), 1);
    }
    atomic_store_release(&slot->module, 0);
    while (atomic_load_acquire(pending))
        urcu_bp_barrier();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(more_modules_than_slots, start, end),
        cmocka_unit_test_setup_teardown(large_chunks_are_for_who_draws_much, start, end),
        cmocka_unit_test_setup_teardown(large_chunks_keep_a_large_alignment, start, end),
        cmocka_unit_test_setup_teardown(modules_used_in_turns_stay_dense, start, end),
        cmocka_unit_test_setup_teardown(a_module_goes_while_a_thread_has_a_chunk, start, end),
        cmocka_unit_test_setup_teardown(a_module_in_the_place_of_another, start, end),
        cmocka_unit_test_setup_teardown(a_heap_goes_while_a_thread_has_a_chunk, start, end),
        cmocka_unit_test_setup_teardown(what_is_being_given_back_stays, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
