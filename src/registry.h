/* SPDX-License-Identifier: MIT
 *
 * registry: key -> the generations of that key's module, at most one of them open.
 *
 * A liburcu hash table with one node per generation; those of one key follow one another, newest first. A generation is
 * open until close, stays listed while somebody holds a reference, and is reclaimed a grace period after the last one
 * is gone.
 *
 *   G1  at most one generation of a key is open
 *   G2  references counts the holders, the registry being one while the generation is open. The last one of a closed
 *       generation turns into REFERENCES_GONE in the same step, and then nobody gets another
 *   G3  a generation's memory is given back only after it is closed, unreferenced and unlinked, and a grace period
 *       later
 *   G4  the table's nodes are one list, in which `first` stands before every generation: the process's memory can be
 *       read from outside (outline.h)
 */
#ifndef LINTEL_REGISTRY_H
#define LINTEL_REGISTRY_H

#include <urcu/urcu-bp.h>

#include <urcu/rculfhash.h>

#include "service.h"

#define REFERENCES_GONE   (UINT64_C(1) << 63)
#define REFERENCES_CLOSED (UINT64_C(1) << 62)

typedef struct {
    struct cds_lfht     *table;
    struct cds_lfht_node first;   /* G4 */
    _Atomic uint64_t     count;   /* generations listed */
    _Atomic uint64_t     serials; /* numbers given to generations */
    _Atomic uint64_t     pending; /* generations handed to call_rcu and not yet freed */
    _Atomic uint64_t     put_off; /* of these, handed to it again */
} registry_t;

struct lintel_heap {
    space_t        space;
    registry_t     registry;
    service_t      service;
    lintel_heap_t *next; /* of all heaps */
};

/* One generation: what acquire and release need, on one cache line, so that a hundred thousand of them are still found
 * and counted within the processor's caches. */
struct lintel_module {
    struct cds_lfht_node node;
    uint64_t             key;
    _Atomic uint64_t     references; /* a count, REFERENCES_CLOSED, REFERENCES_GONE */
    module_t            *module;
    lintel_heap_t       *heap;
    union {
        size_t                cache_place; /* the module's, while there are references */
        struct rcu_head       reclaim;     /* for call_rcu */
        struct lintel_module *next;        /* while the registry ends */
    };
};

static_assert(sizeof(struct lintel_module) <= CACHE_LINE, "a generation is found and counted on one line");

/* How often a generation or a heap was given back in this process. What was read from outside while this stayed the
 * same was there all the time. */
extern _Atomic uint64_t registry_departures;

/* Count one, before it goes. Wait-free. */
void registry_count_departure(void);

/* Ready the table of a zero-initialised registry. Returns 0; -ENOMEM. May block. */
int registry_start(registry_t *registry);

/* Reclaim every generation, referenced or not, and end the table. May block. */
void registry_end(registry_t *registry);

/* A number that no generation had before. Wait-free. */
uint64_t registry_serial(registry_t *registry);

/* List a module that nobody knows yet, with two references, unless its key is open. Returns 0; -EEXIST. May block. */
int registry_add(registry_t *registry, lintel_module_t *module);

/* Find the open generation of `key` and take a reference. Returns it, or NULL. Wait-free after a thread's first call.
 */
lintel_module_t *registry_acquire(registry_t *registry, uint64_t key);

/* Give a reference back. Lock-free, save for the last one. */
void registry_release(registry_t *registry, lintel_module_t *module);

/* Close the open generation of `key`. Returns 0; -ENOENT. */
int registry_close(registry_t *registry, uint64_t key);

/* Visit every generation, in no order, inside a read-side critical section. `visit` must not block. */
void registry_visit(const registry_t *registry, void (*visit)(lintel_module_t *module, void *context), void *context);

/* Take a reference to a generation met in a visit. Returns whether it was not too late. Wait-free. */
bool registry_reference(lintel_module_t *module);

/* Whether the generation has not been closed. Wait-free. */
bool registry_is_open(const lintel_module_t *module);

/* Free a generation that was never listed, or is listed no more. */
void registry_free(lintel_module_t *module);

#endif
