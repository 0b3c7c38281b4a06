/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "../unit/unit.h"
#include "world.h"

/* Where perf looks for this process's map. */
static const char *map_path(void)
{
    static char path[64];

    snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
    return path;
}

void world_drop_old_map(void)
{
    unlink(map_path());
}

bool world_name(world_t *world, unsigned number)
{
    body_t *body = number < world->body_count ? &world->bodies[number] : NULL;

    if (!body)
        return false;
    calls_watch(true);
    int result = lintel_name(world->owners[body->owner].module, body->start, body->size, "body");
    calls_watch(false);
    /* What the system says is told as it is. */
    assert_true(!result || (result < 0 && world->report->refused));
    body->named = !result;
    return body->named;
}

static unsigned count_named(const world_t *world)
{
    unsigned count = 0;

    for (unsigned i = 0; i < world->body_count; i++)
        count += world->bodies[i].named;
    return count;
}

void world_take_map(const world_t *world)
{
    unsigned lines = 0;
    int      last = '\n';
    FILE    *map = fopen(map_path(), "re");

    for (int letter; map && (letter = fgetc(map)) != EOF; last = letter)
        lines += letter == '\n';
    if (map)
        fclose(map);
    unlink(map_path());
    if (world->report->truncate_refused)
        return;
    assert_int_equal(lines, count_named(world));
    assert_int_equal(last, '\n');
}
