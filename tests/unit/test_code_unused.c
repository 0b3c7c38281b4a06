/* SPDX-License-Identifier: MIT
 *
 * code_unused: between the bodies of code nothing can be executed by accident, and bodies are fresh all the same.
 * Random calls, with the whole module looked through after them.
 */
#include <stdlib.h>
#include <string.h>

#include "code.h"
#include "machine_code.h"
#include "os.h"
#include "scripted_os.h"
#include "subject.h"
#include "team.h"
#include "unit.h"

enum { MOST_BODIES = 8000, MEMBERS = 3 };

typedef struct {
    unsigned char *start;
    size_t         size;
    bool           published;
    unsigned char  filling;
} body_t;

/* The bodies of one thread. */
typedef struct {
    body_t        bodies[MOST_BODIES];
    unsigned      count;
    unsigned long seed;
    unsigned      wrong;
    size_t        most_size;
} holder_t;

static subject_t subject;
static size_t    align;

static void open_subject(size_t body_align)
{
    lintel_module_desc_t desc = {.kind = LINTEL_CODE, .align = body_align};

    align = body_align;
    subject = subject_open(GIB, NULL, &desc);
    subject_free(&subject, 2 * MIB, 512 * MIB);
}

static void close_subject(void)
{
    subject_end(&subject);
}

static void fill(const body_t *body)
{
    memset(lintel_writable(subject.module, body->start), body->filling, body->size);
}

static void publish(holder_t *holder, body_t *body)
{
    holder->wrong += lintel_publish(subject.module, body->start, body->size) != 0;
    body->published = true;
}

static void allocate(holder_t *holder)
{
    size_t size = 1 + random_below(&holder->seed, (unsigned)holder->most_size);
    size_t own_align = random_below(&holder->seed, 8) ? 1 : (size_t)1 << random_below(&holder->seed, 13);
    body_t body = {.start = lintel_alloc_aligned(subject.module, size, own_align),
                   .size = size,
                   .filling = (unsigned char)(1 + random_below(&holder->seed, 100))};

    if (!body.start || !all_bytes_are(body.start, size, 0)) {
        holder->wrong++;
        return;
    }
    fill(&body);
    holder->bodies[holder->count++] = body;
}

static void shrink(body_t *body, size_t size)
{
    if (lintel_shrink(subject.module, body->start, body->size, size))
        body->size = size;
}

static void one_call(holder_t *holder)
{
    body_t  *body = holder->count ? &holder->bodies[random_below(&holder->seed, holder->count)] : NULL;
    unsigned choice = random_below(&holder->seed, 10);

    if (!body || choice < 5)
        allocate(holder);
    else if (choice < 8)
        publish(holder, body);
    else if (body->size > 1)
        shrink(body, 1 + random_below(&holder->seed, (unsigned)body->size));
}

static void many_calls(void *shared, unsigned member)
{
    holder_t *holder = (holder_t *)shared + member;

    while (holder->count < MOST_BODIES && !holder->wrong)
        one_call(holder);
}

/* The books of bytes: which of a region are bodies'. */
static void mark_bodies(const holder_t *holder, lintel_region_t region, unsigned char *used)
{
    for (unsigned i = 0; i < holder->count; i++) {
        const body_t *body = &holder->bodies[i];
        uintptr_t     offset = (uintptr_t)body->start - region.start;
        if (offset >= region.reserved)
            continue;
        /* Rounding belongs to a body until it is published. */
        size_t size = body->published ? body->size : align_up(body->size, align);
        assert_true(all_bytes_are(used + offset, size, 0));
        memset(used + offset, 1, size);
    }
}

static void assert_unused_trap(const holder_t *holders, unsigned count, lintel_region_t region)
{
    unsigned char *used = calloc(1, region.reserved);
    size_t         page = os_page_size();
    bool          *executable = calloc(region.committed / page + 1, sizeof(*executable));

    machine_code_executable(region.start, region.committed / page, executable);
    for (unsigned i = 0; i < count; i++)
        mark_bodies(&holders[i], region, used);
    for (size_t offset = 0; offset < region.committed; offset += page) {
        const unsigned char *bytes = (const unsigned char *)region.start + offset;
        unsigned char        expected = executable[offset / page] ? CODE_TRAP : 0;
        for (size_t i = 0; i < page; i++)
            if (!used[offset + i] && bytes[i] != expected)
                fail_msg("unused byte %zx of the region is %x instead of %x", offset + i, bytes[i], expected);
    }
    free(executable);
    free(used);
}

static void assert_bodies_are_whole(const holder_t *holder)
{
    lintel_location_t location;

    for (unsigned i = 0; i < holder->count; i++) {
        const body_t *body = &holder->bodies[i];
        assert_true(all_bytes_are(body->start, body->size, body->filling));
        for (size_t at = 0; at < body->size; at += body->size / 4 + 1) {
            assert_int_equal(lintel_find(subject.heap, body->start + at, &location), 0);
            assert_ptr_equal(location.body, body->start);
        }
        unsigned char *behind = body->start + align_up(body->size, align);
        assert_true(lintel_find(subject.heap, behind, &location) || location.body == behind);
    }
}

static void assert_all_is_well(const holder_t *holders, unsigned count)
{
    lintel_region_t regions[64];
    size_t          found = lintel_module_regions(subject.module, 64, regions);

    for (size_t i = 0; i < found; i++)
        assert_unused_trap(holders, count, regions[i]);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(holders[i].wrong, 0);
        assert_bodies_are_whole(&holders[i]);
    }
    assert_int_equal(writable_and_executable(), 0);
}

/* Threads that end give their chunks back. */
static void calls_of(unsigned members, size_t body_align, size_t most_size)
{
    holder_t *holders = calloc(members, sizeof(*holders));

    open_subject(body_align);
    for (unsigned i = 0; i < members; i++)
        holders[i] = (holder_t){.seed = i + 1, .most_size = most_size};
    team_run(members, many_calls, holders);
    assert_all_is_well(holders, members);
    close_subject();
    free(holders);
}

static void small_bodies(void **state)
{
    (void)state;
    calls_of(1, 16, 200);
}

static void middling_bodies(void **state)
{
    (void)state;
    calls_of(1, 32, 6000);
    calls_of(1, 512, 600); /* more rounding than the marks can say */
}

static void large_bodies_over_the_ends_of_blocks(void **state)
{
    holder_t *holder = calloc(1, sizeof(*holder));

    (void)state;
    open_subject(16);
    *holder = (holder_t){.seed = 9, .most_size = 3 * MIB};
    while (holder->count < 60 && !holder->wrong)
        one_call(holder);
    assert_all_is_well(holder, 1);
    close_subject();
    free(holder);
}

static void bodies_of_several_threads(void **state)
{
    (void)state;
    calls_of(MEMBERS, 16, 300);
}

/* The first body of a module, published, on a page that is otherwise empty. */
static void a_stray_jump_traps(void **state)
{
    unsigned char *body;

    (void)state;
    open_subject(16);
    body = lintel_alloc(subject.module, 20);
    (void)machine_code_of(7, lintel_writable(subject.module, body));
    assert_true(machine_code_traps(body));
    assert_int_equal(lintel_publish(subject.module, body, 20), 0);
    assert_int_equal(machine_code_call(body), 7);
    for (size_t behind = 20; behind < os_page_size() + 100; behind += 97)
        assert_true(machine_code_traps(body + behind));
    close_subject();
}

/* What is left of the thread's own chunk, as soon as one of its bodies is published. */
static void the_rest_of_the_own_chunk_traps(void **state)
{
    unsigned char *body;

    (void)state;
    open_subject(16);
    hand_out(subject.module, 4 * MIB + 64 * KIB);
    while ((uintptr_t)(body = lintel_alloc(subject.module, 64)) % os_page_size())
        continue;
    assert_int_equal(lintel_publish(subject.module, body, 64), 0);
    assert_true(all_bytes_are(body + 64, os_page_size() - 64, CODE_TRAP));
    lintel_thread_flush();
    close_subject();
}

/* What is left of another thread's chunk, once that thread has called again. */
static void publish_shared(void *shared, unsigned member)
{
    holder_t *holder = shared;

    (void)member;
    for (unsigned i = 0; i < holder->count; i++)
        publish(holder, &holder->bodies[i]);
}

static void another_thread_publishes(void **state)
{
    holder_t *holder = calloc(1, sizeof(*holder));

    (void)state;
    open_subject(16);
    *holder = (holder_t){.seed = 5, .most_size = 100};
    hand_out(subject.module, 4 * MIB);
    while (holder->count < 50)
        allocate(holder);
    team_run(1, publish_shared, holder);
    allocate(holder);
    unsigned char *last = holder->bodies[holder->count - 1].start;
    unsigned char *page_end = (unsigned char *)align_up((uintptr_t)last + 100, os_page_size());
    size_t         size = align_up(holder->bodies[holder->count - 1].size, 16);
    bool           executable;
    machine_code_executable((uintptr_t)page_end - os_page_size(), 1, &executable);
    assert_true(executable);
    assert_true(all_bytes_are(last + size, (size_t)(page_end - last) - size, CODE_TRAP));
    lintel_thread_flush();
    close_subject();
    free(holder);
}

/* A body asked for too large, and shrunk once its size is known, leaves nothing between it and the next. */
static void what_a_shrunk_body_gives_back_is_used_again(void **state)
{
    unsigned char *last = NULL;

    (void)state;
    open_subject(16);
    for (unsigned i = 0; i < 200; i++) {
        unsigned char *body = lintel_alloc(subject.module, 4096);
        assert_non_null(body);
        assert_true(all_bytes_are(body, 4096, 0));
        assert_true(!last || body == last + 304);
        memset(lintel_writable(subject.module, body), 0x42, 4096);
        assert_int_equal(lintel_shrink(subject.module, body, 4096, 300), 4096 - 304);
        assert_int_equal(lintel_publish(subject.module, body, 300), 0);
        assert_true(all_bytes_are(body + 300, 16, CODE_TRAP));
        assert_true(machine_code_traps(body + 304));
        last = body;
    }
    assert_int_equal(stats_of(subject.module).spare, 0);
    close_subject();
}

static void publish_last(void *shared, unsigned member)
{
    (void)member;
    (void)lintel_publish(subject.module, shared, 256);
}

/* The chunk's cursor stands where the page ends that another thread opens; then it goes back into the page. */
static void a_body_shrunk_at_a_pages_end(void **state)
{
    (void)state;
    open_subject(16);
    for (unsigned i = 0; i < 20000; i++)
        assert_non_null(lintel_alloc(subject.module, 64));
    for (unsigned i = 0; i < 64; i++) {
        char *last;
        do
            last = lintel_alloc(subject.module, 256);
        while (((uintptr_t)last + 256) % os_page_size());
        team_run(1, publish_last, last);
        (void)lintel_shrink(subject.module, last, 256, 64);
        void *next = lintel_alloc(subject.module, 128);
        assert_true(next && all_bytes_are(next, 128, 0));
    }
    close_subject();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(small_bodies, script_clear),
        cmocka_unit_test_teardown(middling_bodies, script_clear),
        cmocka_unit_test_teardown(large_bodies_over_the_ends_of_blocks, script_clear),
        cmocka_unit_test_teardown(bodies_of_several_threads, script_clear),
        cmocka_unit_test_teardown(a_stray_jump_traps, script_clear),
        cmocka_unit_test_teardown(the_rest_of_the_own_chunk_traps, script_clear),
        cmocka_unit_test_teardown(another_thread_publishes, script_clear),
        cmocka_unit_test_teardown(what_a_shrunk_body_gives_back_is_used_again, script_clear),
        cmocka_unit_test_teardown(a_body_shrunk_at_a_pages_end, script_clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
