/* SPDX-License-Identifier: MIT */
#include "il_body.h"

#include <stddef.h>
#include <string.h>

#include "bytes.h"
#include "il_sections.h"

enum {
    FORMAT_MASK = 0x3,
    FORMAT_TINY = 0x2,
    FORMAT_FAT = 0x3,
    FLAG_SECTIONS = 0x8,

    TINY_HEADER = 1,
    TINY_MOST_CODE = 63,
    TINY_STACK = 8,

    FAT_HEADER = 12,
    FAT_HEADER_WORDS = 3,
};

#define MOST_BYTES UINT32_C(0x7fffffff)

static uint64_t aligned(uint64_t size)
{
    return (size + 3) & ~UINT64_C(3);
}

static const char *read_tiny(const uint8_t *bytes, uint32_t size, il_body_t *body)
{
    *body = (il_body_t){.tiny = true, .flags = FORMAT_FAT, .max_stack = TINY_STACK};
    body->code = bytes + TINY_HEADER;
    body->code_size = bytes[0] >> 2;
    return body->code_size <= size - TINY_HEADER ? NULL : "the code is cut short";
}

static const char *read_fat(const uint8_t *bytes, uint32_t size, il_body_t *body)
{
    if (size < FAT_HEADER || get_u16(bytes) >> 12 != FAT_HEADER_WORDS)
        return "a header of an unknown size";
    *body = (il_body_t){.flags = get_u16(bytes) & 0xfff, .max_stack = get_u16(bytes + 2)};
    body->code_size = get_u32(bytes + 4);
    body->local_signature = get_u32(bytes + 8);
    body->code = bytes + FAT_HEADER;
    if (body->code_size > size - FAT_HEADER)
        return "the code is cut short";
    if (!(body->flags & FLAG_SECTIONS))
        return NULL;
    uint64_t sections = aligned(FAT_HEADER + (uint64_t)body->code_size);
    if (sections >= size)
        return "a section is cut short";
    body->sections = bytes + sections;
    return il_sections_check(body->sections, bytes + size, body->code_size);
}

const char *il_body_read(const uint8_t *bytes, uint32_t size, il_body_t *body)
{
    if (!size)
        return "the body is empty";
    switch (bytes[0] & FORMAT_MASK) {
    case FORMAT_TINY:
        return read_tiny(bytes, size, body);
    case FORMAT_FAT:
        return read_fat(bytes, size, body);
    default:
        return "a header of an unknown format";
    }
}

static bool stays_tiny(const il_body_t *body, uint64_t code_size)
{
    return body->tiny && code_size <= TINY_MOST_CODE;
}

uint32_t il_body_size_with(const il_body_t *body, uint32_t prologue_size)
{
    uint64_t code_size = (uint64_t)body->code_size + prologue_size;

    if (stays_tiny(body, code_size))
        return (uint32_t)(TINY_HEADER + code_size);
    uint64_t size = FAT_HEADER + code_size;
    if (body->sections)
        size = aligned(size) + il_sections_move(body->sections, prologue_size, NULL);
    return size <= MOST_BYTES ? (uint32_t)size : 0;
}

static uint8_t *write_fat_header(const il_body_t *body, uint32_t code_size, uint16_t stack, uint8_t *out)
{
    put_u16(out, (uint16_t)(body->flags | FAT_HEADER_WORDS << 12));
    put_u16(out + 2, body->max_stack > stack ? body->max_stack : stack);
    put_u32(out + 4, code_size);
    put_u32(out + 8, body->local_signature);
    return out + FAT_HEADER;
}

void il_body_write_with(const il_body_t *body, const uint8_t *prologue, uint32_t prologue_size, uint16_t stack,
                        uint8_t *out)
{
    uint32_t code_size = body->code_size + prologue_size;
    uint8_t *code = out;

    if (stays_tiny(body, code_size))
        *code++ = (uint8_t)(FORMAT_TINY | code_size << 2);
    else
        code = write_fat_header(body, code_size, stack, out);
    memcpy(code, prologue, prologue_size);
    memcpy(code + prologue_size, body->code, body->code_size);
    if (body->sections)
        il_sections_move(body->sections, prologue_size, out + aligned(FAT_HEADER + (uint64_t)code_size));
}
