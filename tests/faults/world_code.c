/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "../unit/arena.h"
#include "../unit/machine_code.h"
#include "../unit/subject.h"
#include "../unit/unit.h"
#include "os.h"
#include "world.h"

size_t world_unit(const world_t *world)
{
    return world->kind == LINTEL_CODE && world->flips ? os_page_size() : 16;
}

void world_write(const world_t *world, body_t *body)
{
    void *writable = lintel_writable(world->owners[body->owner].module, body->start);

    assert_non_null(writable);
    memset(writable, body->fill, body->size);
    if (world->kind == LINTEL_CODE && body->size >= MACHINE_CODE_SIZE)
        body->code = machine_code_of(body->fill, writable);
}

/* Of one that was shortened there may be no function any more. */
static void check_call(const body_t *body)
{
    if (body->published && body->code && body->size >= MACHINE_CODE_SIZE)
        assert_int_equal(machine_code_call(body->start), body->fill);
}

bool world_publish(world_t *world, unsigned number)
{
    body_t *body = number < world->body_count ? &world->bodies[number] : NULL;

    if (!body || !world->owners[body->owner].module)
        return false;
    calls_watch(true);
    int result = lintel_publish(world->owners[body->owner].module, body->start, body->size);
    calls_watch(false);
    assert_int_equal(writable_and_executable(), 0);
    if (result) {
        world_assert_reason(world, result);
        return false;
    }
    body->published = true;
    check_call(body);
    return true;
}

void world_check_bodies(const world_t *world)
{
    for (unsigned i = 0; i < world->body_count; i++) {
        const body_t *body = &world->bodies[i];
        assert_true(all_bytes_are(body->start + body->code, body->size - body->code, body->fill));
        check_call(body);
    }
    assert_int_equal(writable_and_executable(), 0);
}

/* One that has no memory is out of reach, and said to be; one that was published in place is only not to be written. */
static bool is_lost(const world_t *world, const body_t *body)
{
    errno = 0;
    bool lost = !lintel_writable(world->owners[body->owner].module, body->start) && errno != EACCES;

    if (lost) {
        assert_int_equal(errno, ERANGE);
        assert_true(world->report->refused);
        assert_false(is_readable((uintptr_t)body->start));
    }
    return lost;
}

void world_drop_lost(world_t *world)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < world->body_count; i++)
        if (!is_lost(world, &world->bodies[i]))
            world->bodies[kept++] = world->bodies[i];
    world->body_count = kept;
}

void world_check_unmapped(const world_t *world)
{
    if (!world->report->munmap_refused)
        assert_int_equal(mappings_in(world->hole), 0);
}
