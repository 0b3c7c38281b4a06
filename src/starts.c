/* SPDX-License-Identifier: MIT */
#include "starts.h"

#include <errno.h>

#include "os.h"

#define GROUPS_IN_WORD 64
#define GROUP_BYTES    ((uintptr_t)STARTS_GROUP * STARTS_UNIT)

static_assert(STARTS_MARKS == STARTS_BLOCK / STARTS_UNIT, "a mark for each unit");
static_assert(STARTS_WORDS == STARTS_MARKS / STARTS_GROUP / GROUPS_IN_WORD, "a bit for each group");
static_assert(STARTS_PAGES == STARTS_BLOCK / STARTS_PAGE / 64, "a bit for each page");

static size_t block_size(void)
{
    return align_up(sizeof(starts_block_t), os_page_size());
}

starts_block_t *starts_block(const starts_t *starts, uintptr_t address)
{
    return codemap_lookup(&starts->map, address);
}

uintptr_t starts_marks(const starts_t *starts, range_t chunk)
{
    starts_block_t *block = starts_block(starts, chunk.start);

    return (uintptr_t)&block->marks[starts_unit(chunk.start)] - chunk.start / STARTS_UNIT;
}

static void chain_block(starts_t *starts, starts_block_t *block, uintptr_t base)
{
    block->base = base;
    /* relaxed: the CAS decides. */
    block->next = atomic_load_relaxed(&starts->blocks);
    /* release: pairs with starts_first's acquire; the block is filled in. */
    while (!atomic_cas_release(&starts->blocks, &block->next, block))
        continue;
}

/* Returns 0; -ENOMEM. */
static int ensure_block(starts_t *starts, uintptr_t start)
{
    void *memory;

    if (starts_block(starts, start))
        return 0;
    if (os_map(block_size(), &memory))
        return -ENOMEM;
    if (!codemap_insert(&starts->map, (range_t){start, start + STARTS_BLOCK}, memory)) {
        chain_block(starts, memory, start);
        return 0;
    }
    os_unmap(memory, block_size());
    return starts_block(starts, start) ? 0 : -ENOMEM;
}

int starts_cover(starts_t *starts, range_t range)
{
    int result = 0;

    for (uintptr_t start = align_down(range.start, STARTS_BLOCK); start < range.end && !result; start += STARTS_BLOCK)
        result = ensure_block(starts, start);
    return result;
}

static uintptr_t next_block(uintptr_t address)
{
    return align_down(address, STARTS_BLOCK) + STARTS_BLOCK;
}

static void populate_marks(starts_block_t *block, range_t part)
{
    uintptr_t marks = (uintptr_t)block->marks;
    size_t    page = os_page_size();
    range_t   bytes = {marks + starts_unit(part.start), marks + starts_unit(part.end - 1) + 1};

    os_populate((range_t){align_down(bytes.start, page), align_up(bytes.end, page)});
}

void starts_populate(const starts_t *starts, range_t range)
{
    for (uintptr_t at = range.start, next; at < range.end; at = next) {
        next = min_address(next_block(at), range.end);
        populate_marks(starts_block(starts, at), (range_t){at, next});
    }
}

const starts_block_t *starts_first(const starts_t *starts)
{
    /* acquire: pairs with chain_block's release. */
    return atomic_load_acquire(&starts->blocks);
}

void starts_end(starts_t *starts)
{
    /* relaxed: nobody else is left. */
    for (starts_block_t *block = atomic_load_relaxed(&starts->blocks), *next; block; block = next) {
        next = block->next;
        os_unmap(block, block_size());
    }
    codemap_end(&starts->map);
}

/* Sets bits of a word of groups, and the word's own (K3). */
static void raise_groups(starts_block_t *block, size_t word, uint64_t bits)
{
    /* acquire, both: pair with the releases below; bits that are there already were set for everybody. */
    if (!(atomic_load_acquire(&block->summary) & starts_bit(word)))
        /* acq_rel: before the mark, which its own release publishes; as above. */
        atomic_fetch_or_acq_rel(&block->summary, starts_bit(word));
    if ((atomic_load_acquire(&block->groups[word]) & bits) != bits)
        /* acq_rel: as above. */
        atomic_fetch_or_acq_rel(&block->groups[word], bits);
}

/* The mark of the unit that ends at an address, with its group raised. */
static _Atomic uint8_t *mark_before(const starts_t *starts, uintptr_t end)
{
    starts_block_t *block = starts_block(starts, end - 1);
    size_t          unit = starts_unit(end - 1);
    size_t          group = unit / STARTS_GROUP;

    raise_groups(block, group / GROUPS_IN_WORD, starts_bit(group));
    return &block->marks[unit];
}

void starts_mark_front(const starts_t *starts, uintptr_t start)
{
    uint8_t nothing = STARTS_NOTHING;

    /* No look goes on over the start of a block. */
    if (start % STARTS_BLOCK)
        /* acq_rel: release as in starts_mark_next; the owner in front may have marked it already, or will. */
        (void)atomic_cas_acq_rel(mark_before(starts, start), &nothing, STARTS_FREE);
}

/* Forgets the marks in a group's part of a range. */
static void clear_group(starts_block_t *block, range_t part)
{
    size_t group = starts_unit(part.start) / STARTS_GROUP;
    size_t word = group / GROUPS_IN_WORD;

    /* relaxed: only the owner of the units' bytes, who this is, has marked them (K1). */
    if (!(atomic_load_relaxed(&block->groups[word]) & starts_bit(group)))
        return;
    for (size_t unit = starts_unit(part.start), end = unit + range_size(part) / STARTS_UNIT; unit < end; unit++)
        /* release: as in starts_mark_next. */
        atomic_store_release(&block->marks[unit], STARTS_NOTHING);
    if (range_size(part) == GROUP_BYTES)
        /* acq_rel: after the marks (K3). */
        atomic_fetch_and_acq_rel(&block->groups[word], ~starts_bit(group));
}

/* Forgets the marks in a block's part of a range. */
static void clear_marks(starts_block_t *block, range_t part)
{
    for (uintptr_t at = part.start, next; at < part.end; at = next) {
        next = min_address(align_down(at, GROUP_BYTES) + GROUP_BYTES, part.end);
        clear_group(block, (range_t){at, next});
    }
}

/* Has the blocks between which a range goes on say so: where it starts, and where it ends; 0 if it is no body (K4). */
static void cross(const starts_t *starts, range_t range, range_t body)
{
    for (uintptr_t at = next_block(range.start); at < range.end; at += STARTS_BLOCK) {
        /* release, both: as in starts_mark_next; who sees an end sees the start in the same block. */
        atomic_store_release(&starts_block(starts, at)->crossing, body.start);
        atomic_store_release(&starts_block(starts, at - 1)->leaving, body.end);
    }
}

/* What marks the end of a body with so much rounding, as far as that can be said. */
static uint8_t body_mark(size_t rounding)
{
    return (uint8_t)(1 + min_address(rounding, STARTS_MOST_ROUNDING));
}

void starts_mark_body(const starts_t *starts, range_t body, size_t rounding)
{
    cross(starts, body, body);
    /* release: as in starts_mark_next. */
    atomic_store_release(mark_before(starts, body.end), body_mark(rounding));
}

void starts_mark_shrunk(const starts_t *starts, range_t body, uintptr_t end, size_t rounding, uint8_t last)
{
    _Atomic uint8_t *mark = mark_before(starts, end);

    /* release, all: as in starts_mark_next; in this order, every byte that stays is in the body all the time (K5). */
    atomic_store_release(mark, STARTS_SHRINKING);
    cross(starts, (range_t){body.start, end}, (range_t){body.start, end});
    atomic_store_release(mark_before(starts, body.end), last);
    cross(starts, (range_t){end - 1, body.end}, (range_t){0, 0});
    /* release: as above. */
    atomic_store_release(mark, body_mark(rounding));
}

void starts_clear(const starts_t *starts, range_t span)
{
    for (uintptr_t at = span.start, next; at < span.end; at = next) {
        next = min_address(next_block(at), span.end);
        clear_marks(starts_block(starts, at), (range_t){at, next});
    }
}

void starts_clear_inside(const starts_t *starts, range_t span)
{
    starts_clear(starts, (range_t){span.start, span.end - STARTS_UNIT});
}

/* The next chunk will likely be behind this one; its marks are out of the caches. */
static void prefetch_marks(const starts_block_t *block, uintptr_t start, size_t size)
{
    size_t first = starts_unit(start);
    size_t last = min_address(first + size / STARTS_UNIT, STARTS_MARKS - 1);

    for (size_t unit = first; unit <= last; unit += CACHE_LINE)
        __builtin_prefetch(&block->marks[unit], 1);
}

void starts_mark_chunk(const starts_t *starts, range_t chunk)
{
    starts_block_t *block = starts_block(starts, chunk.start);
    size_t          first = starts_unit(chunk.start) / STARTS_GROUP;
    size_t          last = starts_unit(chunk.end - 1) / STARTS_GROUP;

    prefetch_marks(block, chunk.end, range_size(chunk));
    for (size_t group = first, next; group <= last; group = next) {
        next = min_address((group / GROUPS_IN_WORD + 1) * GROUPS_IN_WORD, last + 1);
        raise_groups(block, group / GROUPS_IN_WORD, starts_bit(next - 1) - starts_bit(group) + starts_bit(next - 1));
    }
    /* release: as in starts_mark_next. */
    atomic_store_release(&block->marks[starts_unit(chunk.end - 1)], STARTS_FREE);
}

/* The bits, of the word that has the first of the pages, of as many of them as it has; their end is *next. */
static uint64_t page_bits(range_t pages, uintptr_t *next)
{
    uintptr_t first = pages.start / STARTS_PAGE;
    uintptr_t count = min_address((pages.end - pages.start) / STARTS_PAGE, 64 - first % 64);

    *next = pages.start + count * STARTS_PAGE;
    return (count == 64 ? UINT64_MAX : starts_bit(count) - 1) << first % 64;
}

static _Atomic uint64_t *page_word(const starts_t *starts, uintptr_t page, starts_state_t state)
{
    starts_block_t *block = starts_block(starts, page);
    size_t          word = page % STARTS_BLOCK / STARTS_PAGE / 64;

    return state == STARTS_OPENED ? &block->opened[word] : &block->executable[word];
}

bool starts_any(const starts_t *starts, range_t pages, starts_state_t state)
{
    bool any = false;

    for (uintptr_t at = pages.start, next; at < pages.end && !any; at = next) {
        uint64_t bits = page_bits((range_t){at, pages.end}, &next);
        /* acquire: pairs with starts_say's release. */
        any = atomic_load_acquire(page_word(starts, at, state)) & bits;
    }
    return any;
}

bool starts_all(const starts_t *starts, range_t pages, starts_state_t state)
{
    bool all = true;

    for (uintptr_t at = pages.start, next; at < pages.end && all; at = next) {
        uint64_t bits = page_bits((range_t){at, pages.end}, &next);
        /* acquire: pairs with starts_say's release. */
        all = (atomic_load_acquire(page_word(starts, at, state)) & bits) == bits;
    }
    return all;
}

void starts_say(const starts_t *starts, range_t pages, starts_state_t state)
{
    for (uintptr_t at = pages.start, next; at < pages.end; at = next) {
        uint64_t bits = page_bits((range_t){at, pages.end}, &next);
        /* acq_rel: pairs with itself and with starts_ask; the second of two sees what the first did before. */
        atomic_fetch_or_acq_rel(page_word(starts, at, state), bits);
    }
}

bool starts_ask(const starts_t *starts, uintptr_t page, starts_state_t state)
{
    /* acq_rel: as in starts_say. */
    return atomic_fetch_or_acq_rel(page_word(starts, page, state), 0) & starts_bit(page / STARTS_PAGE);
}

static void forget_pages(const starts_t *starts, range_t pages, starts_state_t state)
{
    for (uintptr_t at = pages.start, next; at < pages.end; at = next) {
        uint64_t bits = page_bits((range_t){at, pages.end}, &next);
        /* acq_rel: as in starts_say; pages beside these may be somebody else's. */
        atomic_fetch_and_acq_rel(page_word(starts, at, state), ~bits);
    }
}

void starts_forget(starts_t *starts, range_t range)
{
    starts_clear(starts, range);
    cross(starts, range, (range_t){0, 0});
    forget_pages(starts, range, STARTS_OPENED);
    forget_pages(starts, range, STARTS_EXECUTABLE);
}
