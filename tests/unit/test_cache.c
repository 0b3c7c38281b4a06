/* SPDX-License-Identifier: MIT
 *
 * cache: what one thread sees. Small modules are served exactly; chunks are earned, kept, given up and given back.
 */
#include <errno.h>
#include <string.h>

#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

enum { SIZE = 64, ROUNDS = 600 };

#define CHUNK (16 * KIB)

static subject_t subject;

/* One region that is large enough, so that nothing but chunks is set aside. */
static int start(void **state)
{
    lintel_heap_options_t options = {.first_region = 64 * MIB};

    (void)state;
    subject = subject_open(GIB, &options, NULL);
    subject_free(&subject, MIB, 128 * MIB);
    return 0;
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static char *body_of(size_t size)
{
    char *body = lintel_alloc(subject.module, size);

    assert_non_null(body);
    assert_true(all_bytes_are(body, size, 0));
    memset(body, 'b', size);
    return body;
}

static uint64_t spare_now(void)
{
    return stats_of(subject.module).spare;
}

static size_t used_now(void)
{
    lintel_region_t region;

    assert_int_equal(lintel_module_regions(subject.module, 1, &region), 1);
    return region.used;
}

/* A module past 1 MiB, and a body of SIZE bytes, the first of a chunk. */
static char *first_of_a_chunk(void)
{
    hand_out(subject.module, MIB);
    char *body = body_of(SIZE);
    assert_int_equal(spare_now(), CHUNK - SIZE);
    return body;
}

static void a_small_module_is_served_exactly(void **state)
{
    char *first = body_of(SIZE);

    (void)state;
    for (size_t i = 1; i < 64 * KIB / SIZE; i++) {
        assert_ptr_equal(body_of(SIZE), first + i * SIZE);
        assert_int_equal(used_now(), (i + 1) * SIZE);
        assert_int_equal(spare_now(), 0);
    }
}

static void two_hundred_bodies_waste_rounding_alone(void **state)
{
    uint64_t asked = 0;

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        size_t size = 20 + i * 37 % 500;
        asked += size;
        body_of(size);
    }
    lintel_stats_t stats = stats_of(subject.module);
    assert_int_equal(stats.allocated, asked);
    assert_int_equal(stats.spare, 0);
    assert_int_equal(used_now(), asked + stats.lost);
    assert_in_range(stats.lost, 0, 200 * 15);
}

/* The module grows a page at a time; what each chunk takes is seen in what is used. */
static void a_chunk_is_a_64th_of_what_was_handed_out_at_most(void **state)
{
    size_t most = 0;

    (void)state;
    body_of(SIZE);
    for (size_t i = 0; i < ROUNDS; i++) {
        size_t before = used_now();
        body_of(SIZE);
        size_t chunk = used_now() - before;
        assert_true(chunk == SIZE || chunk <= before / 64);
        most = max_address(most, chunk);
        lintel_thread_flush();
        hand_out(subject.module, 4 * KIB);
    }
    assert_int_equal(most, CHUNK);
}

/* Consecutive bodies of one chunk, and the next chunk behind it: no byte between them is lost. */
static void bodies_of_a_chunk_are_consecutive(void **state)
{
    char *first = first_of_a_chunk();

    (void)state;
    for (size_t i = 1; i < 4 * CHUNK / SIZE; i++)
        assert_ptr_equal(body_of(SIZE), first + i * SIZE);
    assert_int_equal(used_now(), MIB + 4 * CHUNK);
    assert_int_equal(spare_now(), 0);
}

/* Somebody else claims what is behind the chunk. */
static void block_the_chunk(void)
{
    assert_non_null(lintel_alloc_aligned(subject.module, SIZE, 4096));
}

static void a_large_body_leaves_the_chunk_alone(void **state)
{
    char *first = first_of_a_chunk();

    (void)state;
    assert_ptr_equal(lintel_alloc_aligned(subject.module, SIZE, 4096), first + CHUNK);
    assert_ptr_equal(body_of(CHUNK), first + CHUNK + SIZE);
    assert_int_equal(spare_now(), CHUNK - SIZE);
    assert_ptr_equal(body_of(SIZE), first + SIZE);
}

/* Nothing is behind the chunk, so that it goes on there: bodies of any size lie one behind the other. */
static void a_thread_alone_leaves_no_gaps(void **state)
{
    char *next = first_of_a_chunk() + SIZE;

    (void)state;
    for (size_t i = 0; i < 400; i++) {
        size_t size = i % 7 == 0 ? 3000 + 16 * i : 20 + i * 37 % 900;
        assert_ptr_equal(body_of(size), next);
        next += align_up(size, 16);
        assert_in_range(spare_now(), 0, CHUNK);
        assert_books_balance(subject.module);
    }
}

/* What the module's own books say, which are everybody's to write. */
static uint64_t entered_now(void)
{
    return atomic_load_relaxed(&subject.module->module->books.allocations);
}

static void what_goes_by_the_chunk_is_in_the_threads_books(void **state)
{
    (void)state;
    first_of_a_chunk();
    uint64_t       entered = entered_now();
    lintel_stats_t before = stats_of(subject.module);
    block_the_chunk();
    body_of(CHUNK - 5);
    assert_int_equal(entered_now(), entered);
    lintel_stats_t after = stats_of(subject.module);
    assert_int_equal(after.allocations, before.allocations + 2);
    assert_int_equal(after.allocated, before.allocated + CHUNK - 5 + SIZE);
    assert_int_equal(after.lost, before.lost + 5);
    lintel_thread_flush();
    assert_int_equal(entered_now(), after.allocations);
    assert_int_equal(stats_of(subject.module).allocated, after.allocated);
    assert_int_equal(stats_of(subject.module).lost, after.lost);
}

/* Chunks come and go, and the books with them; from time to time they are the module's. */
static void the_books_go_along_with_the_chunks(void **state)
{
    (void)state;
    first_of_a_chunk();
    uint64_t       entered = entered_now();
    lintel_stats_t before = stats_of(subject.module);
    for (size_t i = 1; i <= 3 * CHUNK / SIZE; i++) {
        body_of(SIZE - 3);
        lintel_stats_t now = stats_of(subject.module);
        assert_int_equal(now.allocations, before.allocations + i);
        assert_int_equal(now.allocated, before.allocated + i * (SIZE - 3));
        assert_int_equal(now.lost, before.lost + i * 3);
    }
    assert_int_equal(entered_now(), entered);
    for (size_t i = 0; i < 2 * MIB / SIZE; i++)
        body_of(SIZE);
    assert_in_range(entered_now(), entered + MIB / SIZE, entered + 4 * MIB / SIZE);
}

/* 1,000 bytes are kept for smaller bodies at first, and given up when one body after the other goes by. */
static void what_is_left_is_kept_for_a_while(void **state)
{
    size_t left = 1008;

    (void)state;
    first_of_a_chunk();
    body_of(CHUNK - SIZE - left);
    block_the_chunk();
    assert_int_equal(spare_now(), left);
    for (int misses = 0; misses < 2; misses++) {
        body_of(left + 16);
        assert_int_equal(spare_now(), left);
    }
    body_of(left + 16);
    assert_int_equal(spare_now(), left + CHUNK - (left + 16));
}

static void a_flush_gives_back(void **state)
{
    char *first = first_of_a_chunk();

    (void)state;
    lintel_thread_flush();
    assert_int_equal(spare_now(), CHUNK - SIZE);
    lintel_stats_t stats = stats_of(subject.module);
    assert_int_equal(stats.allocated, MIB + SIZE);
    assert_int_equal(stats.allocations, MIB / (4 * KIB) + 1);
    assert_int_equal(stats.lost, 0);
    assert_true(spare_overlaps(subject.module->module->spares.anchor,
                               (range_t){(uintptr_t)first + SIZE, (uintptr_t)first + CHUNK}, NULL, NULL));
    lintel_thread_flush();
    assert_ptr_equal(body_of(SIZE), first + CHUNK);
}

static void the_books_know_the_bodies_of_a_chunk(void **state)
{
    (void)state;
    first_of_a_chunk();
    for (int i = 1; i <= 500; i++) {
        lintel_stats_t before = stats_of(subject.module);
        size_t         size = (size_t)i * 7 % 130 + 1;
        body_of(size);
        lintel_stats_t after = stats_of(subject.module);
        assert_int_equal(after.allocated - before.allocated, size);
        assert_int_equal(after.allocations - before.allocations, 1);
        assert_int_equal(after.lost - before.lost, align_up(size, 16) - size);
        assert_books_balance(subject.module);
    }
    lintel_stats_t held = stats_of(subject.module);
    lintel_thread_flush();
    lintel_stats_t flushed = stats_of(subject.module);
    assert_memory_equal(&held, &flushed, sizeof(held));
}

static void what_is_given_back_is_the_next_body(void **state)
{
    char *first = first_of_a_chunk();

    (void)state;
    char *second = body_of(100);
    assert_int_equal(lintel_shrink(subject.module, second, 100, 20), 80);
    assert_true(all_bytes_are(second, 20, 'b'));
    assert_int_equal(stats_of(subject.module).allocated, MIB + SIZE + 20);
    assert_int_equal(stats_of(subject.module).lost, 12);
    assert_books_balance(subject.module);
    assert_ptr_equal(body_of(64), second + 32);
    assert_int_equal(lintel_shrink(subject.module, first, SIZE, 16), SIZE - 16);
    assert_books_balance(subject.module);
}

/* The same part is not given back twice, nor is what nobody got. */
static void only_a_body_is_given_back(void **state)
{
    char *first = first_of_a_chunk();

    (void)state;
    char *second = body_of(100);
    assert_int_equal(lintel_shrink(subject.module, second, 100, 20), 80);
    assert_int_equal(lintel_shrink(subject.module, second, 100, 20), 0);
    assert_int_equal(lintel_shrink(subject.module, first + 4 * KIB, 100, 20), 0);
    assert_int_equal(spare_now(), CHUNK - SIZE - 32);
    assert_books_balance(subject.module);
}

/* A body whose bytes are in the module's books already is not taken out of the thread's. */
static void what_was_settled_is_settled(void **state)
{
    (void)state;
    hand_out(subject.module, 2 * MIB);
    lintel_thread_flush();
    void *body = lintel_alloc(subject.module, 100);
    assert_non_null(lintel_alloc_aligned(subject.module, MIB - 100, 64));
    lintel_stats_t before = stats_of(subject.module);
    size_t         freed = lintel_shrink(subject.module, body, 100, 16);
    lintel_stats_t after = stats_of(subject.module);
    assert_in_range(before.allocated - after.allocated, freed ? 84 : 0, 84);
    assert_int_equal(after.allocations, before.allocations);
    assert_books_balance(subject.module);
}

static void only_a_body_is_found(void **state)
{
    lintel_location_t location;
    char             *first = first_of_a_chunk();

    (void)state;
    char *second = body_of(SIZE);
    for (char *byte = first; byte < second + SIZE; byte++) {
        assert_int_equal(lintel_find(subject.heap, byte, &location), 0);
        assert_true(lintel_offset(subject.module, byte) > 0);
    }
    assert_int_equal(lintel_publish(subject.module, first, 2 * (size_t)SIZE), 0);
    assert_int_equal(lintel_publish(subject.module, first, 2 * (size_t)SIZE + 1), -ERANGE);
    for (char *byte = second + SIZE; byte < first + CHUNK; byte++) {
        assert_int_equal(lintel_find(subject.heap, byte, &location), -ENOENT);
        assert_int_equal(lintel_offset(subject.module, byte), -ERANGE);
    }
    assert_null(lintel_writable(subject.module, second + SIZE));
    lintel_thread_flush();
    assert_int_equal(lintel_find(subject.heap, second, &location), 0);
    assert_int_equal(lintel_find(subject.heap, second + SIZE, &location), -ENOENT);
}

/* A step is a quarter of what was handed out: past 1 MiB, each MiB takes four at most. */
static void commits_get_rare(void **state)
{
    for (size_t mib = 0; mib < 16; mib++) {
        unsigned before = script_calls(OS_COMMIT);
        for (size_t i = 0; i < MIB / SIZE; i++)
            assert_non_null(lintel_alloc(subject.module, SIZE));
        assert_in_range(script_calls(OS_COMMIT) - before, 0, mib == 0 ? 32 : 4);
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_small_module_is_served_exactly, start, end),
        cmocka_unit_test_setup_teardown(two_hundred_bodies_waste_rounding_alone, start, end),
        cmocka_unit_test_setup_teardown(a_chunk_is_a_64th_of_what_was_handed_out_at_most, start, end),
        cmocka_unit_test_setup_teardown(bodies_of_a_chunk_are_consecutive, start, end),
        cmocka_unit_test_setup_teardown(a_large_body_leaves_the_chunk_alone, start, end),
        cmocka_unit_test_setup_teardown(a_thread_alone_leaves_no_gaps, start, end),
        cmocka_unit_test_setup_teardown(what_goes_by_the_chunk_is_in_the_threads_books, start, end),
        cmocka_unit_test_setup_teardown(the_books_go_along_with_the_chunks, start, end),
        cmocka_unit_test_setup_teardown(what_is_left_is_kept_for_a_while, start, end),
        cmocka_unit_test_setup_teardown(a_flush_gives_back, start, end),
        cmocka_unit_test_setup_teardown(the_books_know_the_bodies_of_a_chunk, start, end),
        cmocka_unit_test_setup_teardown(what_is_given_back_is_the_next_body, start, end),
        cmocka_unit_test_setup_teardown(only_a_body_is_given_back, start, end),
        cmocka_unit_test_setup_teardown(what_was_settled_is_settled, start, end),
        cmocka_unit_test_setup_teardown(only_a_body_is_found, start, end),
        cmocka_unit_test_setup_teardown(commits_get_rare, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
