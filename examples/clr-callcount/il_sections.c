/* SPDX-License-Identifier: MIT */
#include "il_sections.h"

#include <stdbool.h>
#include <stddef.h>

#include "bytes.h"

enum {
    KIND_MASK = 0x3f,
    KIND_EXCEPTIONS = 0x01,
    KIND_FAT = 0x40,
    KIND_MORE = 0x80,

    HEADER = 4,
    SMALL_CLAUSE = 12,
    FAT_CLAUSE = 24,

    CLAUSE_CATCH = 0,
    CLAUSE_FILTER = 1,
    CLAUSE_FINALLY = 2,
    CLAUSE_FAULT = 4,
};

typedef struct {
    uint32_t flags;
    uint32_t try_offset;
    uint32_t try_length;
    uint32_t handler_offset;
    uint32_t handler_length;
    uint32_t class_or_filter; /* a token, or, of a filter, its offset */
} clause_t;

static bool is_fat(const uint8_t *section)
{
    return section[0] & KIND_FAT;
}

static uint32_t bytes_of(const uint8_t *section)
{
    return is_fat(section) ? get_u32(section) >> 8 : section[1];
}

/* Some compilers leave the section's own header out of its bytes: the runtime divides, and so gets both right. */
static uint32_t clauses_of(const uint8_t *section)
{
    return bytes_of(section) / (is_fat(section) ? FAT_CLAUSE : SMALL_CLAUSE);
}

static uint32_t size_for(bool fat, uint32_t clauses)
{
    return HEADER + clauses * (fat ? FAT_CLAUSE : SMALL_CLAUSE);
}

static clause_t get_clause(const uint8_t *section, uint32_t index)
{
    const uint8_t *at = section + HEADER + (size_t)index * (is_fat(section) ? FAT_CLAUSE : SMALL_CLAUSE);

    if (is_fat(section))
        return (clause_t){get_u32(at),      get_u32(at + 4),  get_u32(at + 8),
                          get_u32(at + 12), get_u32(at + 16), get_u32(at + 20)};
    return (clause_t){get_u16(at), get_u16(at + 2), at[4], get_u16(at + 5), at[7], get_u32(at + 8)};
}

static void put_clause(bool fat, const clause_t *clause, uint8_t *at)
{
    if (fat) {
        const uint32_t words[] = {clause->flags,          clause->try_offset,     clause->try_length,
                                  clause->handler_offset, clause->handler_length, clause->class_or_filter};
        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
            put_u32(at + 4 * i, words[i]);
        return;
    }
    put_u16(at, (uint16_t)clause->flags);
    put_u16(at + 2, (uint16_t)clause->try_offset);
    at[4] = (uint8_t)clause->try_length;
    put_u16(at + 5, (uint16_t)clause->handler_offset);
    at[7] = (uint8_t)clause->handler_length;
    put_u32(at + 8, clause->class_or_filter);
}

static bool is_inside(uint32_t offset, uint32_t length, uint32_t code_size)
{
    return offset <= code_size && length <= code_size - offset;
}

/* One of the four kinds: whatever else the runtime may take for a filter, its offset would stay where it was. */
static bool is_kind(uint32_t flags)
{
    return flags == CLAUSE_CATCH || flags == CLAUSE_FILTER || flags == CLAUSE_FINALLY || flags == CLAUSE_FAULT;
}

static bool clause_is_sound(const clause_t *clause, uint32_t code_size)
{
    return is_inside(clause->try_offset, clause->try_length, code_size) &&
           is_inside(clause->handler_offset, clause->handler_length, code_size) &&
           (clause->flags != CLAUSE_FILTER || clause->class_or_filter < code_size);
}

static const char *check_section(const uint8_t *section, const uint8_t *end, uint32_t code_size)
{
    if (end - section < HEADER)
        return "a section is cut short";
    if ((section[0] & KIND_MASK) != KIND_EXCEPTIONS)
        return "a section of an unknown kind";
    if ((size_t)(end - section) < size_for(is_fat(section), clauses_of(section)))
        return "a section is cut short";
    for (uint32_t i = 0; i < clauses_of(section); i++) {
        clause_t clause = get_clause(section, i);
        if (!is_kind(clause.flags))
            return "an exception clause of an unknown kind";
        if (!clause_is_sound(&clause, code_size))
            return "an exception clause is outside the code";
    }
    return NULL;
}

/* Where the section behind this one starts, or NULL. */
static const uint8_t *next_section(const uint8_t *section)
{
    size_t size = size_for(is_fat(section), clauses_of(section));
    size_t bytes = bytes_of(section) > size ? bytes_of(section) : size;

    return section[0] & KIND_MORE ? section + ((bytes + 3) & ~(size_t)3) : NULL;
}

const char *il_sections_check(const uint8_t *sections, const uint8_t *end, uint32_t code_size)
{
    const char *refusal = NULL;

    for (const uint8_t *section = sections; section && !refusal; section = next_section(section))
        refusal = section < end ? check_section(section, end, code_size) : "a section is cut short";
    return refusal;
}

static bool needs_fat(const uint8_t *section, uint32_t shift)
{
    if (size_for(false, clauses_of(section)) > UINT8_MAX)
        return true;
    for (uint32_t i = 0; i < clauses_of(section); i++) {
        clause_t clause = get_clause(section, i);
        if (clause.try_offset + (uint64_t)shift > UINT16_MAX || clause.handler_offset + (uint64_t)shift > UINT16_MAX)
            return true;
    }
    return is_fat(section);
}

static uint32_t move_section(const uint8_t *section, uint32_t shift, uint8_t *out)
{
    bool     fat = needs_fat(section, shift);
    uint32_t clauses = clauses_of(section);
    uint32_t size = size_for(fat, clauses);

    if (!out)
        return size;
    uint32_t kind = KIND_EXCEPTIONS | (fat ? KIND_FAT : 0) | (section[0] & KIND_MORE);
    put_u32(out, kind | size << 8);
    for (uint32_t i = 0; i < clauses; i++) {
        clause_t clause = get_clause(section, i);
        clause.try_offset += shift;
        clause.handler_offset += shift;
        if (clause.flags == CLAUSE_FILTER)
            clause.class_or_filter += shift;
        put_clause(fat, &clause, out + size_for(fat, i));
    }
    return size;
}

uint64_t il_sections_move(const uint8_t *sections, uint32_t shift, uint8_t *out)
{
    uint64_t size = 0;

    /* A section is a multiple of 4 bytes: the next one is on 4 bytes as this one is. */
    for (const uint8_t *section = sections; section; section = next_section(section))
        size += move_section(section, shift, out ? out + size : NULL);
    return size;
}
