/* SPDX-License-Identifier: MIT
 *
 * registry: threads that meet over a key. One comes in right after the other has looked it up; then many open, find and
 * close the same few.
 */
#include <errno.h>

#include "atomic.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { THREADS = 4, KEYS = 3, TURNS = 1500, ROUNDS = 300, THE_KEY = 0x1234 };

/* Somebody else's turn, after a look-up. */
static void (*after_lookup)(void);

void __real_cds_lfht_lookup(struct cds_lfht *table, unsigned long hash, cds_lfht_match_fct match, const void *key,
                            struct cds_lfht_iter *iterator);
void __wrap_cds_lfht_lookup(struct cds_lfht *table, unsigned long hash, cds_lfht_match_fct match, const void *key,
                            struct cds_lfht_iter *iterator);

void __wrap_cds_lfht_lookup(struct cds_lfht *table, unsigned long hash, cds_lfht_match_fct match, const void *key,
                            struct cds_lfht_iter *iterator)
{
    void (*interlude)(void) = after_lookup;

    __real_cds_lfht_lookup(table, hash, match, key, iterator);
    if (interlude) {
        after_lookup = NULL;
        interlude();
    }
}

static subject_t        subject;
static _Atomic unsigned faults;
static _Atomic unsigned winners;

static int start(void **state)
{
    (void)state;
    subject = subject_open(GIB, &bare, NULL);
    subject_free(&subject, 16 * MIB, 512 * MIB);
    faults = winners = 0;
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static void check(bool well)
{
    if (!well)
        atomic_fetch_add_relaxed(&faults, 1); /* relaxed: read after the threads are joined. */
}

static int open_key(uint64_t key, lintel_module_t **module)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = os_page_size(), .key = key};

    return lintel_module_open(subject.heap, &desc, module);
}

static lintel_module_t *opened(void)
{
    lintel_module_t *module = NULL;

    assert_int_equal(open_key(THE_KEY, &module), 0);
    return module;
}

static uint64_t modules_after_grace(void)
{
    lintel_stats_t stats;

    urcu_bp_barrier();
    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    return stats.modules;
}

static void close_key(void)
{
    assert_int_equal(lintel_module_close(subject.heap, THE_KEY), 0);
}

/* G1: both have found it open. */
static void of_two_that_close_a_module_one_does(void **state)
{
    lintel_module_t *module = opened();

    (void)state;
    after_lookup = close_key;
    assert_int_equal(lintel_module_close(subject.heap, THE_KEY), -ENOENT);
    assert_non_null(lintel_alloc(module, 10));
    assert_int_equal(modules_after_grace(), 2);
    assert_non_null(lintel_alloc(module, 10));
    lintel_module_release(module);
    assert_int_equal(modules_after_grace(), 1);
}

/* G2: it was found open, and is gone before the reference is taken. */
static void a_module_that_goes_while_it_is_found_is_not_found(void **state)
{
    (void)state;
    lintel_module_release(opened());
    after_lookup = close_key;
    errno = 0;
    assert_null(lintel_module_acquire(subject.heap, THE_KEY));
    assert_int_equal(errno, ENOENT);
    assert_int_equal(modules_after_grace(), 1);
}

/* It was found open, and somebody else keeps it from going: a reference is a reference. */
static void a_module_that_is_closed_while_it_is_found_still_works(void **state)
{
    lintel_module_t *module = opened();

    (void)state;
    after_lookup = close_key;
    assert_ptr_equal(lintel_module_acquire(subject.heap, THE_KEY), module);
    lintel_module_release(module);
    assert_non_null(lintel_alloc(module, 10));
    lintel_module_release(module);
    assert_int_equal(modules_after_grace(), 1);
}

/* A module in hand is a module that works, whatever becomes of its key. */
static void use(lintel_module_t *module)
{
    unsigned char *body = lintel_alloc(module, 64);

    check(body && all_bytes_are(body, 64, 0));
    if (body)
        body[0] = body[63] = 1;
}

static void open_find_and_close(void *shared, unsigned member)
{
    unsigned long seed = member;

    (void)shared;
    for (int turn = 0; turn < TURNS; turn++) {
        uint64_t         key = 1 + random_below(&seed, KEYS);
        lintel_module_t *module = NULL;
        int              result;
        switch (random_below(&seed, 4)) {
        case 0:
            result = open_key(key, &module);
            check(module ? result == 0 : result == -EEXIST);
            break;
        case 1:
            result = lintel_module_close(subject.heap, key);
            check(result == 0 || result == -ENOENT);
            break;
        default:
            module = lintel_module_acquire(subject.heap, key);
            check(module || errno == ENOENT);
        }
        if (module) {
            use(module);
            lintel_module_release(module);
        }
    }
}

/* G2, G3 */
static void modules_come_and_go_under_their_users(void **state)
{
    lintel_stats_t stats;

    (void)state;
    team_run(THREADS, open_find_and_close, NULL);
    assert_int_equal(faults, 0);
    for (uint64_t key = 1; key <= KEYS; key++)
        (void)lintel_module_close(subject.heap, key);
    urcu_bp_barrier();
    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    assert_int_equal(stats.modules, 1);
    assert_int_equal(stats.reserved, 0);
    assert_false(is_mapped(subject.arena.start + 16 * MIB));
}

static void open_one(void *shared, unsigned member)
{
    lintel_module_t *module;

    (void)member;
    if (!open_key(*(const uint64_t *)shared, &module)) {
        atomic_fetch_add_relaxed(&winners, 1); /* relaxed: read after the threads are joined. */
        lintel_module_release(module);
    }
}

static void close_one(void *shared, unsigned member)
{
    (void)member;
    if (!lintel_module_close(subject.heap, *(const uint64_t *)shared))
        atomic_fetch_add_relaxed(&winners, 1); /* relaxed: read after the threads are joined. */
}

/* G1 */
static void of_many_that_open_or_close_a_key_one_does(void **state)
{
    (void)state;
    for (uint64_t key = 1; key <= ROUNDS; key++) {
        winners = 0;
        team_run(THREADS, open_one, &key);
        assert_int_equal(winners, 1);
        team_run(THREADS, close_one, &key);
        assert_int_equal(winners, 2);
    }
    urcu_bp_barrier();
}

static void open_own(void *shared, unsigned member)
{
    (void)shared;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        lintel_module_t *module;
        uint64_t         key = (i * THREADS + member + 1) << 12;
        check(!open_key(key, &module));
        check(lintel_module_acquire(subject.heap, key) == module);
    }
}

/* The table grows while others look things up in it. */
static void modules_are_found_while_the_table_grows(void **state)
{
    lintel_stats_t stats;

    (void)state;
    team_run(THREADS, open_own, NULL);
    assert_int_equal(faults, 0);
    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    assert_int_equal(stats.modules, THREADS * ROUNDS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(of_two_that_close_a_module_one_does, start, end),
        cmocka_unit_test_setup_teardown(a_module_that_goes_while_it_is_found_is_not_found, start, end),
        cmocka_unit_test_setup_teardown(a_module_that_is_closed_while_it_is_found_still_works, start, end),
        cmocka_unit_test_setup_teardown(modules_come_and_go_under_their_users, start, end),
        cmocka_unit_test_setup_teardown(of_many_that_open_or_close_a_key_one_does, start, end),
        cmocka_unit_test_setup_teardown(modules_are_found_while_the_table_grows, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
