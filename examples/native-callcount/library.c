/* SPDX-License-Identifier: MIT */
#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "patch.h"

typedef struct {
    library_t   *library;
    references_t references;
    ZydisDecoder decoder;
    patch_t     *patches;
    size_t       patch_count;
} work_t;

/* Where the function after number `index`, parts included, begins. */
static uintptr_t limit_of(const work_t *work, size_t index)
{
    const functions_t *functions = &work->library->functions;

    return index + 1 < functions->count ? functions->entries[index + 1].start : work->references.text.end;
}

static bool open_modules(library_t *library, lintel_heap_t *heap)
{
    lintel_module_desc_t desc = {.base = library->image.base,
                                 .image_size = library->image.size,
                                 .name = library->image.name,
                                 .kind = LINTEL_CODE,
                                 .align = sizeof(uint64_t)};

    if (lintel_module_open(heap, &desc, &library->code) != 0)
        return false;
    /* As near as the code, so that each is within 32 bits of the other. */
    desc.kind = LINTEL_DATA;
    desc.reach = LINTEL_REACH_REL32;
    desc.key = desc.base + 1;
    if (lintel_module_open(heap, &desc, &library->data) != 0)
        return false;
    library->counters = lintel_alloc(library->data, library->functions.count * sizeof(library->counters[0]));
    return library->counters != NULL;
}

/* A body for the longest trampoline, written through its writable address, cut to what was needed, made runnable. */
static reason_t place_trampoline(const library_t *library, const prologue_t *prologue, uintptr_t counter,
                                 trampoline_t *trampoline)
{
    void    *body = lintel_alloc(library->code, TRAMPOLINE_CAPACITY);
    void    *writable = body != NULL ? lintel_writable(library->code, body) : NULL;
    reason_t reason;

    if (writable == NULL)
        return REASON_REACH;
    reason = trampoline_write(prologue, counter, (uintptr_t)body, trampoline);
    if (reason == REASON_NONE)
        memcpy(writable, trampoline->code, trampoline->size);
    lintel_shrink(library->code, body, TRAMPOLINE_CAPACITY, reason == REASON_NONE ? trampoline->size : 1);
    if (reason == REASON_NONE && lintel_publish(library->code, body, trampoline->size) != 0)
        return REASON_REACH;
    return reason;
}

static reason_t prepare_patch(const prologue_t *prologue, const trampoline_t *trampoline, patch_t *patch)
{
    patch->start = prologue->start;
    patch->count = (uint8_t)prologue->count;
    for (size_t i = 0; i < prologue->count; i++) {
        patch->offsets[i] = (uint8_t)(prologue->instructions[i].address - prologue->start);
        patch->moved[i] = trampoline->address + trampoline->starts[i];
    }
    return jump_write(prologue->start, trampoline->address, patch->jump) ? REASON_NONE : REASON_REACH;
}

/* For perf and gdb, if LINTEL_OPTIONS asks for it. Counting goes on without. */
static void name_trampoline(const library_t *library, const function_t *function, const trampoline_t *trampoline)
{
    char name[LINTEL_NAME_MOST + 1];

    if (function->name != NULL)
        snprintf(name, sizeof(name), "%.4000s (counted)", function->name);
    else
        snprintf(name, sizeof(name), "%.3900s+%#zx (counted)", library->image.name,
                 (size_t)(function->start - library->image.base));
    (void)lintel_name(library->code, (const void *)trampoline->address, trampoline->size, name);
}

static reason_t prepare_function(work_t *work, size_t index)
{
    library_t        *library = work->library;
    const function_t *function = &library->functions.entries[index];
    prologue_t        prologue;
    trampoline_t      trampoline;
    patch_t          *patch = &work->patches[work->patch_count];
    reason_t reason = prologue_read(&work->decoder, function, limit_of(work, index), &work->references, &prologue);

    if (reason == REASON_NONE)
        reason = place_trampoline(library, &prologue, (uintptr_t)&library->counters[index], &trampoline);
    if (reason == REASON_NONE)
        reason = prepare_patch(&prologue, &trampoline, patch);
    if (reason == REASON_NONE) {
        name_trampoline(library, function, &trampoline);
        patch->function = index;
        work->patch_count++;
    }
    return reason;
}

static void write_patches(work_t *work)
{
    reason_t reason = patches_write(work->patches, work->patch_count);

    for (size_t i = 0; i < work->patch_count; i++)
        if (!work->patches[i].written)
            work->library->reasons[work->patches[i].function] = reason;
}

static bool allocate(work_t *work)
{
    library_t *library = work->library;
    size_t     count = library->functions.count;

    library->reasons = calloc(count, sizeof(*library->reasons));
    library->parts = calloc(count, sizeof(*library->parts));
    library->counts = calloc(count, sizeof(*library->counts));
    work->patches = calloc(count, sizeof(*work->patches));
    return library->reasons && library->parts && library->counts && work->patches;
}

static const char *instrument(work_t *work, lintel_heap_t *heap)
{
    library_t  *library = work->library;
    const char *problem = functions_read(&library->image, &library->functions);

    if (problem == NULL)
        problem = references_read(&library->image, &library->functions, &work->references);
    if (problem != NULL)
        return problem;
    if (!allocate(work))
        return "out of memory";
    if (!open_modules(library, heap))
        return "lintel has no memory above it";
    for (size_t i = 0; i < library->functions.count; i++) {
        library->parts[i] = function_is_part(&library->functions.entries[i], &work->references);
        if (!library->parts[i])
            library->reasons[i] = prepare_function(work, i);
    }
    write_patches(work);
    return NULL;
}

void library_instrument(library_t *library, lintel_heap_t *heap)
{
    struct timespec begin;
    struct timespec end;
    work_t          work = {.library = library};

    clock_gettime(CLOCK_MONOTONIC, &begin);
    ZydisDecoderInit(&work.decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    library->problem = instrument(&work, heap);
    references_free(&work.references);
    free(work.patches);
    lintel_thread_flush();
    clock_gettime(CLOCK_MONOTONIC, &end);
    library->seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    library->ready = library->problem == NULL;
}

void library_take_counts(library_t *library)
{
    for (size_t i = 0; library->ready && i < library->functions.count; i++)
        library->counts[i] = library->counters[i];
}

void library_put_counts(library_t *library)
{
    for (size_t i = 0; library->ready && i < library->functions.count; i++)
        library->counters[i] = library->counts[i];
}

void library_clear_counts(library_t *library)
{
    for (size_t i = 0; library->ready && i < library->functions.count; i++)
        library->counters[i] = 0;
}

size_t library_count_of(const library_t *library, reason_t reason)
{
    size_t count = 0;

    for (size_t i = 0; library->problem == NULL && i < library->functions.count; i++)
        count += !library->parts[i] && library->reasons[i] == reason;
    return count;
}

size_t library_count(const library_t *library)
{
    size_t count = 0;

    for (reason_t reason = REASON_NONE; reason < REASON_COUNT; reason++)
        count += library_count_of(library, reason);
    return count;
}
