/* SPDX-License-Identifier: MIT
 *
 * Who wrote and read each piece of plain memory last: two accesses of which one writes, and neither happened before the
 * other, are a race.
 */
#include <string.h>

#include "explorer.h"

enum { PIECE = 16, MOST_PIECES = 4096, MOST_WATCHED = 64 };

typedef struct {
    uintptr_t address;
    moment_t  written;
    moment_t  read[MOST_THREADS];
} piece_t;

typedef struct {
    uintptr_t start;
    uintptr_t end;
    bool      over;
    moment_t  touched[MOST_THREADS];
} watched_t;

static piece_t   pieces[MOST_PIECES];
static watched_t watched[MOST_WATCHED];
static unsigned  watched_count;
static uintptr_t used[MOST_PIECES];
static unsigned  used_count;

static piece_t *piece_at(uintptr_t address)
{
    uintptr_t slot = address / PIECE * 2654435761U % MOST_PIECES;

    for (; pieces[slot].address && pieces[slot].address != address; slot = (slot + 1) % MOST_PIECES)
        continue;
    if (!pieces[slot].address) {
        if (used_count == MOST_PIECES / 2)
            explorer_fail("more plain memory than there is room for");
        used[used_count++] = slot;
        pieces[slot].address = address;
    }
    return &pieces[slot];
}

static void check_order(moment_t other, uintptr_t address)
{
    if (!memory_has_happened(other))
        explorer_fail("data race with thread %u on %#lx", other.thread, (unsigned long)address);
}

static void access_plain(const void *memory, size_t size, bool writes)
{
    uintptr_t end = (uintptr_t)memory + size;

    for (uintptr_t at = (uintptr_t)memory & ~(uintptr_t)(PIECE - 1); at < end; at += PIECE) {
        piece_t *piece = piece_at(at);
        check_order(piece->written, at);
        for (unsigned i = 0; i < MOST_THREADS && writes; i++)
            check_order(piece->read[i], at);
        if (writes)
            piece->written = memory_now();
        else if (explorer_self() != NOBODY)
            piece->read[explorer_self()] = memory_now();
    }
}

void plain_read(const void *memory, size_t size)
{
    access_plain(memory, size, false);
}

void plain_write(const void *memory, size_t size)
{
    access_plain(memory, size, true);
}

void *plain_set(void *memory, int byte, size_t size)
{
    plain_write(memory, size);
    return memset(memory, byte, size);
}

void plain_watch(const void *memory, size_t size)
{
    if (watched_count == MOST_WATCHED)
        explorer_fail("more objects are watched than there is room for");
    watched[watched_count++] = (watched_t){.start = (uintptr_t)memory, .end = (uintptr_t)memory + size};
}

void plain_touch(const volatile void *word)
{
    for (watched_t *object = watched; object < watched + watched_count; object++) {
        if ((uintptr_t)word < object->start || (uintptr_t)word >= object->end)
            continue;
        if (object->over)
            explorer_fail("use after the end of %#lx", (unsigned long)object->start);
        object->touched[explorer_self()] = memory_now();
    }
}

void plain_end(const void *memory)
{
    for (watched_t *object = watched; object < watched + watched_count; object++) {
        if ((uintptr_t)memory != object->start)
            continue;
        if (object->over)
            explorer_fail("a second end of %#lx", (unsigned long)object->start);
        for (unsigned i = 0; i < MOST_THREADS; i++)
            check_order(object->touched[i], object->start);
        object->over = true;
    }
}

void plain_reset(void)
{
    while (used_count)
        pieces[used[--used_count]] = (piece_t){0};
    watched_count = 0;
}
