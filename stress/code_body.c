/* SPDX-License-Identifier: MIT */
#include "code_body.h"

#include <errno.h>
#include <string.h>

#include "payload.h"

typedef uint32_t function_t(void);

/* What a function returns. */
static uint32_t tag_of(uintptr_t start)
{
    return (uint32_t)(start >> 4) * UINT32_C(2654435761);
}

#if defined(__x86_64__)
/* mov eax, value; ret */
static size_t write_function(unsigned char *at, uint32_t value)
{
    at[0] = 0xb8;
    memcpy(at + 1, &value, sizeof(value));
    at[5] = 0xc3;
    return 6;
}
#elif defined(__aarch64__)
/* movz w0, low; movk w0, high; ret */
static size_t write_function(unsigned char *at, uint32_t value)
{
    const uint32_t code[] = {0x52800000U | (value & 0xffff) << 5, 0x72a00000U | (value >> 16) << 5, 0xd65f03c0U};

    memcpy(at, code, sizeof(code));
    return sizeof(code);
}
#else
#error "no instructions for this architecture"
#endif

static size_t shorten(const body_t *body, size_t size)
{
    return size < body->size ? lintel_shrink(body->owner->module, (void *)body->start, body->size, size) : 0;
}

static bool write_and_publish(verdict_t *verdict, const body_t *body)
{
    unsigned char *writable = lintel_writable(body->owner->module, (void *)body->start);

    if (writable == NULL) {
        verdict_broken(verdict, "writable", "%s: not for a body of %zu bytes at %#zx: %s", body->owner->name,
                       body->size, (size_t)body->start, strerror(errno));
        return false;
    }
    size_t function = write_function(writable, tag_of(body->start));
    payload_write(writable + function, body->size - function, body->start);
    int error = lintel_publish(body->owner->module, (void *)body->start, body->size);
    if (error != 0)
        verdict_broken(verdict, "publish", "%s: %zu bytes at %#zx: %s", body->owner->name, body->size,
                       (size_t)body->start, strerror(-error));
    return error == 0;
}

bool code_body_make(verdict_t *verdict, body_t *body, size_t shorter)
{
    void *start = lintel_alloc(body->owner->module, body->size);

    if (start == NULL) {
        verdict_broken(verdict, "place", "%s: no place for %zu bytes: %s", body->owner->name, body->size,
                       strerror(errno));
        return false;
    }
    if (!verify_fresh(verdict, body->owner, start, body->size, body->owner->align))
        return false;
    body->start = (uintptr_t)start;
    if (shorter != 0 && shorten(body, shorter) > 0)
        body->size = shorter;
    return write_and_publish(verdict, body);
}

void code_body_call(verdict_t *verdict, const body_t *body)
{
    function_t *function;

    memcpy(&function, &body->start, sizeof(function));
    uint32_t answer = function();
    if (answer != tag_of(body->start))
        verdict_broken(verdict, "call", "%s: the function at %#zx returns %#x instead of %#x", body->owner->name,
                       (size_t)body->start, (unsigned)answer, (unsigned)tag_of(body->start));
}

void code_body_find(verdict_t *verdict, const lintel_heap_t *heap, const body_t *body, size_t at)
{
    lintel_location_t location = {0};
    int               error = lintel_find(heap, (const char *)body->start + at, &location);

    if (error != 0 || location.body != (const void *)body->start || location.key != body->owner->key)
        verdict_broken(verdict, "find", "%s: byte %zu of %zu at %#zx is answered by %d, and body %p", body->owner->name,
                       at, body->size, (size_t)body->start, error, location.body);
}

static void check_behind(verdict_t *verdict, const lintel_heap_t *heap, const body_t *body)
{
    uintptr_t         align = body->owner->align;
    uintptr_t         behind = body->start + (body->size + align - 1) / align * align;
    lintel_location_t location;

    if (lintel_find(heap, (const void *)behind, &location) == 0 && location.body != (const void *)behind)
        verdict_broken(verdict, "find", "%s: what lies behind %zu bytes at %#zx is found in %p", body->owner->name,
                       body->size, (size_t)body->start, location.body);
}

void code_body_check(verdict_t *verdict, const lintel_heap_t *heap, const body_t *body)
{
    const unsigned char *start = (const unsigned char *)body->start;
    unsigned char        expected[CODE_LEAST];

    if (start == NULL)
        return;
    size_t function = write_function(expected, tag_of(body->start));
    if (memcmp(start, expected, function) != 0 || !payload_holds(start + function, body->size - function, body->start))
        verdict_broken(verdict, "intact", "%s: %zu bytes at %#zx have changed", body->owner->name, body->size,
                       (size_t)body->start);
    else
        code_body_call(verdict, body);
    code_body_find(verdict, heap, body, 0);
    code_body_find(verdict, heap, body, body->size - 1);
    check_behind(verdict, heap, body);
}
