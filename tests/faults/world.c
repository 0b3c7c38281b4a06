/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <urcu/urcu-bp.h>

#include "../unit/arena.h"
#include "../unit/machine_code.h"
#include "../unit/subject.h"
#include "../unit/unit.h"

/* Who is refused so often gives up. */
enum { MOST_REFUSALS = 8 };

#define ARENA_SIZE (64 * MIB)

/* Puts off what a failing call must not touch. */
#define UNTOUCHED ((void *)8)

size_t world_files(void)
{
    DIR   *files = opendir("/proc/self/fd");
    size_t count = 0;

    assert_non_null(files);
    while (readdir(files))
        count++;
    assert_int_equal(closedir(files), 0);
    return count;
}

/* What the parent of a fork does is done beside its child. */
static void stop_watching(void)
{
    calls_watch(false);
}

void world_start(world_t *world, const calls_report_t *report, size_t size)
{
    assert_int_equal(pthread_atfork(NULL, stop_watching, NULL), 0);
    world_drop_old_map();
    world->report = report;
    world->arena = arena_take(ARENA_SIZE);
    world->hole = arena_part(world->arena, MIB, size);
    arena_free(world->hole);
    world->files = world_files();
    world->shared = shared_mappings();
}

/* Nothing is refused for no reason, and room is said to be missing only where it looks so. */
void world_assert_reason(const world_t *world, int result)
{
    const calls_report_t *report = world->report;

    assert_true(report->refused);
    if (result == -ENOSPC)
        assert_true(report->space_hidden || report->munmap_refused || world->forced);
    else if (result == -EPERM)
        assert_true(report->execution_refused);
    else if (result == -EFBIG)
        assert_true(report->limit_refused);
    else
        assert_true(result == -ENOMEM ||
                    (report->file_refused && (result == -EACCES || result == -EMFILE || result == -ENOSYS)));
}

bool world_create(world_t *world, const lintel_heap_options_t *options)
{
    lintel_heap_t *heap = UNTOUCHED;

    world->forced = options && options->gap != LINTEL_GAP_AUTO;
    world->flips = options && options->code == LINTEL_CODE_FLIP;
    calls_watch(true);
    int result = lintel_heap_create(options, &heap);
    calls_watch(false);
    if (result) {
        assert_ptr_equal(heap, UNTOUCHED);
        world_assert_reason(world, result);
        return false;
    }
    world->heap = heap;
    return true;
}

bool world_open(world_t *world, uint64_t key, size_t reserve)
{
    lintel_module_desc_t desc = {.base = world->arena.start,
                                 .image_size = 4 * KIB,
                                 .key = key,
                                 .name = "subject",
                                 .kind = world->kind,
                                 .reach = ARENA_SIZE - 1,
                                 .reserve = reserve};
    lintel_module_t     *module = UNTOUCHED;

    assert_true(world->owner_count < MOST_OWNERS);
    if (!world->heap)
        return false;
    calls_watch(true);
    int result = lintel_module_open(world->heap, &desc, &module);
    calls_watch(false);
    if (result) {
        assert_ptr_equal(module, UNTOUCHED);
        world_assert_reason(world, result);
        return false;
    }
    world->owners[world->owner_count++] = (owner_t){.module = module, .key = key};
    return true;
}

static void add_body(world_t *world, unsigned owner, void *start, size_t size)
{
    unsigned char fill = (unsigned char)(world->body_count % 255 + 1);

    assert_true(world->body_count < MOST_BODIES);
    world->bodies[world->body_count] = (body_t){.start = start, .size = size, .owner = owner, .fill = fill};
    world_write(world, &world->bodies[world->body_count++]);
}

static void *allocate(owner_t *owner, size_t size, size_t align)
{
    calls_watch(true);
    void *body = align ? lintel_alloc_aligned(owner->module, size, align) : lintel_alloc(owner->module, size);
    calls_watch(false);
    return body;
}

static owner_t *owner_of(world_t *world, unsigned owner)
{
    return owner < world->owner_count && world->owners[owner].module ? &world->owners[owner] : NULL;
}

bool world_allocate(world_t *world, unsigned owner, size_t size, size_t align)
{
    owner_t *from = owner_of(world, owner);

    if (!from)
        return false;
    errno = 0;
    unsigned char *body = allocate(from, size, align);
    if (!body) {
        world_assert_reason(world, -errno);
        from->failures++;
        return false;
    }
    assert_int_equal(errno, 0);
    assert_int_equal((uintptr_t)body % (align ? align : world_unit(world)), 0);
    assert_true(range_contains(world->hole, (range_t){(uintptr_t)body, (uintptr_t)body + size}));
    assert_true(all_bytes_are(body, size, 0));
    add_body(world, owner, body, size);
    return true;
}

void world_allocate_many(world_t *world, unsigned owner, unsigned count, size_t size)
{
    unsigned refused = 0;

    for (unsigned i = 0; i < count && refused < MOST_REFUSALS; i++)
        refused += !world_allocate(world, owner, size, 0);
}

void world_hand_out(world_t *world, unsigned owner, size_t size)
{
    owner_t *from = owner_of(world, owner);

    for (size_t done = 0; from && done < size; done += 4 * KIB)
        if (!allocate(from, 4 * KIB, 0))
            from->failures++;
}

void world_shrink(world_t *world, unsigned body, size_t new_size)
{
    body_t  *shrunk = &world->bodies[body];
    owner_t *owner = body < world->body_count ? owner_of(world, shrunk->owner) : NULL;

    if (!owner)
        return;
    calls_watch(true);
    size_t freed = lintel_shrink(owner->module, shrunk->start, shrunk->size, new_size);
    calls_watch(false);
    assert_int_equal(freed, align_up(shrunk->size, world_unit(world)) - align_up(new_size, world_unit(world)));
    if (!freed)
        return;
    shrunk->size = new_size;
    shrunk->code = min_address(shrunk->code, new_size);
}

static void forget_bodies(world_t *world, unsigned owner)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < world->body_count; i++)
        if (world->bodies[i].owner != owner)
            world->bodies[kept++] = world->bodies[i];
    world->body_count = kept;
}

void world_close(world_t *world, unsigned owner)
{
    owner_t *closed = owner_of(world, owner);

    if (!closed)
        return;
    forget_bodies(world, owner);
    calls_watch(true);
    int result = lintel_module_close(world->heap, closed->key);
    lintel_module_release(closed->module);
    urcu_bp_barrier();
    calls_watch(false);
    assert_int_equal(result, 0);
    closed->module = NULL;
}

void world_flush(void)
{
    calls_watch(true);
    lintel_thread_flush();
    calls_watch(false);
}

static void look_at(const world_t *world, const body_t *body, size_t offset)
{
    const owner_t    *owner = &world->owners[body->owner];
    lintel_location_t location;

    calls_watch(true);
    int     found = lintel_find(world->heap, body->start + offset, &location);
    int64_t distance = lintel_offset(owner->module, body->start + offset);
    calls_watch(false);
    assert_int_equal(found, 0);
    assert_int_equal(location.key, owner->key);
    assert_int_equal(location.offset, (uintptr_t)body->start + offset - world->arena.start);
    assert_int_equal(distance, location.offset);
}

void world_look(world_t *world)
{
    for (unsigned i = 0; i < world->body_count; i++) {
        look_at(world, &world->bodies[i], 0);
        look_at(world, &world->bodies[i], world->bodies[i].size - 1);
    }
    for (unsigned i = 0; i < world->owner_count; i++)
        if (world->owners[i].module)
            assert_int_equal(stats_of(world->owners[i].module).failures, world->owners[i].failures);
}

void world_print(world_t *world)
{
    FILE *nowhere = fopen("/dev/null", "we");

    assert_non_null(nowhere);
    for (int format = LINTEL_TEXT; world->heap && format <= LINTEL_OPENMETRICS; format++) {
        calls_watch(true);
        int result = lintel_heap_print(world->heap, nowhere, (lintel_format_t)format);
        calls_watch(false);
        if (result)
            world_assert_reason(world, result);
    }
    assert_int_equal(fclose(nowhere), 0);
}

void world_destroy(world_t *world)
{
    calls_watch(true);
    lintel_heap_destroy(world->heap);
    calls_watch(false);
    world->heap = NULL;
    world->owner_count = world->body_count = 0;
}
