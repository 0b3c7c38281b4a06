/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "clone.h"
#include "payload.h"
#include "peek.h"

/* Bytes by which a function can be told from anything else. */
enum { TELLING_SIZE = 32 };

static void list_bodies(clone_t *clone)
{
    for (size_t i = 0; i < clone->piece_count; i++) {
        const piece_t *piece = &clone->pieces[i];

        clone->bodies[i] = (body_t){.start = (uintptr_t)piece->copy, .size = piece->size, .owner = piece->owner};
    }
}

/* Pieces lie subject by subject, and so do the bodies. */
static void list_groups(clone_t *clone)
{
    size_t next = 0;

    for (size_t i = 0; i < clone->subject_count; i++) {
        group_t *group = &clone->groups[i];

        *group = (group_t){.subject = &clone->subjects[i], .bodies = clone->bodies + next};
        while (next < clone->piece_count && clone->bodies[next].owner == group->subject)
            ledger_add(&group->ledger, clone->bodies[next++].size, group->subject->align);
        group->count = group->ledger.bodies;
    }
}

static int judge(clone_t *clone, double seconds)
{
    list_bodies(clone);
    list_groups(clone);
    return judge_round(&(round_t){
        .run = clone->run,
        .heap = clone->heap,
        .commit_step = HEAP_COMMIT_STEP,
        .groups = clone->groups,
        .group_count = clone->subject_count,
        .bodies = clone->bodies,
        .body_count = clone->piece_count,
        .seconds = seconds,
    });
}

static void check_bytes(clone_t *clone)
{
    for (size_t i = 0; i < clone->piece_count; i++) {
        const piece_t *piece = &clone->pieces[i];

        if (memcmp(piece->copy, piece->code, piece->size) != 0)
            verdict_broken(&clone->run->verdict, "identical", "%s: the copy of %zu bytes from %p at %p has changed",
                           piece->owner->name, piece->size, (const void *)piece->code, piece->copy);
    }
}

/* Every second module is closed: a reference is as good as an open module. */
static void close_some(clone_t *clone)
{
    for (size_t i = 0; i < clone->subject_count; i += 2)
        run_expect(clone->run, "close", clone->subjects[i].name,
                   lintel_module_close(clone->heap, clone->subjects[i].key));
}

/* The others, open and referenced, are left to the heap's end. */
static void release_some(clone_t *clone)
{
    for (size_t i = 0; i < clone->subject_count; i += 2)
        lintel_module_release(clone->subjects[i].module);
}

int clone_check_placed(clone_t *clone, double seconds)
{
    int error = judge(clone, seconds);

    if (error != 0)
        return error;
    close_some(clone);
    check_bytes(clone);
    release_some(clone);
    return 0;
}

/* Somebody else may have got the address by now, but not with the same bytes in it, if they are enough. */
static bool is_still_there(const piece_t *piece, const ranges_t *readable, const peek_t *peek)
{
    uintptr_t start = (uintptr_t)piece->copy;

    return piece->size >= TELLING_SIZE && !payload_is_zero(piece->code, TELLING_SIZE) &&
           ranges_count(readable, start, start + TELLING_SIZE) > 0 &&
           peek_is_same(peek, piece->copy, piece->code, TELLING_SIZE);
}

static void check_each_gone(clone_t *clone, const ranges_t *readable, const peek_t *peek)
{
    for (size_t i = 0; i < clone->piece_count; i++) {
        const piece_t *piece = &clone->pieces[i];

        if (is_still_there(piece, readable, peek))
            verdict_broken(&clone->run->verdict, "gone", "%s: the copy at %p outlived its heap", piece->owner->name,
                           piece->copy);
    }
}

int clone_check_gone(clone_t *clone)
{
    peek_t peek;
    maps_t maps;
    int    error = peek_begin(&peek);

    if (error != 0)
        return error;
    error = maps_read(&maps);
    if (error == 0) {
        check_each_gone(clone, &maps.readable, &peek);
        maps_free(&maps);
    }
    peek_end(&peek);
    return error;
}
