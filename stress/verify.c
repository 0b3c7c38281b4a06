/* SPDX-License-Identifier: MIT */
#include "verify.h"

#include <errno.h>
#include <stdlib.h>

#include "payload.h"

static bool verify_where(verdict_t *verdict, const subject_t *subject, uintptr_t start, size_t size)
{
    uintptr_t last = subject_last_address(subject);

    if (start - subject->base < subject->image_size || start < subject->base) {
        verdict_broken(verdict, "where", "%s: a body of %zu bytes at %#zx is not above the image, %#zx + %#zx",
                       subject->name, size, (size_t)start, (size_t)subject->base, subject->image_size);
        return false;
    }
    if (start > last || size - 1 > last - start) {
        verdict_broken(verdict, "where", "%s: a body of %zu bytes at %#zx goes past the reach, %#zx + %#zx",
                       subject->name, size, (size_t)start, (size_t)subject->base, (size_t)subject->reach);
        return false;
    }
    return true;
}

bool verify_fresh(verdict_t *verdict, const subject_t *subject, const void *start, size_t size, size_t align)
{
    if (!verify_where(verdict, subject, (uintptr_t)start, size))
        return false;
    if ((uintptr_t)start % align != 0) {
        verdict_broken(verdict, "aligned", "%s: a body of %zu bytes at %p, not at a multiple of %zu", subject->name,
                       size, start, align);
        return false;
    }
    if (!payload_is_zero(start, size)) {
        verdict_broken(verdict, "fresh", "%s: a body of %zu bytes at %p does not read as zero", subject->name, size,
                       start);
        return false;
    }
    return true;
}

static void verify_find(verdict_t *verdict, const lintel_heap_t *heap, const body_t *body, size_t at)
{
    lintel_location_t location = {0};
    uintptr_t         address = body->start + at;
    const void       *expected = body->owner->kind == LINTEL_CODE ? (const void *)body->start : NULL;
    int               error = lintel_find(heap, (const void *)address, &location);

    if (error != 0)
        verdict_broken(verdict, "find", "%s: %#zx in a body is answered by %d", body->owner->name, (size_t)address,
                       error);
    else if (location.key != body->owner->key || location.base != body->owner->base ||
             location.offset != address - body->owner->base || location.body != expected)
        verdict_broken(verdict, "find", "%s: %#zx is said to be key %#zx, base %#zx, offset %#zx", body->owner->name,
                       (size_t)address, (size_t)location.key, (size_t)location.base, (size_t)location.offset);
}

void verify_answers(verdict_t *verdict, const lintel_heap_t *heap, const body_t *body)
{
    lintel_module_t *module = body->owner->module;
    void            *start = (void *)body->start;
    int64_t          offset = lintel_offset(module, start);

    verify_find(verdict, heap, body, 0);
    verify_find(verdict, heap, body, body->size - 1);
    if (offset != (int64_t)(body->start - body->owner->base))
        verdict_broken(verdict, "offset", "%s: that of %p is said to be %lld", body->owner->name, start,
                       (long long)offset);
    if (body->owner->kind == LINTEL_DATA && lintel_writable(module, start) != start)
        verdict_broken(verdict, "writable", "%s: %p is not said to be written in place", body->owner->name, start);
    if (lintel_publish(module, start, body->size) != 0)
        verdict_broken(verdict, "publish", "%s: refused for %zu bytes at %p", body->owner->name, body->size, start);
}

void verify_intact(verdict_t *verdict, const body_t *bodies, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!payload_holds((const void *)bodies[i].start, bodies[i].size, bodies[i].start))
            verdict_broken(verdict, "intact", "%s: %zu bytes at %#zx have changed", bodies[i].owner->name,
                           bodies[i].size, (size_t)bodies[i].start);
}

static int by_start(const void *left, const void *right)
{
    const body_t *a = left;
    const body_t *b = right;

    return (a->start > b->start) - (a->start < b->start);
}

void verify_apart(verdict_t *verdict, body_t *bodies, size_t count)
{
    if (count == 0)
        return;
    qsort(bodies, count, sizeof(*bodies), by_start);
    for (size_t i = 1; i < count; i++) {
        const body_t *lower = &bodies[i - 1];
        const body_t *upper = &bodies[i];

        if (upper->start - lower->start < lower->size)
            verdict_broken(verdict, "apart", "%s: %zu bytes at %#zx overlap %s: %zu bytes at %#zx", lower->owner->name,
                           lower->size, (size_t)lower->start, upper->owner->name, upper->size, (size_t)upper->start);
    }
}

void verify_clear(verdict_t *verdict, const body_t *bodies, size_t count, const ranges_t *occupied)
{
    for (size_t i = 0; i < count; i++) {
        const body_t  *body = &bodies[i];
        const range_t *hit = ranges_overlapping(occupied, body->start, body->start + body->size);

        if (hit != NULL)
            verdict_broken(verdict, "apart", "%s: %zu bytes at %#zx overlap what is mapped at %#zx-%#zx",
                           body->owner->name, body->size, (size_t)body->start, (size_t)hit->start, (size_t)hit->end);
    }
}
