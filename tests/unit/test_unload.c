/* SPDX-License-Identifier: MIT
 *
 * Unload under fire: keys are closed and opened again while threads hold references to older generations, acquire, find
 * and allocate. What was given up is confined, where a late access crashes; and in the end nothing is left.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu/urcu-bp.h>

#include "arena.h"
#include "atomic.h"
#include "confinement.h"
#include "os.h"
#include "registry.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum {
    THREADS = 4,
    KEYS = 4,
    HANDS = 4,
    SIZE = 48,
    BATCH = 128,
    MOST_TABLES = 64,
    YIELDS = 20,
    USUAL_GENERATIONS = UNDER_TSAN ? 1000 : 10000
};

#define ROOM         (2 * GIB)
#define MOST_GROWTH  (4 * MIB)
#define EARNS_CHUNKS (128 * KIB)

/* A reference, and a body that it keeps alive. */
typedef struct {
    lintel_module_t *module;
    unsigned char   *body;
    unsigned char    value;
} hand_t;

void __real_cds_lfht_lookup(struct cds_lfht *table, unsigned long hash, cds_lfht_match_fct match, const void *key,
                            struct cds_lfht_iter *iterator);
void __wrap_cds_lfht_lookup(struct cds_lfht *table, unsigned long hash, cds_lfht_match_fct match, const void *key,
                            struct cds_lfht_iter *iterator);

/* What was found is most at risk before a reference is taken to it: now and then, others come first. */
void __wrap_cds_lfht_lookup(struct cds_lfht *table, unsigned long hash, cds_lfht_match_fct match, const void *key,
                            struct cds_lfht_iter *iterator)
{
    static _Thread_local unsigned turn;

    __real_cds_lfht_lookup(table, hash, match, key, iterator);
    if (turn++ % 32 == 0)
        for (int i = 0; i < YIELDS; i++)
            os_yield();
}

static unsigned long         wanted = USUAL_GENERATIONS;
static range_t               arena;
static lintel_heap_t        *heap;
static _Atomic unsigned long generations;
static unsigned long         until;
static _Atomic unsigned      faults;

static void check(bool well)
{
    if (!well)
        atomic_fetch_add_relaxed(&faults, 1); /* relaxed, here and below: read after the threads are joined. */
}

static void let_go(hand_t *hand)
{
    if (!hand->module)
        return;
    check(!hand->body || all_bytes_are(hand->body, SIZE, hand->value));
    lintel_module_release(hand->module);
    /* The body stays: it is looked up when it may be gone. */
    hand->module = NULL;
}

static void use(hand_t *hand, uint64_t key)
{
    lintel_location_t location;

    hand->body = lintel_alloc(hand->module, SIZE);
    check(hand->body && all_bytes_are(hand->body, SIZE, 0));
    if (!hand->body)
        return;
    memset(hand->body, hand->value, SIZE);
    check(!lintel_find(heap, hand->body, &location) && location.key == key);
    check(lintel_offset(hand->module, hand->body) > 0);
}

static void take(hand_t *hand, uint64_t key, unsigned char value)
{
    let_go(hand);
    hand->value = value;
    hand->module = lintel_module_acquire(heap, key);
    if (hand->module)
        use(hand, key);
}

/* From here on threads have chunks of it, which are to be forgotten when it goes. */
static void have_chunks_earned(lintel_module_t *module)
{
    for (size_t done = 0; done < EARNS_CHUNKS; done += 4 * KIB)
        check(lintel_alloc(module, 4 * KIB) != NULL);
}

/* Closes a generation and opens the next, if nobody else is just doing that. */
static void renew(hand_t *hand, uint64_t key)
{
    lintel_module_desc_t desc = {.base = arena.start, .image_size = os_page_size(), .key = key};
    lintel_module_t     *module;

    (void)lintel_module_close(heap, key);
    let_go(hand);
    int result = lintel_module_open(heap, &desc, &module);
    check(!result || result == -EEXIST);
    if (result)
        return;
    hand->module = module;
    unsigned long number = atomic_fetch_add_relaxed(&generations, 1);
    if (number % 4 == 0)
        have_chunks_earned(module);
    use(hand, key);
    /* The reclaiming thread is to keep up. */
    if (number % BATCH == BATCH - 1)
        urcu_bp_barrier();
}

/* Whatever is at the address by now, or is not. */
static void look_up_late(const hand_t *hand)
{
    lintel_location_t location;
    int               result = lintel_find(heap, hand->body, &location);

    check(result == -ENOENT || (!result && location.key >= 1 && location.key <= KEYS));
}

static void fire(void *shared, unsigned member)
{
    hand_t        hands[HANDS] = {{0}};
    unsigned long seed = member + 1;

    (void)shared;
    while (atomic_load_relaxed(&generations) < until && !atomic_load_relaxed(&faults)) {
        hand_t  *hand = &hands[random_below(&seed, HANDS)];
        uint64_t key = 1 + random_below(&seed, KEYS);
        switch (random_below(&seed, 4)) {
        case 0:
            renew(hand, key);
            break;
        case 1:
            look_up_late(hand);
            break;
        default:
            take(hand, key, (unsigned char)(1 + random_below(&seed, 255)));
        }
    }
    for (unsigned i = 0; i < HANDS; i++)
        let_go(&hands[i]);
    lintel_thread_flush();
}

/* What the process has, in one line of the kernel's: pages resident. */
static size_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    char  line[128] = "";
    char *rest;

    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    fclose(file);
    (void)strtoul(line, &rest, 10);
    return strtoul(rest, NULL, 10) * os_page_size();
}

/* So many generations, after which all are closed and gone. */
static void run_until(unsigned long number)
{
    lintel_stats_t stats;

    until = number;
    team_run(THREADS, fire, NULL);
    assert_int_equal(faults, 0);
    for (uint64_t key = 1; key <= KEYS; key++)
        (void)lintel_module_close(heap, key);
    urcu_bp_barrier();
    confinement_clear();
    assert_int_equal(lintel_heap_stats(heap, &stats), 0);
    assert_int_equal(stats.modules + stats.regions + stats.reserved, 0);
}

static void nothing_is_unmapped_early_and_nothing_is_left(void **state)
{
    (void)state;
    assert_int_equal(lintel_heap_create(NULL, &heap), 0);
    run_until(wanted / 10);
    size_t mappings = mappings_in(os_addresses());
    size_t resident = resident_bytes();
    for (unsigned long tenth = 2; tenth <= 10; tenth++) {
        run_until(wanted / 10 * tenth);
        print_message("%lu generations, %lu pieces confined by and by, %zu mappings, %zu KiB resident\n", generations,
                      confinement_count(), mappings_in(os_addresses()), resident_bytes() / KIB);
        if (UNDER_ASAN || UNDER_TSAN)
            continue;
        /* Tables of the map and threads' pages stay; they do not grow with the generations. */
        assert_in_range(mappings_in(os_addresses()), 1, mappings + MOST_TABLES);
        assert_in_range(resident_bytes(), 1, resident + MOST_GROWTH);
    }
    /* Each generation has two cells at least. Those that wait for reclaim have a few for each of a batch; while the
     * thread that does it has no processor, a few batches. */
    assert_in_range(heap->space.slab.fresh, 1, 32 * BATCH);
    lintel_heap_destroy(heap);
}

/* Otherwise the test above would see nothing. */
static void confinement_keeps_what_is_given_up(void **state)
{
    lintel_module_desc_t desc = {.base = arena.start, .image_size = os_page_size()};
    lintel_module_t     *module;

    (void)state;
    assert_int_equal(lintel_heap_create(&bare, &heap), 0);
    assert_int_equal(lintel_module_open(heap, &desc, &module), 0);
    uintptr_t body = (uintptr_t)lintel_alloc(module, SIZE);
    assert_true(is_readable(body) && is_readable((uintptr_t)module));
    assert_int_equal(lintel_module_close(heap, desc.base), 0);
    urcu_bp_barrier();
    assert_true(is_readable(body));
    lintel_module_release(module);
    urcu_bp_barrier();
    assert_true(is_mapped(align_down(body, os_page_size())) && !is_readable(body));
    assert_false(is_readable((uintptr_t)module));
    lintel_heap_destroy(heap);
}

/* The number of generations may be given. */
int main(int arguments, char **values)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(confinement_keeps_what_is_given_up),
        cmocka_unit_test(nothing_is_unmapped_early_and_nothing_is_left),
    };

    if (arguments > 1)
        wanted = strtoul(values[1], NULL, 10);
    arena = arena_take(ROOM);
    arena_free(arena_part(arena, os_page_size(), ROOM - os_page_size()));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
