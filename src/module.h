/* SPDX-License-Identifier: MIT
 *
 * module: the allocator above one image: a list of regions, the spare spans between their bodies, and the books.
 *
 *   M1  every byte of [start, level) of each region is in exactly one of: a body, a spare span, lost
 *   M2  with no call in flight: sum of (level - start) over the regions = allocated + spare + lost
 *   M3  only the newest region is claimed from; every older one is sealed, or will be by the thread that replaced it
 *   M4  a prepared region is in the map and in no list; one thread takes it, and publishes it or gives it up
 */
#ifndef LINTEL_MODULE_H
#define LINTEL_MODULE_H

#include "face.h"
#include "name.h"
#include "space.h"

/* Written by every allocation: on a line of their own. */
typedef struct {
    _Atomic uint64_t allocated;
    _Atomic uint64_t allocations;
    _Atomic uint64_t lost;
    _Atomic uint64_t failures;
} books_t;

/* What the service thread keeps of a module (ahead.h): plain words, touched between fork_hold and fork_release alone,
 * save that `next` is set before the module is announced. */
typedef struct {
    module_t *next;       /* of those announced, then of those served */
    size_t    handed_out; /* when it was looked at last */
    unsigned  looks;      /* so far */
    unsigned  still;      /* looks since then that found no more */
    region_t *region;     /* the newest one, then */
    uintptr_t ready;      /* in that region, resident below this as far as was seen to */
} ahead_t;

/* What is added to the books at once. */
typedef struct {
    uint64_t allocated;
    uint64_t allocations;
    uint64_t lost;
} books_delta_t;

/* The part of a module that allocates: a module_t. */
struct module {
    space_t      *space;
    lintel_kind_t kind;
    uintptr_t     base;
    uint64_t      key;
    range_t       window; /* where bodies may lie */
    size_t        align;
    uint64_t      serial;      /* tells the generations of a key apart */
    size_t        cache_place; /* where threads' caches keep their chunks of it */

    alignas(CACHE_LINE) _Atomic(region_t *) regions; /* newest first */
    spare_t             spares;
    _Atomic size_t      reserved;  /* bytes of address space in all regions */
    _Atomic uint32_t    growing;   /* threads between reserving a region and publishing it, or with room in hand */
    _Atomic(region_t *) exhausted; /* the newest region when the spare spans had no chunk: they are for bodies */
    _Atomic(region_t *) prepared;  /* a region for when the newest one is used up; NULL if there is none */
    _Atomic uint32_t    moves;     /* how often a region was prepared, or given up, or room lent: it is elsewhere now */
    _Atomic bool        announced; /* to the service thread */
    ahead_t             ahead;
    _Atomic(face_t *)   faces; /* newest first; ended by the registry */
    name_t             *names; /* newest first (names.h) */

    alignas(CACHE_LINE) books_t books;
    char name[]; /* for people; empty if none was given */
};

static inline region_t *newest_region(const module_t *module)
{
    /* acquire: pairs with publish's release; the region is filled in. */
    return atomic_load_acquire(&module->regions);
}

/* Whether the module has earned huge pages. */
bool module_is_huge(const module_t *module);

/* Bytes of a module that is to keep the name; NULL is none. */
size_t module_size(const char *name);

/* Ready a zero-initialised module over a checked description, with its first region if `desc` asks for one.
 * Returns as module_allocate. */
int module_start(module_t *module, space_t *space, const lintel_module_desc_t *desc);

/* Give all its memory back; nobody else may be using it. */
void module_end(module_t *module);

/* Allocate a body at a multiple of `align`, a power of two. Returns 0; -ENOSPC; -ENOMEM; for code, as os_code_map too.
 * Lock-free. */
int module_allocate(module_t *module, size_t size, size_t align, void **body);

/* The same, of a body that is in no books yet. */
int module_claim(module_t *module, size_t size, size_t align, void **body);

/* Claim `size` bytes, of which several bodies will be made, or the end of the newest region if it has `least`: only
 * bodies make the module grow, to where they fit. Returns whether there were any. Lock-free. */
bool module_claim_chunk(module_t *module, size_t size, size_t least, range_t *chunk);

/* Claim `more`, which begins where a chunk ends that was taken up to `cursor`, if nobody claimed anything behind it.
 * Returns whether nobody did. Lock-free. */
bool module_extend_chunk(module_t *module, uintptr_t cursor, range_t more);

/* Keep a span that was claimed, and is as it was then or as module_clear leaves it, for later. Lock-free. */
void module_set_aside(module_t *module, range_t span);

/* The same for one that may still be the last claim: then that is taken back. Lock-free. */
void module_give_back(module_t *module, range_t span);

/* Enter bodies in the books. Wait-free. */
void module_count(module_t *module, const books_delta_t *delta);

/* About how many bytes the module has handed out. Wait-free. */
size_t module_handed_out(const module_t *module);

/* The bytes that a body would give back if it had a new size; empty if none, or if it is not a body of the module.
 * Wait-free. */
range_t module_shrinkable(const module_t *module, range_t body, size_t new_size);

/* Ready bytes that were handed out by this module, and are the caller's, to be set aside: they read as zero, or trap,
 * where they are executable. Wait-free. */
void module_clear(const module_t *module, range_t bytes);

/* The same for the end of a body: `freed`, and in code what there is of rounding now before it. Wait-free. */
void module_clear_end(const module_t *module, range_t body, size_t new_size, range_t freed);

/* Mark that something ends in front of a body or a chunk of code, if that is in its region. Wait-free. */
void module_mark_front(const module_t *module, range_t bytes);

/* Enter a body of code, whose bytes are the caller's; `rounding` of them, at its end, nobody asked for. Wait-free. */
void module_enter_body(const module_t *module, range_t body, size_t rounding);

/* Enter where a body of code ends that gave its end back, and what is marked where that ended. Wait-free. */
void module_mark_shrunk(const module_t *module, range_t body, size_t new_size, range_t freed, uint8_t last);

/* Have unused bytes on pages of code trap from now on, save those of threads' chunks. Lock-free. */
void module_trap_unused(module_t *module, range_t pages);

/* Have the end of a body of code trap that was only rounded up to, if `bytes`, of that body, go up to there. */
void module_trap_rounding(const module_t *module, range_t bytes);

/* Whether it is of code that is written in place. */
static inline bool module_flips(const module_t *module)
{
    return module->kind == LINTEL_CODE && module->space->options->code == LINTEL_CODE_FLIP;
}

/* Whether bytes of this module have memory: all that was handed out has, but for code in the child of a fork.
 * Wait-free. */
bool module_has_memory(const module_t *module, range_t bytes);

/* Where a byte that was handed out by this module is written; 0 if it can be no more. Wait-free. */
uintptr_t module_writable(const module_t *module, uintptr_t byte);

/* Take back what module_shrinkable gave. Lock-free. */
void module_shrink(module_t *module, range_t body, size_t new_size, range_t freed);

/* Whether the bytes were handed out by this module. Wait-free. */
bool module_owns(const module_t *module, range_t bytes);

#endif
