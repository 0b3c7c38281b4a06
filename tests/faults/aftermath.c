/* SPDX-License-Identifier: MIT */
#include "aftermath.h"

#include <errno.h>

#include "../unit/arena.h"
#include "../unit/machine_code.h"
#include "../unit/subject.h"
#include "../unit/unit.h"
#include "cache_page.h"
#include "ledger.h"
#include "os.h"
#include "registry.h"

/* A program that was refused something tries again. */
static void complete(world_t *world, const lintel_heap_options_t *options)
{
    unsigned owner = 0;

    if (!world->heap)
        assert_true(world_create(world, options));
    while (owner < world->owner_count && !world->owners[owner].module)
        owner++;
    if (owner == world->owner_count)
        assert_true(world_open(world, 1000, 0));
}

static void check_bodies(world_t *world)
{
    world_check_bodies(world);
    world_look(world);
}

/* What was refused can be had now. */
static void publish_all(world_t *world)
{
    for (unsigned i = 0; i < world->body_count && world->kind == LINTEL_CODE; i++)
        assert_true(world_publish(world, i));
}

/* Takes all there is, the large first, to the last 16 bytes; they read as zero and are nobody else's. */
static void fill_up(world_t *world, unsigned owner)
{
    lintel_module_t *module = world->owners[owner].module;

    for (size_t size = range_size(world->hole); size >= 16; size = align_down(size / 2, 16)) {
        unsigned char *body;
        while ((errno = 0, body = lintel_alloc(module, size))) {
            assert_true(all_bytes_are(body, size, 0));
            assert_true(range_contains(world->hole, (range_t){(uintptr_t)body, (uintptr_t)body + size}));
        }
        assert_int_equal(errno, ENOSPC);
        world->owners[owner].failures++;
    }
    assert_books_balance(module);
}

static void fill_all(world_t *world)
{
    for (unsigned i = 0; i < world->owner_count; i++)
        if (world->owners[i].module)
            fill_up(world, i);
}

/* Every byte of the hole is a body's now. What could not be listed for want of memory is lost, and said to be. */
static void check_that_all_is_used(const world_t *world, const lintel_heap_options_t *options)
{
    bool           pooled = options->pool_size;
    lintel_stats_t sum;
    uint64_t       rounding = 0;

    for (unsigned i = 0; i < world->body_count; i++)
        rounding += align_up(world->bodies[i].size, world_unit(world)) - world->bodies[i].size;
    assert_int_equal(lintel_heap_stats(world->heap, &sum), 0);
    assert_int_equal(sum.spare, 0);
    if (!world->report->memory_refused)
        assert_int_equal(sum.lost, rounding);
    assert_true(pooled || sum.allocated + sum.lost == sum.reserved);
    /* Trial misses what is smaller than its steps. */
    if (!world->report->munmap_refused && !(pooled && world->report->memory_refused) &&
        options->gap != LINTEL_GAP_PROBE)
        assert_int_equal(sum.allocated + sum.lost, range_size(world->hole));
}

/* Threads' pages stay for threads to come. */
static size_t cache_pages(void)
{
    size_t size = align_up(sizeof(cache_page_t), os_page_size());
    size_t sum = 0;

    for (cache_page_t *page = cache_page_first(); page; page = page->next)
        sum += size;
    return sum;
}

static void check_that_nothing_is_left(const world_t *world)
{
    assert_int_equal(ledger_mapped(), cache_pages());
    assert_int_equal(ledger_walks(), 0);
    assert_int_equal(ledger_objects(), 0);
    assert_int_equal(world_files(), world->files);
    if (!world->report->munmap_refused) {
        assert_int_equal(mappings_in(world->hole), 0);
        assert_int_equal(shared_mappings(), world->shared);
        assert_int_equal(world->report->strays, 0);
    }
}

void aftermath(world_t *world, const lintel_heap_options_t *options)
{
    complete(world, options);
    /* What it does would come between the looks. */
    service_stop(&world->heap->service);
    publish_all(world);
    check_bodies(world);
    fill_all(world);
    check_bodies(world);
    check_that_all_is_used(world, options);
    world_destroy(world);
    check_that_nothing_is_left(world);
}
