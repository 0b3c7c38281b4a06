/* SPDX-License-Identifier: MIT
 *
 * starts: where the bodies of code start, and which pages of code are executable: for lintel_find, which asks from
 * anywhere, and for who fills what nobody uses.
 *
 * A byte for each unit of code says what begins there. To look for the nearest one below an address takes a bounded
 * number of steps, however large the region or the body: over the units of a group, then over the groups of a block, by
 * words of bits. A block, once there, stays until the heap ends, for whatever code comes to its addresses.
 *
 *   K1  what begins at a unit is a body, or a free span, or nothing; only the owner of a unit's bytes marks a body
 * there K2  where a body ends, something begins K3  a group whose bit is 0 has no marks; a word of groups whose bit is
 * 0 has no bits K4  if a body goes on over the start of a block, the block says where it starts
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

/* What begins at a unit: nothing, a body with so many bytes of rounding at its end (plus one), or free space. */
#define STARTS_NOTHING       0
#define STARTS_MOST_ROUNDING 253 /* that can be said */
#define STARTS_FREE          255

/* What may be said of a page, for good. */
typedef enum {
    STARTS_OPENED,    /* unused bytes trap, or will before it is executable */
    STARTS_EXECUTABLE /* it is */
} starts_state_t;

typedef struct starts_block starts_block_t;

struct starts_block {
    starts_block_t   *next; /* constant once chained, as the next one */
    uintptr_t         base; /* the first address */
    _Atomic uintptr_t crossing;
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
    uintptr_t start;
    size_t    rounding; /* bytes at its end that nobody asked for, STARTS_MOST_ROUNDING at most */
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

/* Mark a body, whose bytes are the caller's, and inside of which nothing is marked. Wait-free. */
void starts_mark_body(const starts_t *starts, range_t body, size_t rounding);

/* Mark the end of what the caller owns, unless somebody else's body is marked there already (K2). Wait-free. */
void starts_mark_end(const starts_t *starts, uintptr_t address);

/* Mark the end of a body that is free from now on; what was free behind it becomes one with it. Wait-free. */
void starts_mark_freed(const starts_t *starts, range_t span);

/* Forget what is marked in a span, whose bytes are the caller's. Wait-free. */
void starts_clear(const starts_t *starts, range_t span);

/* Have the groups of a chunk, inside one block, be looked at: bodies will be marked there by starts_mark_next. */
void starts_mark_chunk(const starts_t *starts, range_t chunk);

/* Whether the address is in a body, and which. Wait-free, and safe from signal handlers. */
bool starts_find(const starts_t *starts, uintptr_t address, starts_body_t *body);

/* Whether anything begins at the address. Wait-free, and safe from signal handlers. */
bool starts_has(const starts_t *starts, uintptr_t address);

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

/* The mark of an address of a chunk that starts_marks was asked for. */
static inline _Atomic uint8_t *starts_mark_at(uintptr_t marks, uintptr_t address)
{
    return (_Atomic uint8_t *)(marks + address / STARTS_UNIT);
}

/* Mark a body at the front of a chunk, and, unless it takes all of it, what is left; its rounding can be said.
 * Wait-free.
 */
static inline void starts_mark_next(uintptr_t marks, range_t body, size_t rounding, uintptr_t chunk_end)
{
    /* release, both: lintel_find may still be looking for what was here in a former use of the addresses; seeing one of
     * these, it sees that the region was given up (S3). In this order, no byte behind the body seems to be in it. */
    if (__builtin_expect(body.end != chunk_end, true))
        atomic_store_release(starts_mark_at(marks, body.end), STARTS_FREE);
    atomic_store_release(starts_mark_at(marks, body.start), (uint8_t)(1 + rounding));
}

#endif
