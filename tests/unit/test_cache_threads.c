/* SPDX-License-Identifier: MIT
 *
 * cache: several threads. Their bodies are apart, and what they have left over goes to the others when they end, when
 * they say so, and never to nobody.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "atomic.h"
#include "cache.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { SIZE = 64, MEMBERS = 8, BODIES = 3000, MOST_SIZE = 300 };

#define CHUNK (16 * KIB)
#define HOLE  (2 * MIB)

static subject_t subject;

static void open_subject(size_t align, size_t first_region, size_t hole)
{
    lintel_heap_options_t options = {.first_region = first_region, .guard = bare.guard};
    lintel_module_desc_t  desc = {.align = align};

    subject = subject_open(4 * GIB, &options, &desc);
    subject_free(&subject, GIB, hole);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static unsigned owned_pages(void)
{
    unsigned count = 0;

    for (cache_page_t *page = cache_page_first(); page; page = page->next)
        count += atomic_load_relaxed(&page->place) != NULL;
    return count;
}

typedef struct {
    size_t         size;
    unsigned char *bytes;
} body_t;

static body_t           got[MEMBERS][BODIES];
static _Atomic unsigned faults;

static void allocate_all_sizes(void *shared, unsigned member)
{
    unsigned long seed = member + 1;
    size_t        align = *(size_t *)shared;

    for (unsigned i = 0; i < BODIES; i++) {
        size_t         size = random_below(&seed, MOST_SIZE) + 1;
        unsigned char *body = lintel_alloc(subject.module, size);
        if (!body || (uintptr_t)body % align || !all_bytes_are(body, size, 0)) {
            atomic_fetch_add_relaxed(&faults, 1); /* relaxed: read after the threads are joined. */
            return;
        }
        memset(body, (int)member + 1, size);
        if (i % 3 == 0 && lintel_shrink(subject.module, body, size, size / 2 + 1))
            size = size / 2 + 1;
        got[member][i] = (body_t){size, body};
    }
}

static void bodies_are_apart_at_every_alignment(void **state)
{
    for (size_t align = 1; align <= 4096; align *= 4) {
        open_subject(align, 0, 512 * MIB);
        hand_out(subject.module, 2 * MIB);
        team_run(MEMBERS, allocate_all_sizes, &align);
        assert_int_equal(faults, 0);
        uint64_t asked = 2 * MIB;
        for (unsigned member = 0; member < MEMBERS; member++)
            for (unsigned i = 0; i < BODIES; i++) {
                assert_true(all_bytes_are(got[member][i].bytes, got[member][i].size, (unsigned char)(member + 1)));
                asked += got[member][i].size;
            }
        lintel_stats_t stats = stats_of(subject.module);
        assert_int_equal(stats.allocated, asked);
        assert_int_equal(stats.allocations, 2 * MIB / (4 * KIB) + MEMBERS * BODIES);
        end(state);
    }
    open_subject(1, 0, MIB);
}

static sem_t has_chunk;
static sem_t may_end;

static void take_one(void *shared, unsigned member)
{
    (void)member;
    *(void **)shared = lintel_alloc(subject.module, SIZE);
}

static void take_one_and_flush(void *shared, unsigned member)
{
    take_one(shared, member);
    lintel_thread_flush();
    sem_post(&has_chunk);
    sem_wait(&may_end);
}

static size_t fill_up(void)
{
    size_t bytes = 0;

    while (lintel_alloc(subject.module, SIZE))
        bytes += SIZE;
    assert_int_equal(errno, ENOSPC);
    return bytes;
}

static void a_thread_that_ended_has_nothing(void **state)
{
    void *body = NULL;

    (void)state;
    open_subject(0, HOLE, HOLE);
    hand_out(subject.module, MIB);
    unsigned before = owned_pages();
    team_run(1, take_one, &body);
    assert_non_null(body);
    assert_int_equal(owned_pages(), before);
    assert_int_equal(stats_of(subject.module).spare, CHUNK - SIZE);
    assert_int_equal(stats_of(subject.module).allocated, MIB + SIZE);
    assert_int_equal(fill_up(), HOLE - MIB - SIZE);
    assert_int_equal(stats_of(subject.module).spare, 0);
}

static void a_thread_that_flushed_has_nothing(void **state)
{
    void *body = NULL;

    (void)state;
    open_subject(0, HOLE, HOLE);
    hand_out(subject.module, MIB);
    assert_int_equal(sem_init(&has_chunk, 0, 0), 0);
    assert_int_equal(sem_init(&may_end, 0, 0), 0);
    team_start(1, take_one_and_flush, &body);
    sem_wait(&has_chunk);
    assert_non_null(body);
    assert_int_equal(fill_up(), HOLE - MIB - SIZE);
    sem_post(&may_end);
    team_join();
}

/* Destructors that run after lintel's, and set themselves again as often as the C library allows; ThreadSanitizer's own
 * runs last, and nothing may come after it. */
static pthread_key_t late_key;
static unsigned      late_rounds;

static void allocate_late(void *value)
{
    (void)value;
    if (!lintel_alloc(subject.module, SIZE))
        atomic_fetch_add_relaxed(&faults, 1); /* relaxed: read after the thread is joined. */
    if (++late_rounds < (UNDER_TSAN ? 2 : 100))
        (void)pthread_setspecific(late_key, &late_key);
}

static void take_one_now_and_later(void *shared, unsigned member)
{
    take_one(shared, member);
    (void)pthread_setspecific(late_key, &late_key);
}

static void destructors_may_allocate(void **state)
{
    void *body = NULL;

    (void)state;
    open_subject(0, HOLE, HOLE);
    hand_out(subject.module, MIB);
    unsigned before = owned_pages();
    assert_int_equal(pthread_key_create(&late_key, allocate_late), 0);
    team_run(1, take_one_now_and_later, &body);
    assert_int_equal(pthread_key_delete(late_key), 0);
    assert_int_equal(faults, 0);
    assert_int_equal(owned_pages(), before);
    lintel_stats_t stats = stats_of(subject.module);
    assert_in_range(stats.allocations, MIB / (4 * KIB) + 2, MIB / (4 * KIB) + 8);
    assert_int_equal(fill_up(), HOLE - stats.allocated);
}

static void fill_with_others(void *shared, unsigned member)
{
    (void)shared;
    (void)member;
    while (lintel_alloc(subject.module, SIZE))
        continue;
}

/* The chunks of threads that are refused are used up; what they leave goes to whoever comes next. */
static void a_full_window_is_full(void **state)
{
    (void)state;
    open_subject(0, 0, HOLE);
    team_run(MEMBERS, fill_with_others, NULL);
    assert_in_range(stats_of(subject.module).allocated, HOLE * 98 / 100, HOLE);
    fill_up();
    assert_int_equal(stats_of(subject.module).allocated, HOLE);
    assert_int_equal(stats_of(subject.module).spare, 0);
}

/* Nearest first, also where a chunk would not fit: only bodies make a module grow. */
static void holes_smaller_than_a_chunk_are_used_first(void **state)
{
    (void)state;
    open_subject(0, MIB, MIB);
    subject_free(&subject, 2 * GIB, 4 * KIB);
    subject_free(&subject, 3 * GIB, MIB);
    hand_out(subject.module, MIB);
    for (size_t i = 0; i < 4 * KIB / SIZE; i++)
        assert_fresh_body(&subject, lintel_alloc(subject.module, SIZE), SIZE, 2 * GIB, 2 * GIB + 4 * KIB);
    assert_fresh_body(&subject, lintel_alloc(subject.module, SIZE), SIZE, 3 * GIB, 3 * GIB + MIB);
}

/* Figures stay near whatever the slots are used for meanwhile. */
static void lose_sight_of_the_page(void *shared, unsigned member)
{
    bool *found = shared;

    (void)member;
    cache_page_get(false);
    cache_page_t *page = atomic_load_relaxed(&cache_page_own);
    atomic_store_relaxed(&cache_page_own, &cache_page_none);
    cache_page_get(false);
    *found = cache_page_is_real(page) && atomic_load_relaxed(&cache_page_own) == page;
}

/* A thread that enters its first page as a handler gets it one puts back that it has none. */
static void a_page_got_by_a_handler_is_found_again(void **state)
{
    bool found = false;

    (void)state;
    open_subject(0, 0, HOLE);
    team_start(1, lose_sight_of_the_page, &found);
    team_join();
    assert_true(found);
    assert_int_equal(owned_pages(), 1); /* this thread's */
}

static lintel_module_t *rival;

static void use_in_turns(void *shared, unsigned member)
{
    _Atomic bool *over = shared;

    for (int i = 0; member && i < 20 * BODIES; i++)
        if (!lintel_alloc(i / 1000 % 2 ? rival : subject.module, 40)) {
            atomic_fetch_add_relaxed(&faults, 1); /* relaxed, here and below: read after the threads are joined. */
            return;
        }
    if (member)
        atomic_store_relaxed(over, true);
    while (!member && !atomic_load_relaxed(over)) {
        lintel_stats_t stats = {0};
        if (lintel_module_stats(subject.module, &stats) || stats.spare > GIB || stats.lost > GIB)
            atomic_fetch_add_relaxed(&faults, 1);
    }
}

static void figures_are_near(void **state)
{
    _Atomic bool over = false;

    (void)state;
    open_subject(0, 0, GIB);
    for (uint64_t key = 1; key <= CACHE_SLOTS; key++) {
        lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = 4 * KIB, .key = key};
        assert_int_equal(lintel_module_open(subject.heap, &desc, &rival), 0);
    }
    assert_int_equal(rival->module->cache_place, subject.module->module->cache_place);
    hand_out(subject.module, MIB);
    hand_out(rival, MIB);
    team_run(2, use_in_turns, &over);
    assert_int_equal(faults, 0);
    assert_books_balance(rival);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(bodies_are_apart_at_every_alignment, end),
        cmocka_unit_test_teardown(a_thread_that_ended_has_nothing, end),
        cmocka_unit_test_teardown(a_thread_that_flushed_has_nothing, end),
        cmocka_unit_test_teardown(destructors_may_allocate, end),
        cmocka_unit_test_teardown(a_page_got_by_a_handler_is_found_again, end),
        cmocka_unit_test_teardown(a_full_window_is_full, end),
        cmocka_unit_test_teardown(holes_smaller_than_a_chunk_are_used_first, end),
        cmocka_unit_test_teardown(figures_are_near, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
