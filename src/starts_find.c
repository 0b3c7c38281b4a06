/* SPDX-License-Identifier: MIT
 *
 * Which body an address is in: from there upward to where something ends, and downward to where something else does.
 */
#include "starts.h"

#define NOWHERE      STARTS_MARKS
#define MOST_CHANGES 4

/* What is marked nearest to an address on one side of it, and at which unit of the block; NOWHERE if nothing is. */
typedef struct {
    size_t  unit;
    uint8_t what;
} sight_t;

static const sight_t nothing = {NOWHERE, STARTS_NOTHING};

static sight_t mark_of(const starts_block_t *block, size_t unit)
{
    /* acquire: pairs with the releases; a mark of a later use of the addresses comes with the region's version. */
    return (sight_t){unit, atomic_load_acquire(&block->marks[unit])};
}

/* The first mark from `first` on, before `end`, all of one group. */
static sight_t first_mark(const starts_block_t *block, size_t first, size_t end)
{
    for (size_t unit = first; unit < end; unit++) {
        sight_t mark = mark_of(block, unit);
        if (mark.what != STARTS_NOTHING)
            return mark;
    }
    return nothing;
}

/* The last one. */
static sight_t last_mark(const starts_block_t *block, size_t first, size_t end)
{
    for (size_t unit = end; unit-- > first;) {
        sight_t mark = mark_of(block, unit);
        if (mark.what != STARTS_NOTHING)
            return mark;
    }
    return nothing;
}

/* The groups of a word that may have marks. */
static uint64_t groups_of(const starts_block_t *block, size_t word)
{
    /* acquire: as in mark_of. */
    return atomic_load_acquire(&block->groups[word]);
}

static uint64_t words_of(const starts_block_t *block)
{
    /* acquire: as in mark_of. */
    return atomic_load_acquire(&block->summary);
}

static size_t highest(uint64_t bits)
{
    return 63 - (size_t)__builtin_clzll(bits);
}

/* The first mark of the groups above one, by the bits. */
static sight_t first_mark_above(const starts_block_t *block, size_t group)
{
    size_t own = group / 64;

    for (uint64_t words = words_of(block) & ~(starts_bit(own) - 1); words; words &= words - 1) {
        size_t   word = (size_t)__builtin_ctzll(words);
        uint64_t above = word == own ? ~(2 * starts_bit(group) - 1) : UINT64_MAX;
        for (uint64_t bits = groups_of(block, word) & above; bits; bits &= bits - 1) {
            size_t  first = (word * 64 + (size_t)__builtin_ctzll(bits)) * STARTS_GROUP;
            sight_t mark = first_mark(block, first, first + STARTS_GROUP);
            if (mark.unit != NOWHERE)
                return mark;
        }
    }
    return nothing;
}

/* The last mark of the groups below one. */
static sight_t last_mark_below(const starts_block_t *block, size_t group)
{
    size_t own = group / 64;

    for (uint64_t words = words_of(block) & (2 * starts_bit(own) - 1); words; words &= ~starts_bit(highest(words))) {
        size_t   word = highest(words);
        uint64_t below = word == own ? starts_bit(group) - 1 : UINT64_MAX;
        for (uint64_t bits = groups_of(block, word) & below; bits; bits &= ~starts_bit(highest(bits))) {
            size_t  first = (word * 64 + highest(bits)) * STARTS_GROUP;
            sight_t mark = last_mark(block, first, first + STARTS_GROUP);
            if (mark.unit != NOWHERE)
                return mark;
        }
    }
    return nothing;
}

/* Where something ends, and what. */
typedef struct {
    uintptr_t address; /* UINTPTR_MAX: nothing does */
    uint8_t   what;
} end_t;

static bool is_body(uint8_t what)
{
    return what != STARTS_NOTHING && what != STARTS_FREE;
}

/* Of the body that goes on over the end of a block (K4). One that is made shorter meanwhile ends nearer (K5); what ends
 * farther than before is none that was there all the time. */
static end_t end_beyond(const starts_t *starts, const starts_block_t *block)
{
    end_t end = {UINTPTR_MAX, STARTS_NOTHING};

    for (;;) {
        /* acquire: as in mark_of. */
        uintptr_t leaving = atomic_load_acquire(&block->leaving);
        if (!leaving || leaving >= end.address || is_body(end.what))
            return end;
        end = (end_t){leaving, mark_of(starts_block(starts, leaving - 1), starts_unit(leaving - 1)).what};
    }
}

/* What the bytes from an address on belong to ends there. */
static end_t end_above(const starts_t *starts, const starts_block_t *block, uintptr_t address)
{
    size_t  unit = starts_unit(address);
    size_t  group = unit / STARTS_GROUP;
    sight_t mark = first_mark(block, unit, (group + 1) * STARTS_GROUP);

    if (mark.unit == NOWHERE)
        mark = first_mark_above(block, group);
    if (mark.unit == NOWHERE)
        return end_beyond(starts, block);
    return (end_t){align_down(address, STARTS_BLOCK) + (mark.unit + 1) * STARTS_UNIT, mark.what};
}

/* Where what an address belongs to starts: behind the nearest mark below, or with the region or the block. Returns
 * whether it can be a body. */
static bool start_below(const starts_block_t *block, uintptr_t address, uintptr_t region_first, uintptr_t *start)
{
    size_t  unit = starts_unit(address);
    size_t  group = unit / STARTS_GROUP;
    sight_t mark = last_mark(block, group * STARTS_GROUP, unit);
    /* acquire: as in mark_of. */
    uintptr_t crossing = atomic_load_acquire(&block->crossing);

    if (mark.unit == NOWHERE)
        mark = last_mark_below(block, group);
    if (mark.unit == NOWHERE)
        *start = crossing ? crossing : align_down(address, STARTS_BLOCK);
    else
        *start = align_down(address, STARTS_BLOCK) + (mark.unit + 1) * STARTS_UNIT;
    if (*start > region_first)
        return mark.what != STARTS_SHRINKING;
    *start = region_first;
    return true;
}

static bool is_same(end_t a, end_t b)
{
    return a.address == b.address && a.what == b.what;
}

/* A body above the address that came in the middle of the first look has something end in front of it, which the second
 * one meets (K2). One that is made shorter is met at its new end by who has seen its old one change (K5); that can
 * change twice before. What changes more often, and comes no nearer, is no body that was there all the time. */
bool starts_find(const starts_t *starts, uintptr_t address, range_t bounds, starts_body_t *body)
{
    const starts_block_t *block = starts_block(starts, address);
    end_t                 first = {0, STARTS_NOTHING};
    uintptr_t             nearest = UINTPTR_MAX;
    uintptr_t             start = 0;
    bool                  starts_here = false;

    if (!block)
        return false;
    end_t end = end_above(starts, block, address);
    for (unsigned changes = 0; !is_same(first, end) && changes < MOST_CHANGES; changes++) {
        if (end.address < nearest)
            changes = 0;
        nearest = min_address(nearest, end.address);
        first = end;
        starts_here = start_below(block, address, bounds.start, &start);
        end = end_above(starts, block, address);
    }
    if (!is_same(first, end) || end.address > bounds.end || !starts_here || !is_body(end.what))
        return false;
    *body = (starts_body_t){{start, end.address}, end.what == STARTS_SHRINKING ? 0 : end.what - 1U};
    return true;
}
