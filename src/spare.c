/* SPDX-License-Identifier: MIT */
#include "spare.h"

#include <errno.h>

#define SPARE_LARGEST ((uintptr_t)UINT32_MAX)

/* A span looks for a slot in so many blocks, twice, before it gets one of its own. */
#define MOST_PUTS 8

static uint64_t word_of(const spare_block_t *block, range_t span)
{
    /* relaxed: constant while the block is in a list (P3); whoever reached the block acquired it. */
    uint64_t offset = span.start - atomic_load_relaxed(&block->base);

    return span.start == span.end ? 0 : offset << 32 | range_size(span);
}

static range_t span_of(const spare_block_t *block, uint64_t word)
{
    /* relaxed: as in word_of. */
    uintptr_t start = atomic_load_relaxed(&block->base) + (uintptr_t)(word >> 32);

    return (range_t){start, start + (uint32_t)word};
}

static spare_block_t *next_block(const spare_block_t *block)
{
    /* acquire: pairs with push_block's release; the block behind it is filled in. */
    return atomic_load_acquire(&block->next);
}

static spare_block_t *anchor_of(const spare_t *spare)
{
    /* acquire: pairs with spare_start's release; the block is filled in. */
    return atomic_load_acquire(&spare->anchor);
}

static spare_block_t *new_block(slab_t *slab, uintptr_t base, spare_block_t *next)
{
    spare_block_t *block = (spare_block_t *)(void *)slab_allocate(slab);

    if (!block)
        return NULL;
    /* release, here and below: spare_overlaps may still be looking at the cell's former use; seeing one of these it
     * sees the changed version too (S3). */
    atomic_store_release(&block->base, base);
    /* release: as above. */
    atomic_store_release(&block->next, next);
    for (unsigned slot = 0; slot < SPARE_SLOTS; slot++)
        /* release: as above. */
        atomic_store_release(&block->slots[slot], 0);
    return block;
}

int spare_start(spare_t *spare, slab_t *slab, uintptr_t base)
{
    spare_block_t *none = NULL;

    if (anchor_of(spare))
        return 0;
    spare_block_t *block = new_block(slab, base, NULL);
    if (!block)
        return -ENOMEM;
    /* release: pairs with anchor_of's acquire; publishes the block. */
    if (!atomic_cas_release(&spare->anchor, &none, block))
        slab_free(slab, &block->cell);
    return 0;
}

/* Whether the span, and whatever is carved off it, can be said by offsets from the base. */
static bool is_near(uintptr_t base, range_t span)
{
    return base <= span.start && span.end - base <= SPARE_LARGEST + 1;
}

/* The two spans as one, if they touch inside `bounds`; else an empty range. */
static range_t join(range_t a, range_t b, range_t bounds)
{
    range_t joined = {min_address(a.start, b.start), max_address(a.end, b.end)};
    bool    touch = a.start < a.end && (a.end == b.start || b.end == a.start) && range_contains(bounds, joined);

    return touch && range_size(joined) <= SPARE_LARGEST ? joined : (range_t){0, 0};
}

/* Makes a span of the block longer by one that touches it. Returns whether there was such a one. */
static bool block_join(spare_block_t *block, range_t span, range_t bounds)
{
    for (unsigned slot = 0; slot < SPARE_SLOTS; slot++) {
        /* relaxed: the CAS below decides. */
        uint64_t word = atomic_load_relaxed(&block->slots[slot]);
        range_t  joined = join(span_of(block, word), span, bounds);
        /* relaxed: as in word_of. */
        if (joined.start == joined.end || !is_near(atomic_load_relaxed(&block->base), joined))
            continue;
        /* acq_rel: as block_put's release and block_take's acquire, one for each part of the joined span (P1). */
        if (atomic_cas_acq_rel(&block->slots[slot], &word, word_of(block, joined)))
            return true;
    }
    return false;
}

/* Stores a word in a free slot of the block. Returns whether there was one, and the span in the block's range. */
static bool block_put(spare_block_t *block, range_t span)
{
    /* relaxed: as in word_of. */
    if (!is_near(atomic_load_relaxed(&block->base), span))
        return false;
    for (unsigned slot = 0; slot < SPARE_SLOTS; slot++) {
        /* relaxed: the CAS decides; one that is sure to fail would take the line from others. */
        uint64_t found = atomic_load_relaxed(&block->slots[slot]);
        /* release: pairs with block_take's acquire; the span's bytes are zero again (P1). */
        if (!found && atomic_cas_release(&block->slots[slot], &found, word_of(block, span)))
            return true;
    }
    return false;
}

/* Links a block with the span in it behind the anchor. */
static int push_block(spare_t *spare, slab_t *slab, range_t span)
{
    spare_block_t *anchor = anchor_of(spare);
    spare_block_t *next = next_block(anchor);
    /* relaxed: as in word_of. */
    uintptr_t      base = atomic_load_relaxed(&anchor->base);
    spare_block_t *block = new_block(slab, is_near(base, span) ? base : span.start, next);

    if (!block)
        return -ENOMEM;
    /* release: as in new_block. */
    atomic_store_release(&block->slots[0], word_of(block, span));
    /* release: pairs with next_block's acquire; publishes the block. */
    while (!atomic_cas_release(&anchor->next, &next, block))
        /* release: as in new_block. */
        atomic_store_release(&block->next, next);
    return 0;
}

/* Puts the span in one of the first blocks from `block` on that has room. Returns whether one had. */
static bool put_near(spare_block_t *block, range_t span)
{
    for (unsigned tries = 0; block && tries < MOST_PUTS; tries++, block = next_block(block))
        if (block_put(block, span))
            return true;
    return false;
}

static int put_piece(spare_t *spare, slab_t *slab, range_t piece, range_t bounds)
{
    spare_block_t *anchor = anchor_of(spare);
    /* acquire: pairs with spare_take's release; the block is filled in. */
    spare_block_t *hint = atomic_load_acquire(&spare->hint);

    if ((hint && block_join(hint, piece, bounds)) || block_join(anchor, piece, bounds))
        return 0;
    return put_near(anchor, piece) || put_near(hint, piece) ? 0 : push_block(spare, slab, piece);
}

range_t spare_put(spare_t *spare, slab_t *slab, range_t span, range_t bounds)
{
    while (span.start < span.end) {
        /* A word holds sizes up to 32 bits; the pieces end as aligned as any body may be. */
        uintptr_t end = min_address(span.end, add_saturating(span.start, align_down(SPARE_LARGEST, 4096)));
        if (put_piece(spare, slab, (range_t){span.start, end}, bounds))
            break;
        span.start = end;
    }
    return span;
}

/* Where the request would lie in the span. Returns whether it fits. */
static bool place(const spare_request_t *request, range_t span, range_t *body)
{
    uintptr_t start = align_up(max_address(span.start, request->window.start), request->align);
    uintptr_t end = min_address(span.end, request->window.end);

    if (start < span.start || start > end || request->size > end - start)
        return false;
    *body = (range_t){start, start + request->size};
    return !request->accepts || request->accepts(request->context, *body);
}

/* Carves the request off the block's first span that has room. What was in front of it is *front. */
static bool block_take(spare_block_t *block, const spare_request_t *request, range_t *body, range_t *front)
{
    for (unsigned slot = 0; slot < SPARE_SLOTS; slot++) {
        range_t placed;
        /* acquire: pairs with block_put's release; the span's bytes are zero again (P1). */
        uint64_t word = atomic_load_acquire(&block->slots[slot]);
        while (word && place(request, span_of(block, word), &placed)) {
            range_t span = span_of(block, word);
            /* acquire: as above; the word found, whoever put it, is the one carved. */
            if (!atomic_cas_acquire(&block->slots[slot], &word, word_of(block, (range_t){placed.end, span.end})))
                continue;
            *front = (range_t){span.start, placed.start};
            *body = placed;
            return true;
        }
    }
    return false;
}

bool spare_take(spare_t *spare, const spare_request_t *request, range_t *body, range_t *front)
{
    spare_block_t *anchor = anchor_of(spare);
    /* acquire: pairs with the release below; the block is filled in. */
    spare_block_t *hint = atomic_load_acquire(&spare->hint);
    spare_block_t *first = hint ? hint : anchor;
    spare_block_t *block = first;

    if (!anchor)
        return false;
    while (!block_take(block, request, body, front)) {
        block = next_block(block);
        if (!block)
            block = anchor;
        if (block == first)
            return false;
    }
    if (block != hint)
        /* release: pairs with the acquire above and in put_piece; hands on what this thread acquired. */
        atomic_store_release(&spare->hint, block);
    return true;
}

static bool overlap(range_t a, range_t b)
{
    return a.start < b.end && b.start < a.end;
}

/* A span's place. */
typedef struct {
    const spare_block_t *block;
    _Atomic uint64_t    *slot;
    uint64_t             word;
} found_t;

/* If the block has a span with bytes of `range` that is lower than the one found so far, it is the one found. */
static void find_lower(spare_block_t *block, range_t range, found_t *found)
{
    for (unsigned slot = 0; slot < SPARE_SLOTS; slot++) {
        /* acquire: as in block_take. */
        uint64_t word = atomic_load_acquire(&block->slots[slot]);
        range_t  span = span_of(block, word);
        if (word && overlap(span, range) && (!found->slot || span.start < span_of(found->block, found->word).start))
            *found = (found_t){block, &block->slots[slot], word};
    }
}

bool spare_take_lowest(spare_t *spare, range_t range, range_t *span)
{
    for (;;) {
        found_t found = {NULL, NULL, 0};
        for (spare_block_t *block = anchor_of(spare); block; block = next_block(block))
            find_lower(block, range, &found);
        if (!found.slot)
            return false;
        *span = span_of(found.block, found.word);
        /* acquire: as in block_take. */
        if (atomic_cas_acquire(found.slot, &found.word, 0))
            return true;
    }
}

uint64_t spare_total(const spare_t *spare)
{
    uint64_t total = 0;

    for (spare_block_t *block = anchor_of(spare); block; block = next_block(block))
        for (unsigned slot = 0; slot < SPARE_SLOTS; slot++)
            /* relaxed: a figure; nothing is read through it. */
            total += (uint32_t)atomic_load_relaxed(&block->slots[slot]);
    return total;
}

bool spare_overlaps(spare_block_t *anchor, range_t range, bool (*still_valid)(const void *context), const void *context)
{
    for (spare_block_t *block = anchor; block && (!still_valid || still_valid(context)); block = next_block(block))
        for (unsigned slot = 0; slot < SPARE_SLOTS; slot++) {
            /* acquire: pairs with new_block's release; a reused cell's word comes with its changed version. */
            range_t span = span_of(block, atomic_load_acquire(&block->slots[slot]));
            if (overlap(span, range))
                return true;
        }
    return false;
}

void spare_end(spare_t *spare, slab_t *slab)
{
    for (spare_block_t *block = anchor_of(spare), *next; block; block = next) {
        next = next_block(block);
        slab_free(slab, &block->cell);
    }
    /* relaxed: nobody else uses the list any more. */
    atomic_store_relaxed(&spare->anchor, NULL);
}
