/* SPDX-License-Identifier: MIT
 *
 * starts: where the bodies of code start and end, and which pages of code are executable: for lintel_find, which asks
 * from anywhere, and for who fills what nobody uses.
 *
 * A byte for each unit of code says what ends with it: a body starts where something else ends. So handing one out
 * takes one mark, its own. To look for the nearest ones above and below an address takes a bounded number of steps,
 * however large the region or the body: over the units of a group, then over the groups of a block, by words of bits. A
 * block, once there, stays until the heap ends, for whatever code comes to its addresses.
 *
 *   K1  with a unit ends a body, or free space, or nothing; only the owner of its bytes marks a body there
 *   K2  in front of a body something ends, from before the body is marked, unless a region or a block starts there
 *   K3  a group whose bit is 0 has no marks; a word of groups whose bit is 0 has no bits
 *   K4  if a body goes on over the end of a block, that block says where it ends, and the next one where it starts
 *   K5  of a body that is being made shorter, the new end is marked before the old one is not
 */
#ifndef LINTEL_STARTS_H
#define LINTEL_STARTS_H

#include "codemap.h"

#define STARTS_UNIT  16
#define STARTS_BLOCK ((uintptr_t)2 << 20)
#define STARTS_GROUP 64 /* units */
#define STARTS_PAGE  4096

#define STARTS_MARKS 131072 /* a block's units */
#define STARTS_WORDS 32     /* of 64 groups each */
#define STARTS_PAGES 8      /* words of bits, a bit for each page */

/* What ends with a unit: nothing, a body with so many bytes of rounding at its end (plus one), a body behind which
 * space is being freed, or free space. */
#define STARTS_NOTHING       0
#define STARTS_MOST_ROUNDING 252 /* that can be said */
#define STARTS_SHRINKING     254
#define STARTS_FREE          255

/* What may be said of a page, for good. */
typedef enum {
    STARTS_OPENED,    /* unused bytes trap, or will before it is executable */
    STARTS_EXECUTABLE /* it is */
} starts_state_t;

typedef struct starts_block starts_block_t;

struct starts_block {
    starts_block_t   *next;     /* constant once chained, as the next one */
    uintptr_t         base;     /* the first address: for who walks the list */
    _Atomic uintptr_t crossing; /* where the body starts that goes on over the block's start; 0: none does */
    _Atomic uintptr_t leaving;  /* where the body ends that goes on over the block's end; 0: none does */
    _Atomic uint64_t  summary;
    _Atomic uint64_t  groups[STARTS_WORDS];
    _Atomic uint64_t  opened[STARTS_PAGES];
    _Atomic uint64_t  executable[STARTS_PAGES];
    _Atomic uint8_t   marks[STARTS_MARKS];
};

/* Zero-initialised ones are ready for use. */
typedef struct {
    codemap_t                 map;
    _Atomic(starts_block_t *) blocks;
} starts_t;

/* A body as it was marked. */
typedef struct {
    range_t bytes;
    size_t  rounding; /* bytes at its end that nobody asked for, STARTS_MOST_ROUNDING at most */
} starts_body_t;

/* Have blocks for all addresses of a range. Returns 0; -ENOMEM. Lock-free. */
int starts_cover(starts_t *starts, range_t range);

/* Have the marks of a range resident, against faults when bodies are handed out. Does what it can. */
void starts_populate(const starts_t *starts, range_t range);

/* Forget all about a range whose memory is given back. Lock-free. */
void starts_forget(starts_t *starts, range_t range);

/* The blocks, from the newest to the oldest; NULL if there is none. */
const starts_block_t *starts_first(const starts_t *starts);

/* Unmap the blocks; no reader may be left. */
void starts_end(starts_t *starts);

/* The block of an address, or NULL. Wait-free, and safe from signal handlers. */
starts_block_t *starts_block(const starts_t *starts, uintptr_t address);

/* For a chunk, inside one block: where the mark of address 0 would be if the block's went on down to it. */
uintptr_t starts_marks(const starts_t *starts, range_t chunk);

/* Mark that something ends in front of where a body or a chunk is to start, unless that is known. Wait-free. */
void starts_mark_front(const starts_t *starts, uintptr_t start);

/* Mark a body, whose bytes are the caller's, and inside of which nothing is marked; its front is (K2). Wait-free. */
void starts_mark_body(const starts_t *starts, range_t body, size_t rounding);

/* Mark a chunk, inside one block, as free, and have its groups be looked at: bodies will be marked there by
 * starts_mark_next. Wait-free. */
void starts_mark_chunk(const starts_t *starts, range_t chunk);

/* Mark that of a body only what is in front of `end` is one from now on, with so much rounding; and `last`, which is
 * STARTS_FREE or STARTS_NOTHING, where it ended. Wait-free. */
void starts_mark_shrunk(const starts_t *starts, range_t body, uintptr_t end, size_t rounding, uint8_t last);

/* Forget what is marked in a span, whose bytes are the caller's. Wait-free. */
void starts_clear(const starts_t *starts, range_t span);

/* Forget what is marked inside of what is to be a body or a chunk; what ends where it does stays. Wait-free. */
void starts_clear_inside(const starts_t *starts, range_t span);

/* Whether the address, which is in `bounds`, a region, is in a body, and in which. Wait-free, and safe from signal
 * handlers. */
bool starts_find(const starts_t *starts, uintptr_t address, range_t bounds, starts_body_t *body);

/* Whether this was said of any of the pages, or of all of them. Wait-free. */
bool starts_any(const starts_t *starts, range_t pages, starts_state_t state);
bool starts_all(const starts_t *starts, range_t pages, starts_state_t state);

/* Say this of all the pages. Wait-free. */
void starts_say(const starts_t *starts, range_t pages, starts_state_t state);

/* Whether it was said of the page at `page`: of two threads, one that says it and one that asks thus, the later one
 * sees what the other did before. Wait-free. */
bool starts_ask(const starts_t *starts, uintptr_t page, starts_state_t state);

static inline size_t starts_unit(uintptr_t address)
{
    return address % STARTS_BLOCK / STARTS_UNIT;
}

/* The bit of so many, in a word of 64. */
static inline uint64_t starts_bit(size_t index)
{
    return UINT64_C(1) << index % 64;
}

/* The mark of the unit of a byte of a chunk that starts_marks was asked for. */
static inline _Atomic uint8_t *starts_mark_of(uintptr_t marks, uintptr_t byte)
{
    return (_Atomic uint8_t *)(marks + byte / STARTS_UNIT);
}

/* Mark a body at the front of what is left of a chunk that starts_marks was asked for, by its last byte; its rounding
 * can be said. Wait-free. */
static inline void starts_mark_next(uintptr_t marks, uintptr_t last, size_t rounding)
{
    /* release: lintel_find may still be looking for what was here in a former use of the addresses; seeing this, it
     * sees that the region was given up (S3). */
    atomic_store_release(starts_mark_of(marks, last), (uint8_t)(1 + rounding));
}

#endif
