/* SPDX-License-Identifier: MIT
 *
 * slab: cells that are handed out to one user at a time, and whose version tells their uses apart.
 */
#include "slab.h"

#include <errno.h>
#include <string.h>

#include "scripted_os.h"
#include "team.h"
#include "unit.h"

enum { USER_BYTES = SLAB_CELL_SIZE - sizeof(slab_cell_t) };

static slab_t slab;

static int start(void **state)
{
    (void)state;
    slab = (slab_t){0};
    return 0;
}

static int end(void **state)
{
    slab_end(&slab);
    return script_clear(state);
}

static char *user_part(slab_cell_t *cell)
{
    return (char *)cell + sizeof(*cell);
}

static uint64_t version_of(const slab_cell_t *cell)
{
    return atomic_load_relaxed(&cell->version); /* relaxed: one thread. */
}

static void a_fresh_cell_is_zero_and_on_cache_lines_of_its_own(void **state)
{
    const char   zeros[USER_BYTES] = {0};
    slab_cell_t *cell = slab_allocate(&slab);

    (void)state;
    assert_non_null(cell);
    assert_memory_equal(user_part(cell), zeros, USER_BYTES);
    assert_int_equal((uintptr_t)cell % CACHE_LINE, 0);
}

/* S1, S2: 512 + 1024 + 1 cells take three chunks. */
static void cells_are_distinct_over_all_chunks(void **state)
{
    enum { CELLS = SLAB_FIRST_CHUNK * 3 + 1 };
    static slab_cell_t *cells[CELLS];

    (void)state;
    for (unsigned i = 0; i < CELLS; i++) {
        cells[i] = slab_allocate(&slab);
        assert_non_null(cells[i]);
        assert_int_equal(cells[i]->index, i);
        memset(user_part(cells[i]), (int)(i % 251), USER_BYTES);
    }
    for (unsigned i = 0; i < CELLS; i++) {
        assert_int_equal(cells[i]->index, i);
        assert_int_equal((unsigned char)user_part(cells[i])[0], i % 251);
        assert_int_equal((unsigned char)user_part(cells[i])[USER_BYTES - 1], i % 251);
    }
    assert_int_equal(script_calls(OS_MAP), 3);
}

static void a_cell_given_back_is_used_again(void **state)
{
    slab_cell_t *first = slab_allocate(&slab);
    slab_cell_t *second = slab_allocate(&slab);

    (void)state;
    slab_free(&slab, first);
    slab_free(&slab, second);
    assert_ptr_equal(slab_allocate(&slab), second);
    assert_ptr_equal(slab_allocate(&slab), first);
    assert_int_equal(slab_allocate(&slab)->index, 2);
}

static void a_reused_cell_is_as_its_last_user_left_it(void **state)
{
    slab_cell_t *cell = slab_allocate(&slab);

    (void)state;
    memcpy(user_part(cell), "left", sizeof("left"));
    slab_free(&slab, cell);
    assert_string_equal(user_part(slab_allocate(&slab)), "left");
}

/* S3: already when it is given back, so that a reader who meets it on the free list knows. */
static void the_version_changes_when_a_cell_is_given_back(void **state)
{
    slab_cell_t *cell = slab_allocate(&slab);
    uint64_t     first = version_of(cell);

    (void)state;
    slab_free(&slab, cell);
    assert_int_not_equal(version_of(cell), first);
    uint64_t second = version_of(slab_allocate(&slab));
    assert_int_not_equal(second, first);
    slab_free(&slab, cell);
    assert_int_not_equal(version_of(cell), first);
    assert_int_not_equal(version_of(cell), second);
}

/* S1: a thread that stopped before its compare-and-swap must not succeed once the same cell is first again. */
static void the_free_list_never_looks_the_same_after_a_pop(void **state)
{
    slab_cell_t *first = slab_allocate(&slab);
    slab_cell_t *second = slab_allocate(&slab);

    (void)state;
    slab_free(&slab, second);
    slab_free(&slab, first);
    uint64_t seen = atomic_load_relaxed(&slab.free_list); /* relaxed, here and below: one thread. */
    assert_ptr_equal(slab_allocate(&slab), first);
    assert_ptr_equal(slab_allocate(&slab), second);
    slab_free(&slab, first);
    assert_int_equal((uint32_t)seen, (uint32_t)atomic_load_relaxed(&slab.free_list));
    assert_int_not_equal(seen, atomic_load_relaxed(&slab.free_list));
}

static void out_of_memory_takes_nothing(void **state)
{
    (void)state;
    script_answer(OS_MAP, 1, 1, -ENOMEM);
    assert_null(slab_allocate(&slab));
    slab_cell_t *cell = slab_allocate(&slab);
    assert_non_null(cell);
    assert_int_equal(cell->index, 0);
}

static void free_cells_are_found_when_memory_is_not(void **state)
{
    slab_cell_t *cell = NULL;

    (void)state;
    for (int i = 0; i < SLAB_FIRST_CHUNK; i++)
        cell = slab_allocate(&slab);
    script_answer(OS_MAP, 1, FOREVER, -ENOMEM);
    assert_null(slab_allocate(&slab));
    slab_free(&slab, cell);
    assert_ptr_equal(slab_allocate(&slab), cell);
    assert_null(slab_allocate(&slab));
}

static void no_more_cells_than_indices(void **state)
{
    (void)state;
    /* relaxed: one thread. */
    atomic_store_relaxed(&slab.fresh, (uint32_t)SLAB_FIRST_CHUNK * ((UINT32_C(1) << SLAB_CHUNKS) - 1));
    assert_null(slab_allocate(&slab));
    assert_int_equal(script_calls(OS_MAP), 0);
}

static slab_cell_t *overtaking;

static void allocate_first(void *context)
{
    (void)context;
    overtaking = slab_allocate(&slab);
}

/* Two threads map the same chunk: one of the two mappings goes, and both get cells of the other. */
static void a_chunk_mapped_twice_is_unmapped_once(void **state)
{
    (void)state;
    script_interlude(OS_MAP, 1, allocate_first, NULL);
    slab_cell_t *cell = slab_allocate(&slab);
    assert_non_null(cell);
    assert_non_null(overtaking);
    assert_int_equal(overtaking->index, 0);
    assert_int_equal(cell->index, 1);
    assert_ptr_equal((char *)cell, (char *)overtaking + SLAB_CELL_SIZE);
    assert_int_equal(script_calls(OS_MAP), 2);
    assert_int_equal(script_calls(OS_UNMAP), 1);
}

static void the_end_unmaps_every_chunk(void **state)
{
    (void)state;
    for (int i = 0; i < SLAB_FIRST_CHUNK * 3 + 1; i++)
        assert_non_null(slab_allocate(&slab));
    slab_end(&slab);
    assert_int_equal(script_calls(OS_UNMAP), script_calls(OS_MAP));
    slab = (slab_t){0};
}

enum { THREADS = 4, ROUNDS = 20000, HELD = 8 };

static _Atomic unsigned clashes;

/* The user's part of each cell: who has it. */
static _Atomic uint32_t *owner_of(slab_cell_t *cell)
{
    return (_Atomic uint32_t *)(void *)user_part(cell);
}

static void take_and_give_back(void *shared, unsigned member)
{
    slab_cell_t  *held[HELD] = {NULL};
    unsigned long seed = member;

    (void)shared;
    for (int round = 0; round < ROUNDS; round++) {
        slab_cell_t **cell = &held[random_below(&seed, HELD)];
        uint32_t      expected = *cell ? member + 1 : 0;
        uint32_t      desired = *cell ? 0 : member + 1;
        slab_cell_t  *one = *cell ? *cell : slab_allocate(&slab);
        /* relaxed: if a cell had two users, the order would not matter any more. */
        if (!atomic_cas_relaxed(owner_of(one), &expected, desired))
            atomic_fetch_add_relaxed(&clashes, 1);
        if (*cell)
            slab_free(&slab, one);
        *cell = desired ? one : NULL;
    }
}

/* S1 */
static void threads_never_share_a_cell(void **state)
{
    (void)state;
    clashes = 0;
    team_run(THREADS, take_and_give_back, NULL);
    assert_int_equal(clashes, 0);
    /* relaxed: the threads are joined. Cells are reused, not used up. */
    assert_in_range(atomic_load_relaxed(&slab.fresh), 1, THREADS * HELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_fresh_cell_is_zero_and_on_cache_lines_of_its_own, start, end),
        cmocka_unit_test_setup_teardown(cells_are_distinct_over_all_chunks, start, end),
        cmocka_unit_test_setup_teardown(a_cell_given_back_is_used_again, start, end),
        cmocka_unit_test_setup_teardown(a_reused_cell_is_as_its_last_user_left_it, start, end),
        cmocka_unit_test_setup_teardown(the_version_changes_when_a_cell_is_given_back, start, end),
        cmocka_unit_test_setup_teardown(the_free_list_never_looks_the_same_after_a_pop, start, end),
        cmocka_unit_test_setup_teardown(out_of_memory_takes_nothing, start, end),
        cmocka_unit_test_setup_teardown(free_cells_are_found_when_memory_is_not, start, end),
        cmocka_unit_test_setup_teardown(no_more_cells_than_indices, start, end),
        cmocka_unit_test_setup_teardown(a_chunk_mapped_twice_is_unmapped_once, start, end),
        cmocka_unit_test_setup_teardown(the_end_unmaps_every_chunk, start, end),
        cmocka_unit_test_setup_teardown(threads_never_share_a_cell, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
