/* SPDX-License-Identifier: MIT */
#include "places.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "notes.h"
#include "outline.h"
#include "process.h"

enum { MOST_PLACES = 1024 };

#define PLACE(group, member)                                                                                           \
    {                                                                                                                  \
#group "." #member, offsetof(places_t, group##_##member)                                                       \
    }

static const struct {
    const char *name;
    size_t      offset; /* in places_t */
} known[] = {
    PLACE(heap, next),         PLACE(heap, first),         PLACE(heap, pool_end),
    PLACE(heap, pool_cursor),  PLACE(heap, pool_spares),   PLACE(node, next),
    PLACE(node, removed),      PLACE(node, bucket),        PLACE(node, marks),
    PLACE(generation, node),   PLACE(generation, module),  PLACE(generation, references),
    PLACE(module, size),       PLACE(module, kind),        PLACE(generation, closed_bit),
    PLACE(module, base),       PLACE(module, key),         PLACE(module, window_start),
    PLACE(module, window_end), PLACE(module, serial),      PLACE(module, slot),
    PLACE(module, regions),    PLACE(module, spares),      PLACE(module, prepared),
    PLACE(module, allocated),  PLACE(module, allocations), PLACE(module, lost),
    PLACE(module, failures),   PLACE(module, name),        PLACE(cell, size),
    PLACE(cell, version),      PLACE(region, next),        PLACE(region, start),
    PLACE(region, end),        PLACE(region, cursor),      PLACE(region, committed),
    PLACE(spares, next),       PLACE(spares, slots),       PLACE(spares, slot_count),
    PLACE(page, next),         PLACE(page, size),          PLACE(slot, module),
    PLACE(slot, cursor),       PLACE(slot, end),           PLACE(slot, tally),
    PLACE(slot, counted),      PLACE(slot, flags),         PLACE(slot, leaving),
    PLACE(slot, tally_bits),
};

static bool take(const outline_place_t *listed, uint32_t count, const char *name, uint32_t *value)
{
    for (uint32_t i = 0; i < count; i++)
        if (strncmp(listed[i].name, name, sizeof(listed[i].name)) == 0) {
            *value = listed[i].value;
            return true;
        }
    return false;
}

/* Returns 0; -EPROTO (a place is missing); or as process_read. */
static int read_places(pid_t process, uint64_t address, uint32_t count, places_t *places)
{
    outline_place_t *listed = calloc(count, sizeof(*listed));
    int              error = listed == NULL ? -ENOMEM : process_read(process, address, listed, count * sizeof(*listed));

    for (size_t i = 0; error == 0 && i < sizeof(known) / sizeof(known[0]); i++)
        if (!take(listed, count, known[i].name, (uint32_t *)(void *)((char *)places + known[i].offset)))
            error = -EPROTO;
    free(listed);
    return error;
}

/* Returns 0; -ENOENT (no outline); -EPROTO; or as process_read. */
static int read_outline(pid_t process, uint64_t address, places_t *places)
{
    outline_head_t head = {0};
    int            error = process_read(process, address, &head, sizeof(head));

    if (error != 0)
        return error;
    if (strncmp(head.magic, OUTLINE_MAGIC, sizeof(head.magic)) != 0)
        return -ENOENT;
    *places = (places_t){
        .heaps = (uintptr_t)head.heaps,
        .pages = (uintptr_t)head.pages,
        .departures = (uintptr_t)head.departures,
        .library = {head.library[0], head.library[1], head.library[2]},
        .version = head.version,
    };
    if (head.version != OUTLINE_VERSION || head.place_count > MOST_PLACES)
        return -EPROTO;
    return read_places(process, address + sizeof(head), head.place_count, places);
}

int places_find(pid_t process, const ranges_t *files, places_t places[PLACES_MOST_COPIES])
{
    int  count = 0;
    bool unknown = false;

    for (size_t i = 0; i < files->count && count < PLACES_MOST_COPIES; i++) {
        uint64_t outline;
        int      error = notes_find_outline(process, files->items[i].start, &outline);

        if (error == 0)
            error = read_outline(process, outline, &places[count]);
        if (error == 0)
            count++;
        unknown = unknown || error == -EPROTO;
        if (error != 0 && error != -ENOENT && error != -EFAULT && error != -EPROTO)
            return error;
    }
    if (count > 0)
        return count;
    return unknown ? -EPROTO : -ENOENT;
}
