/* SPDX-License-Identifier: MIT */
#include "clone_check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "books.h"
#include "maps.h"
#include "payload.h"

/* Every so many bodies the library is asked where that one lies. */
enum { ASK_EVERY = 16 };

/* Bytes by which a function can be told from anything else. */
enum { TELLING_SIZE = 32 };

/* What lintel's heaps have where nobody says otherwise. */
static const size_t default_commit_step = 16 * 1024;

/* One past the last piece of the subject whose pieces begin at `first`. */
static size_t last_of_subject(const clone_t *clone, size_t first, const subject_t *subject)
{
    while (first < clone->piece_count && clone->pieces[first].owner == subject)
        first++;
    return first;
}

static void list_bodies(clone_t *clone)
{
    for (size_t i = 0; i < clone->piece_count; i++) {
        const piece_t *piece = &clone->pieces[i];

        clone->bodies[i] =
            (body_t){.start = (uintptr_t)piece->copy, .size = piece->size, .owner = piece->owner};
    }
}

static int check_subject(clone_t *clone, const subject_t *subject, account_t *account, const body_t *bodies,
                         size_t count)
{
    verdict_t *verdict = &clone->run->verdict;
    ledger_t   ledger = {0};
    int        error = account_read(subject, account);

    if (error != 0)
        return error;
    for (size_t i = 0; i < count; i++)
        ledger_add(&ledger, bodies[i].size, subject->align);
    books_check_module(verdict, subject, &ledger, account, default_commit_step);
    books_check_bodies(verdict, account, bodies, count);
    return report_add(&clone->run->report, subject, &ledger, account, bodies, count);
}

static int check_books(clone_t *clone)
{
    account_t *accounts = calloc(clone->subject_count + 1, sizeof(*accounts));
    size_t     first = 0;
    int        error = accounts != NULL ? report_expect(&clone->run->report, clone->subject_count) : -ENOMEM;

    for (size_t i = 0; error == 0 && i < clone->subject_count; i++) {
        size_t last = last_of_subject(clone, first, &clone->subjects[i]);

        error = check_subject(clone, &clone->subjects[i], &accounts[i], clone->bodies + first, last - first);
        first = last;
    }
    if (error == 0)
        books_check_heap(&clone->run->verdict, clone->heap, accounts, clone->subject_count);
    for (size_t i = 0; accounts != NULL && i < clone->subject_count; i++)
        account_free(&accounts[i]);
    free(accounts);
    return error;
}

static void ask_library(clone_t *clone)
{
    lintel_location_t location;

    for (size_t i = 0; i < clone->piece_count; i += ASK_EVERY)
        verify_answers(&clone->run->verdict, clone->heap, &clone->bodies[i]);
    for (size_t i = 0; i < clone->subject_count; i++)
        if (lintel_find(clone->heap, (const void *)clone->subjects[i].base, &location) != -ENOENT)
            verdict_broken(&clone->run->verdict, "find", "%s: the image is taken for a body",
                           clone->subjects[i].name);
}

/* Apart from one another, from the images, and from all that stays mapped for good. */
static int check_apart(clone_t *clone)
{
    ranges_t occupied = {0};
    maps_t   maps;
    int      error = maps_read(&maps);

    if (error != 0)
        return error;
    for (size_t i = 0; error == 0 && i < maps.named.count; i++)
        error = ranges_add(&occupied, maps.named.items[i].start, maps.named.items[i].end);
    for (size_t i = 0; error == 0 && i < clone->subject_count; i++)
        error = ranges_add(&occupied, clone->subjects[i].base, clone->subjects[i].base + clone->subjects[i].image_size);
    if (error == 0)
        error = report_mappings(&clone->run->report, &maps);
    ranges_join(&occupied);
    verify_apart(&clone->run->verdict, clone->bodies, clone->piece_count);
    verify_clear(&clone->run->verdict, clone->bodies, clone->piece_count, &occupied);
    ranges_free(&occupied);
    maps_free(&maps);
    return error;
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

/* Of those still open, some references are left for the heap to forget. */
static void release_some(clone_t *clone)
{
    for (size_t i = 0; i < clone->subject_count; i += 2)
        lintel_module_release(clone->subjects[i].module);
}

int clone_check_placed(clone_t *clone)
{
    int error;

    list_bodies(clone);
    error = check_books(clone);
    if (error == 0)
        error = check_apart(clone);
    if (error != 0)
        return error;
    ask_library(clone);
    close_some(clone);
    check_bytes(clone);
    release_some(clone);
    return 0;
}

int clone_check_gone(clone_t *clone)
{
    maps_t maps;
    int    error = maps_read(&maps);

    if (error != 0)
        return error;
    for (size_t i = 0; i < clone->piece_count; i++) {
        const piece_t *piece = &clone->pieces[i];
        uintptr_t      start = (uintptr_t)piece->copy;

        /* Somebody else may have got the address by now, but not with the same bytes in it, if they are enough. */
        if (piece->size >= TELLING_SIZE && !payload_is_zero(piece->code, piece->size) &&
            ranges_covered(&maps.readable, start, start + piece->size) == piece->size &&
            memcmp(piece->copy, piece->code, piece->size) == 0)
            verdict_broken(&clone->run->verdict, "gone", "%s: the copy at %p outlived its heap", piece->owner->name,
                           piece->copy);
    }
    maps_free(&maps);
    return 0;
}
