/* SPDX-License-Identifier: MIT
 *
 * module, refused: a clear errno, nothing lost, and whatever fits still succeeds.
 */
#include <errno.h>

#include "atomic.h"
#include "os.h"
#include "registry.h"
#include "scripted_os.h"
#include "subject.h"
#include "unit.h"

#define STEP (64 * KIB)

static size_t    page;
static subject_t subject;

/* One hole of `size` bytes, 1 GiB up. */
static void open_subject(size_t size)
{
    lintel_module_desc_t desc = {.align = 16};

    page = os_page_size();
    subject = subject_open(4 * GIB, &bare, &desc);
    subject_free(&subject, GIB, size);
}

static int end(void **state)
{
    subject_end(&subject);
    return script_clear(state);
}

static size_t offset_of(const void *body)
{
    assert_non_null(body);
    return (uintptr_t)body - subject.arena.start;
}

static void *body_of(size_t size)
{
    void *body = lintel_alloc(subject.module, size);

    assert_fresh_body(&subject, body, size, page, 4 * GIB);
    return body;
}

static uint64_t failures(void)
{
    return stats_of(subject.module).failures;
}

static void sizes_beyond_reach_are_enospc(void **state)
{
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 15, SIZE_MAX / 2, (size_t)1 << 47,
                            4 * GIB,  4 * GIB - 15,  3 * GIB,      STEP + 1};
    const size_t count = sizeof(sizes) / sizeof(sizes[0]);

    (void)state;
    open_subject(STEP);
    for (size_t i = 0; i < count; i++) {
        assert_refused(subject.module, sizes[i], ENOSPC);
        errno = 0;
        assert_null(lintel_alloc_aligned(subject.module, sizes[i], 4096));
        assert_int_equal(errno, ENOSPC);
    }
    assert_int_equal(failures(), 2 * count);
    assert_int_equal(offset_of(body_of(STEP)), GIB);
}

static void a_full_module_is_enospc_and_its_remains_still_serve(void **state)
{
    (void)state;
    open_subject(STEP);
    for (size_t i = 0; i < STEP / 1000; i++)
        body_of(1000);
    assert_refused(subject.module, 1000, ENOSPC);
    size_t left = STEP - STEP / 1000 * 1008;
    assert_refused(subject.module, left + 1, ENOSPC);
    assert_int_equal(offset_of(body_of(left)), GIB + STEP - left);
    assert_int_equal(stats_of(subject.module).spare, 0);
}

static void refused_address_space_is_enomem(void **state)
{
    (void)state;
    open_subject(STEP);
    script_answer(OS_RESERVE, 1, FOREVER, -ENOMEM);
    assert_refused(subject.module, 64, ENOMEM);
    assert_int_equal(failures(), 1);
    assert_int_equal(stats_of(subject.module).regions, 0);
    script_clear(state);
    assert_int_equal(offset_of(body_of(64)), GIB);
}

/* Tables and descriptors: the first of them refused, in another heap the second, and so on. */
static void refused_tables_are_enomem_and_leave_nothing(void **state)
{
    unsigned nth = 0;
    bool     refused = true;

    while (refused) {
        open_subject(STEP);
        script_answer(OS_MAP, ++nth, 1, -ENOMEM);
        errno = 0;
        refused = !lintel_alloc(subject.module, 64);
        if (refused) {
            assert_int_equal(errno, ENOMEM);
            assert_int_equal(stats_of(subject.module).reserved, 0);
            assert_false(is_mapped(subject.arena.start + GIB));
            script_clear(state);
            assert_int_equal(offset_of(body_of(STEP)), GIB);
        }
        end(state);
    }
    assert_in_range(nth, 4, 8);
    open_subject(STEP);
}

static void a_refused_commit_is_enomem_and_gives_back_its_claim(void **state)
{
    (void)state;
    open_subject(STEP);
    body_of(64);
    script_answer(OS_COMMIT, 1, FOREVER, -ENOMEM);
    assert_refused(subject.module, 20 * KIB, ENOMEM);
    assert_refused(subject.module, 20 * KIB, ENOMEM);
    assert_int_equal(stats_of(subject.module).spare, 0);
    assert_int_equal(offset_of(body_of(1000)), GIB + 64);
    script_clear(state);
    assert_int_equal(offset_of(body_of(20 * KIB)), GIB + 64 + 1008);
    assert_int_equal(failures(), 2);
}

/* Not even the first page of a module can be had. */
static void a_refused_first_commit_loses_no_address(void **state)
{
    (void)state;
    open_subject(STEP);
    script_answer(OS_COMMIT, 1, 2, -ENOMEM);
    assert_refused(subject.module, 64, ENOMEM);
    assert_int_equal(offset_of(body_of(STEP)), GIB);
}

static void a_refused_aligned_commit_gives_back_its_padding_too(void **state)
{
    (void)state;
    open_subject(STEP);
    body_of(16);
    script_answer(OS_COMMIT, 1, FOREVER, -ENOMEM);
    errno = 0;
    assert_null(lintel_alloc_aligned(subject.module, 32 * KIB, 4096));
    assert_int_equal(errno, ENOMEM);
    script_clear(state);
    assert_int_equal(offset_of(body_of(STEP - 16)), GIB + 16);
}

static void refuse_and_overtake(void *context)
{
    *(void **)context = lintel_alloc(subject.module, 24 * KIB);
    script_answer(OS_COMMIT, 0, FOREVER, -ENOMEM);
}

/* Another thread's body lies above the claim, which therefore cannot go back: it is set aside, and found committed. */
static void a_refused_claim_that_was_overtaken_is_set_aside(void **state)
{
    void *overtaking = NULL;

    (void)state;
    open_subject(STEP);
    body_of(16 * KIB);
    script_interlude(OS_COMMIT, 1, refuse_and_overtake, &overtaking);
    assert_int_equal(offset_of(body_of(1024)), GIB + 16 * KIB);
    assert_int_equal(offset_of(overtaking), GIB + 17 * KIB);
    assert_int_equal(stats_of(subject.module).spare, 0);
}

/* What was given back may serve while the kernel refuses everything new. */
static void committed_spare_space_serves_without_the_kernel(void **state)
{
    (void)state;
    open_subject(STEP);
    void *first = body_of(8 * KIB);
    body_of(8 * KIB);
    assert_int_equal(lintel_shrink(subject.module, first, 8 * KIB, 16), 8 * KIB - 16);
    script_answer(OS_COMMIT, 1, FOREVER, -ENOMEM);
    assert_int_equal(offset_of(body_of(4 * KIB)), GIB + 16);
    assert_refused(subject.module, 5 * KIB, ENOMEM);
    assert_int_equal(failures(), 1);
}

/* The tail of a full region is not committed; refusals must not leave it in smaller pieces than they found it. */
static void refused_commits_do_not_chop_a_span(void **state)
{
    (void)state;
    open_subject(STEP);
    subject_free(&subject, 2 * GIB, STEP);
    body_of(16 * KIB);
    body_of(STEP);
    assert_int_equal(stats_of(subject.module).spare, 48 * KIB);
    script_answer(OS_COMMIT, 1, FOREVER, -ENOMEM);
    for (int i = 0; i < 5; i++)
        assert_refused(subject.module, 8 * KIB, ENOMEM);
    script_clear(state);
    assert_int_equal(stats_of(subject.module).spare, 48 * KIB);
    assert_int_equal(offset_of(body_of(48 * KIB)), GIB + 16 * KIB);
}

/* A list of spans is full, and there is no memory for another. */
static void what_cannot_be_listed_is_lost_and_said_to_be(void **state)
{
    void *bodies[SPARE_SLOTS + 1];

    (void)state;
    open_subject(STEP);
    for (unsigned i = 0; i <= SPARE_SLOTS; i++)
        bodies[i] = body_of(1024);
    body_of(16);
    for (unsigned i = 0; i < SPARE_SLOTS; i++)
        assert_int_equal(lintel_shrink(subject.module, bodies[i], 1024, 512), 512);
    /* relaxed: one thread. Every cell of the first chunk is in use now. */
    atomic_store_relaxed(&subject.heap->space.slab.fresh, SLAB_FIRST_CHUNK);
    script_answer(OS_MAP, 1, FOREVER, -ENOMEM);
    assert_int_equal(stats_of(subject.module).lost, 0);
    assert_int_equal(lintel_shrink(subject.module, bodies[SPARE_SLOTS], 1024, 512), 512);
    assert_int_equal(stats_of(subject.module).lost, 512);
    assert_int_equal(stats_of(subject.module).spare, SPARE_SLOTS * 512);
    assert_books_balance(subject.module);
}

static void a_success_leaves_errno_alone(void **state)
{
    (void)state;
    open_subject(STEP);
    errno = 12345;
    void *body = lintel_alloc(subject.module, 20 * KIB);
    assert_non_null(body);
    assert_int_equal(lintel_shrink(subject.module, body, 20 * KIB, 16), 20 * KIB - 16);
    assert_int_equal(errno, 12345);
}

static int try_to_open(size_t reserve, lintel_module_t **module)
{
    lintel_module_desc_t desc = {.base = subject.arena.start, .image_size = page, .key = 77, .reserve = reserve};

    return lintel_module_open(subject.heap, &desc, module);
}

static void a_refused_reservation_opens_nothing(void **state)
{
    lintel_module_t *module = (lintel_module_t *)8;
    lintel_stats_t   stats;

    (void)state;
    open_subject(STEP);
    assert_int_equal(try_to_open(STEP + 1, &module), -ENOSPC);
    assert_int_equal(try_to_open(SIZE_MAX, &module), -ENOSPC);
    script_answer(OS_RESERVE, 1, FOREVER, -ENOMEM);
    assert_int_equal(try_to_open(STEP, &module), -ENOMEM);
    script_clear(state);
    script_answer(OS_MAP, 1, 1, -ENOMEM);
    assert_int_equal(try_to_open(STEP, &module), -ENOMEM);
    for (unsigned nth = 1; nth <= 2; nth++) {
        script_clear(state);
        script_answer(META_ALLOCATE, nth, 1, 0);
        assert_int_equal(try_to_open(STEP, &module), -ENOMEM);
    }
    script_clear(state);
    assert_ptr_equal(module, (lintel_module_t *)8);
    assert_false(is_mapped(subject.arena.start + GIB));
    assert_int_equal(lintel_heap_stats(subject.heap, &stats), 0);
    assert_int_equal(stats.modules, 1);
    assert_int_equal(try_to_open(STEP, &module), 0);
    lintel_module_release(module);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(sizes_beyond_reach_are_enospc, end),
        cmocka_unit_test_teardown(a_full_module_is_enospc_and_its_remains_still_serve, end),
        cmocka_unit_test_teardown(refused_address_space_is_enomem, end),
        cmocka_unit_test_teardown(refused_tables_are_enomem_and_leave_nothing, end),
        cmocka_unit_test_teardown(a_refused_commit_is_enomem_and_gives_back_its_claim, end),
        cmocka_unit_test_teardown(a_refused_first_commit_loses_no_address, end),
        cmocka_unit_test_teardown(a_refused_aligned_commit_gives_back_its_padding_too, end),
        cmocka_unit_test_teardown(a_refused_claim_that_was_overtaken_is_set_aside, end),
        cmocka_unit_test_teardown(committed_spare_space_serves_without_the_kernel, end),
        cmocka_unit_test_teardown(refused_commits_do_not_chop_a_span, end),
        cmocka_unit_test_teardown(what_cannot_be_listed_is_lost_and_said_to_be, end),
        cmocka_unit_test_teardown(a_success_leaves_errno_alone, end),
        cmocka_unit_test_teardown(a_refused_reservation_opens_nothing, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
