/* SPDX-License-Identifier: MIT */
#include "calls.h"

#include <errno.h>
#include <string.h>

#include "payload.h"

enum { SIZE = 64, CHUNK_BODIES = 256, LARGE_BODY = 512 * 1024 };

static bool want(caller_t *caller, const subject_t *subject, size_t size)
{
    caller->subject = subject;
    caller->size = size;
    return true;
}

/* A chunk in the thread's hands, with this many bodies of it used. */
static bool have_chunk(caller_t *caller, size_t bodies)
{
    bool well = want(caller, &caller->scene->large, SIZE);

    for (size_t i = 0; well && i < bodies; i++)
        well = (caller->body = lintel_alloc(caller->subject->module, SIZE)) != NULL;
    return well;
}

static bool have_nothing(caller_t *caller)
{
    return want(caller, &caller->scene->large, SIZE);
}

static bool have_room_in_chunk(caller_t *caller)
{
    return have_chunk(caller, 1);
}

static bool have_used_up_chunk(caller_t *caller)
{
    return have_chunk(caller, CHUNK_BODIES);
}

/* The newest region is full to the last byte. */
static bool have_full_region(caller_t *caller)
{
    want(caller, &caller->scene->small, 1000);
    caller->body = lintel_alloc(caller->subject->module, caller->scene->page);
    return caller->body != NULL;
}

/* A body of a page, in a region that is not the newest any more. */
static bool have_long_body(caller_t *caller)
{
    return have_full_region(caller) && lintel_alloc(caller->subject->module, caller->scene->page) != NULL;
}

static bool have_spare_span(caller_t *caller)
{
    size_t page = caller->scene->page;

    return have_long_body(caller) && lintel_shrink(caller->subject->module, caller->body, page, 1024) == page - 1024;
}

static bool have_little_reach(caller_t *caller)
{
    return want(caller, &caller->scene->narrow, TOO_MANY_PAGES * caller->scene->page);
}

static bool have_pages_uncommitted(caller_t *caller)
{
    return have_chunk(caller, 1) && want(caller, &caller->scene->large, LARGE_BODY);
}

static void allocate(caller_t *caller)
{
    caller->result = lintel_alloc(caller->subject->module, caller->size);
    caller->error = errno;
}

static void allocate_aligned(caller_t *caller)
{
    caller->result = lintel_alloc_aligned(caller->subject->module, caller->size, 512);
}

static bool is_fresh(const caller_t *caller)
{
    return scene_is_fresh(caller->scene, caller->subject, caller->result, caller->size);
}

static bool is_fresh_and_aligned(const caller_t *caller)
{
    return is_fresh(caller) && (uintptr_t)caller->result % 512 == 0;
}

static bool is_refused(const caller_t *caller)
{
    return caller->result == NULL && caller->error == ENOSPC;
}

static void shrink_short_body(caller_t *caller)
{
    caller->freed = lintel_shrink(caller->subject->module, caller->body, SIZE, SIZE / 2);
}

static bool is_half(const caller_t *caller)
{
    return caller->freed == SIZE / 2;
}

static void shrink_long_body(caller_t *caller)
{
    caller->freed = lintel_shrink(caller->subject->module, caller->body, caller->scene->page, 1024);
}

static bool is_most_of_a_page(const caller_t *caller)
{
    return caller->freed == caller->scene->page - 1024;
}

static void flush(caller_t *caller)
{
    (void)caller;
    lintel_thread_flush();
}

static bool anything(const caller_t *caller)
{
    (void)caller;
    return true;
}

static void acquire_and_release(caller_t *caller)
{
    lintel_module_t *module = lintel_module_acquire(caller->scene->heap, caller->subject->key);

    caller->result = (char *)module;
    lintel_module_release(module);
}

static bool have_acquired(caller_t *caller)
{
    if (!have_nothing(caller))
        return false;
    acquire_and_release(caller);
    return caller->result != NULL;
}

static bool is_the_module(const caller_t *caller)
{
    return caller->result == (char *)caller->subject->module;
}

static void find(caller_t *caller)
{
    lintel_location_t location = {0};

    caller->error = lintel_find(caller->scene->heap, caller->body, &location);
    caller->result = (char *)location.base + location.offset;
}

static bool is_found(const caller_t *caller)
{
    return caller->error == 0 && caller->result == caller->body;
}

static void read_figures(caller_t *caller)
{
    lintel_stats_t stats;

    caller->error = lintel_module_stats(caller->subject->module, &stats);
}

static bool is_without_error(const caller_t *caller)
{
    return caller->error == 0;
}

static void open_own(caller_t *caller)
{
    subject_t subject = caller->scene->own;

    subject.key = caller->own;
    caller->error = subject_open(caller->scene->heap, &subject);
    if (caller->error == 0)
        caller->result = lintel_alloc(subject.module, SIZE);
    caller->body = (char *)subject.module;
}

static void close_own(caller_t *caller)
{
    caller->error = lintel_module_close(caller->scene->heap, caller->own);
    lintel_module_release((lintel_module_t *)caller->body);
}

static bool have_own(caller_t *caller)
{
    open_own(caller);
    return caller->error == 0 && caller->result != NULL;
}

static bool has_own(const caller_t *caller)
{
    caller_t own = *caller;
    bool     well = own.error == 0 && own.result != NULL && payload_is_zero(own.result, SIZE);

    close_own(&own);
    return well && own.error == 0;
}

const call_t calls[] = {
    {"first_call", "a thread's first allocation", 0, have_nothing, allocate, is_fresh},
    {"chunk_hit", "an allocation from the thread's chunk", 0, have_room_in_chunk, allocate, is_fresh},
    {"chunk_exchange", "an allocation that exchanges the chunk", 0, have_used_up_chunk, allocate, is_fresh},
    {"growth", "an allocation that grows the module", 0, have_full_region, allocate, is_fresh},
    {"commit", "an allocation that commits", 0, have_pages_uncommitted, allocate, is_fresh},
    {"spare", "an allocation from spare space", 0, have_spare_span, allocate, is_fresh},
    {"aligned", "an aligned allocation", 0, have_full_region, allocate_aligned, is_fresh_and_aligned},
    {"refusal", "an allocation that fails", 0, have_little_reach, allocate, is_refused},
    {"shrink_to_chunk", "giving back to the chunk", 0, have_room_in_chunk, shrink_short_body, is_half},
    {"shrink_to_module", "giving back to the module", 0, have_long_body, shrink_long_body, is_most_of_a_page},
    {"flush", "a flush of the thread's chunks", 0, have_room_in_chunk, flush, anything},
    {"find", "a look-up", 0, have_room_in_chunk, find, is_found},
    {"figures", "reading a module's figures", 0, have_room_in_chunk, read_figures, is_without_error},
    {"acquire", "acquiring and releasing", CALL_READS_RCU, have_acquired, acquire_and_release, is_the_module},
    {"first_acquire", "a thread's first acquiring", CALL_MAY_BLOCK, have_nothing, acquire_and_release, is_the_module},
    {"open", "opening a module, and its first body", CALL_MAY_BLOCK, have_nothing, open_own, has_own},
    {"close", "closing a module and its last release", CALL_MAY_BLOCK, have_own, close_own, is_without_error},
    {"thread_end", "the end of a thread", CALL_MAY_BLOCK | CALL_ENDS_THREAD, have_room_in_chunk, flush, anything},
};

const size_t call_count = sizeof(calls) / sizeof(calls[0]);
