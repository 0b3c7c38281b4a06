/* SPDX-License-Identifier: MIT */
#include "walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generation.h"

enum { MOST_HEAPS = 1024, MOST_AT_ONCE = 64, MOST_TRIES = 1000 };

/* Modules that were read one after the other, and are to be kept or read again. */
typedef struct {
    landscape_module_t modules[MOST_AT_ONCE];
    size_t             count;
    uint64_t           at; /* the node to go on from; 0 at the end */
} batch_t;

static void drop(batch_t *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        landscape_module_free(&batch->modules[i]);
    batch->count = 0;
}

/* Reads generations behind the node at `from` up to a node that stays, once there are `wanted`. Returns 0, or as
 * process_read. */
static int read_batch(const reader_t *reader, uint64_t from, size_t wanted, batch_t *batch)
{
    const places_t *places = reader->places;
    uint64_t        node = from;
    uint64_t        link;
    int             error = reader_word(reader, from + places->node_next, &link);

    batch->count = 0;
    while (error == 0 && (node = link & ~(uint64_t)places->node_marks) != 0) {
        error = reader_word(reader, node + places->node_next, &link);
        if (error != 0)
            break;
        if (link & places->node_bucket) {
            if (batch->count < wanted)
                continue;
            batch->at = node;
            return 0;
        }
        if (batch->count == MOST_AT_ONCE)
            return -EAGAIN;
        if (!(link & places->node_removed))
            error = generation_read(reader, node - places->generation_node, &batch->modules[batch->count]);
        batch->count += error == 0 && !(link & places->node_removed);
    }
    batch->at = 0;
    return error;
}

/* The heaps there are. Returns how many, or as process_read. */
static int list_heaps(const reader_t *reader, uint64_t heaps[MOST_HEAPS])
{
    uint64_t heap;
    int      count = 0;
    int      error = reader_word(reader, reader->places->heaps, &heap);

    while (error == 0 && heap != 0 && count < MOST_HEAPS) {
        heaps[count++] = heap;
        error = reader_word(reader, heap + reader->places->heap_next, &heap);
    }
    return error != 0 ? error : count;
}

/* The same, read while nothing was given back. Returns how many; -EAGAIN; or as process_read. */
static int list_heaps_surely(const reader_t *reader, uint64_t heaps[MOST_HEAPS])
{
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        uint64_t before = 0;
        uint64_t after = 0;
        int      error = reader_word(reader, reader->places->departures, &before);
        int      count = error == 0 ? list_heaps(reader, heaps) : error;

        if (error == 0)
            error = reader_word(reader, reader->places->departures, &after);
        if (error != 0)
            return error;
        if (before == after)
            return count;
    }
    return -EAGAIN;
}

static bool is_listed(const reader_t *reader, uint64_t heap)
{
    uint64_t heaps[MOST_HEAPS] = {0};
    int      count = list_heaps_surely(reader, heaps);

    for (int i = 0; i < count; i++)
        if (heaps[i] == heap)
            return true;
    return false;
}

/* Reads a batch behind `from` for sure. Returns 0; -EAGAIN; -ENOENT (the heap is gone); or as process_read. */
static int read_batch_surely(const reader_t *reader, uint64_t heap, uint64_t from, batch_t *batch)
{
    size_t wanted = MOST_AT_ONCE / 2;

    for (int tries = 0; tries < MOST_TRIES; tries++) {
        uint64_t before = 0;
        uint64_t after = 0;
        int      error = reader_word(reader, reader->places->departures, &before);

        if (error != 0)
            return error;
        error = is_listed(reader, heap) ? read_batch(reader, from, wanted, batch) : -ENOENT;
        if (error == 0 && reader_word(reader, reader->places->departures, &after) == 0 && before == after)
            return 0;
        drop(batch);
        if (error != 0 && error != -EFAULT && error != -EAGAIN && error != -EIO)
            return error;
        wanted = wanted > 1 ? wanted / 2 : 1;
    }
    return -EAGAIN;
}

static int keep(snapshot_t *snapshot, batch_t *batch)
{
    int error = 0;

    for (size_t i = 0; i < batch->count && error == 0; i++) {
        batch->modules[i].heap = snapshot->heaps;
        error = snapshot_add(snapshot, &batch->modules[i]);
    }
    drop(batch);
    return error;
}

/* Returns as walk_process. A heap that goes meanwhile is no longer there, with what was read of it. */
static int walk_heap(const reader_t *reader, uint64_t heap, snapshot_t *snapshot, uint64_t *pool)
{
    batch_t  batch = {.at = heap + reader->places->heap_first};
    size_t   kept = snapshot->landscape.module_count;
    uint64_t left = 0;
    int      error = 0;

    while (error == 0 && batch.at != 0) {
        error = read_batch_surely(reader, heap, batch.at, &batch);
        if (error == 0)
            error = keep(snapshot, &batch);
    }
    if (error == 0)
        error = reader_pool_left(reader, heap, &left);
    if (error == -ENOENT || (error != 0 && !is_listed(reader, heap))) {
        while (snapshot->landscape.module_count > kept)
            landscape_module_free(&snapshot->landscape.modules[--snapshot->landscape.module_count]);
        return 0;
    }
    *pool += left;
    snapshot->heaps++;
    return error;
}

static int walk_copy(pid_t process, const places_t *places, snapshot_t *snapshot, uint64_t *pool)
{
    uint64_t heaps[MOST_HEAPS] = {0};
    reader_t reader;
    int      error = reader_start(&reader, process, places);
    int      count = error == 0 ? list_heaps_surely(&reader, heaps) : error;

    error = count < 0 ? count : 0;
    for (int i = 0; i < count && error == 0; i++)
        error = walk_heap(&reader, heaps[i], snapshot, pool);
    reader_end(&reader);
    return error;
}

int walk_process(pid_t process, snapshot_t *snapshot)
{
    places_t places[PLACES_MOST_COPIES] = {0};
    ranges_t files = {0};
    uint64_t pool = 0;
    int      count;
    int      error;

    *snapshot = (snapshot_t){.process = process};
    process_title(process, snapshot->title);
    error = process_mappings(process, &snapshot->landscape.mapped, &files);
    count = error == 0 ? places_find(process, &files, places) : error;
    ranges_free(&files);
    if (count > 0 || count == -EPROTO)
        snprintf(snapshot->version, sizeof(snapshot->version), "%u.%u.%u", places[0].library[0], places[0].library[1],
                 places[0].library[2]);
    error = count < 0 ? count : 0;
    for (int i = 0; i < count && error == 0; i++)
        error = walk_copy(process, &places[i], snapshot, &pool);
    if (error != 0) {
        landscape_free(&snapshot->landscape);
        return error;
    }
    snapshot_finish(snapshot, pool);
    return 0;
}
