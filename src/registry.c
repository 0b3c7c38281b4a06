/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include <errno.h>
#include <pthread.h>

#include "cache.h"
#include "cancel.h"
#include "fork.h"
#include "meta.h"
#include "names.h"
#include "os.h"
#include "probe.h"
#include "rcu.h"
#include "signals.h"

#define FIRST_BUCKETS 64

char rcu_grace_period;

_Atomic uint64_t registry_departures;

void registry_count_departure(void)
{
    /* acq_rel: what is done to the memory afterwards stays behind this; it is read by nobody here, but from outside. */
    atomic_fetch_add_acq_rel(&registry_departures, 1);
}

static lintel_module_t *module_of(struct cds_lfht_node *node)
{
    lintel_module_t *module = caa_container_of(node, lintel_module_t, node);

    rcu_edge_lookup(module);
    return module;
}

static void leave(void)
{
    rcu_edge_leave();
    urcu_bp_read_unlock();
}

/* Keys are addresses more often than not: spread them (the finalizer of splitmix64). */
static unsigned long hash_of(uint64_t key)
{
    key = (key ^ key >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    key = (key ^ key >> 27) * UINT64_C(0x94d049bb133111eb);
    return key ^ key >> 31;
}

bool registry_is_open(const lintel_module_t *module)
{
    /* acquire: pairs with registry_close's acq_rel; a key that was seen closed can be opened again. */
    return !(atomic_load_acquire(&module->references) & REFERENCES_CLOSED);
}

/* Closed generations are nobody's match: one key may have several of them beside the open one (G1). */
static int is_open(struct cds_lfht_node *node, const void *key)
{
    lintel_module_t *module = module_of(node);

    return module->key == *(const uint64_t *)key && registry_is_open(module);
}

int registry_start(registry_t *registry)
{
    /* Resizing is done in registry_add: the table's own would keep a thread. */
    registry->table = cds_lfht_new_flavor(FIRST_BUCKETS, FIRST_BUCKETS, 0, 0, &urcu_bp_flavor, NULL);
    if (!registry->table)
        return -ENOMEM;
    /* No key has the hash 0, but key 0, which nobody looks for: nothing is before this node, and no look-up meets it.
     */
    urcu_bp_read_lock();
    (void)cds_lfht_add_unique(registry->table, 0, is_open, NULL, &registry->first);
    leave();
    return 0;
}

static void grow_table(registry_t *registry, uint64_t count)
{
    if (count < FIRST_BUCKETS || !is_power_of_two(count))
        return;
    sigset_t before = signals_block();
    fork_hold();
    cds_lfht_resize(registry->table, 2 * count);
    fork_release();
    signals_restore(before);
}

uint64_t registry_serial(registry_t *registry)
{
    /* relaxed: only has to differ. */
    return atomic_fetch_add_relaxed(&registry->serials, 1) + 1;
}

int registry_add(registry_t *registry, lintel_module_t *module)
{
    /* relaxed: nobody else knows the module yet. */
    atomic_store_relaxed(&module->references, 2);
    cds_lfht_node_init(&module->node);

    rcu_edge_publish(module);
    urcu_bp_read_lock();
    struct cds_lfht_node *there = cds_lfht_add_unique(registry->table, hash_of(module->key), is_open, &module->key,
                                                      &module->node);
    bool                  added = there == &module->node;
    leave();
    if (!added)
        return -EEXIST;
    /* relaxed: a figure; exactly one thread sees each value go by. */
    grow_table(registry, atomic_fetch_add_relaxed(&registry->count, 1) + 1);
    return 0;
}

bool registry_reference(lintel_module_t *module)
{
    /* acquire: pairs with registry_release's acq_rel; what earlier holders did is in sight (G2). */
    return !(atomic_fetch_add_acquire(&module->references, 1) & REFERENCES_GONE);
}

static lintel_module_t *find_open(registry_t *registry, uint64_t key)
{
    struct cds_lfht_iter iterator;

    /* Nobody has key 0; but `first`, which is no module, has its hash. */
    if (!key)
        return NULL;
    cds_lfht_lookup(registry->table, hash_of(key), is_open, &key, &iterator);
    struct cds_lfht_node *node = cds_lfht_iter_get_node(&iterator);
    return node ? module_of(node) : NULL;
}

lintel_module_t *registry_acquire(registry_t *registry, uint64_t key)
{
    urcu_bp_read_lock();
    lintel_module_t *module = find_open(registry, key);
    if (module && !registry_reference(module))
        module = NULL;
    leave();
    return module;
}

void registry_free(lintel_module_t *module)
{
    faces_end(&module->module->faces);
    names_forget(module->module);
    module_end(module->module);
    meta_free(module->module);
    meta_free(module);
}

/* Has nobody look after a generation, and no thread have a chunk of it. Returns whether that is so: a thread may just
 * be giving one back. */
static bool is_let_go(lintel_module_t *module)
{
    service_forget(&module->heap->service, module->module);
    return cache_forget(module->module);
}

static void free_generation(lintel_module_t *module)
{
    probe_module_end(module->module->name, module->key, module->module->base, module->module->serial);
    registry_count_departure();
    registry_free(module);
}

static void wait_until_let_go(lintel_module_t *module)
{
    while (!is_let_go(module))
        os_yield();
}

static void free_retired(lintel_module_t *module)
{
    registry_t *registry = &module->heap->registry;

    free_generation(module);
    /* release: pairs with registry_end's acquire; the generation is gone. */
    atomic_fetch_sub_release(&registry->pending, 1);
}

static void reclaim_again(struct rcu_head *head);

/* Nobody is waited for: a fork waits for what runs here, and a thread that is giving a chunk back may be the one whose
 * signal handler forks. */
static void reclaim(struct rcu_head *head)
{
    lintel_module_t *module = caa_container_of(head, lintel_module_t, reclaim);

    rcu_edge_reclaim(module);
    if (is_let_go(module)) {
        free_retired(module);
        return;
    }
    /* relaxed: who waits for this callback reads it. */
    atomic_fetch_add_relaxed(&module->heap->registry.put_off, 1);
    rcu_edge_retire(module);
    urcu_bp_call_rcu(head, reclaim_again);
}

static void reclaim_again(struct rcu_head *head)
{
    registry_t *registry = &caa_container_of(head, lintel_module_t, reclaim)->heap->registry;

    reclaim(head);
    /* release: pairs with registry_end's acquire; the generation is gone, or put off once more. */
    atomic_fetch_sub_release(&registry->put_off, 1);
}

static void *do_nothing(void *unused)
{
    return unused;
}

/* Has liburcu make its thread. Returns whether the system has one for it. */
static bool make_reclaimer(void)
{
    pthread_t trial;

    if (pthread_create(&trial, NULL, do_nothing, NULL))
        return false;
    pthread_join(trial, NULL);
    (void)urcu_bp_get_default_call_rcu_data();
    return true;
}

/* Whether call_rcu can be used: it needs a thread of its own, and ends the process where it cannot have one. */
static bool can_defer(void)
{
    static _Atomic bool ready;

    /* relaxed: get_default_call_rcu_data makes sure of the rest. */
    if (atomic_load_relaxed(&ready))
        return true;
    sigset_t before = signals_block();
    bool     made = make_reclaimer();
    signals_restore(before);
    if (made)
        /* relaxed: as above. */
        atomic_store_relaxed(&ready, true);
    return made;
}

/* Before a thread or a grace period is waited for there, the module is in no list any more. */
static void retire(registry_t *registry, lintel_module_t *module)
{
    int cancel_state = cancel_forbid();

    faces_part(&module->module->faces);
    urcu_bp_read_lock();
    cds_lfht_del(registry->table, &module->node);
    leave();
    /* relaxed: a figure. */
    atomic_fetch_sub_relaxed(&registry->count, 1);
    rcu_edge_retire(module);
    /* relaxed: registry_end, whose caller waits for this call to return, reads it. */
    atomic_fetch_add_relaxed(&registry->pending, 1);
    if (can_defer()) {
        urcu_bp_call_rcu(&module->reclaim, reclaim);
    } else {
        urcu_bp_synchronize_rcu();
        rcu_edge_reclaim(module);
        wait_until_let_go(module);
        free_retired(module);
    }
    cancel_restore(cancel_state);
}

void registry_release(registry_t *registry, lintel_module_t *module)
{
    uint64_t left;
    /* relaxed: the CAS decides. */
    uint64_t found = atomic_load_relaxed(&module->references);

    do
        left = found == REFERENCES_CLOSED + 1 ? REFERENCES_CLOSED | REFERENCES_GONE : found - 1;
    /* acq_rel: pairs with itself and with registry_reference; the last one sees what all holders did. After it the
     * module is this thread's to retire, or not to be touched again: in between there is nothing (G2). */
    while (!atomic_cas_acq_rel(&module->references, &found, left));
    if (left & REFERENCES_GONE)
        retire(registry, module);
}

int registry_close(registry_t *registry, uint64_t key)
{
    urcu_bp_read_lock();
    lintel_module_t *module = find_open(registry, key);
    /* acq_rel: pairs with registry_is_open's acquire. One caller closes, and takes over the registry's reference;
     * another that found the same generation comes too late. */
    bool closed = module && !(atomic_fetch_or_acq_rel(&module->references, REFERENCES_CLOSED) & REFERENCES_CLOSED);
    if (closed)
        probe_module_close(module->module->name, key, module->module->base, module->module->serial);
    leave();
    if (!closed)
        return -ENOENT;
    registry_release(registry, module);
    return 0;
}

void registry_visit(const registry_t *registry, void (*visit)(lintel_module_t *module, void *context), void *context)
{
    struct cds_lfht_iter  iterator;
    struct cds_lfht_node *node;

    urcu_bp_read_lock();
    cds_lfht_for_each(registry->table, &iterator, node)
    {
        if (node != &registry->first)
            visit(module_of(node), context);
    }
    leave();
}

/* What registry_end has unlinked. */
typedef struct {
    registry_t      *registry;
    lintel_module_t *first;
} unlinked_t;

static void unlink_generation(lintel_module_t *module, void *context)
{
    unlinked_t *unlinked = context;

    faces_part(&module->module->faces);
    cds_lfht_del(unlinked->registry->table, &module->node);
    module->next = unlinked->first;
    unlinked->first = module;
}

void registry_end(registry_t *registry)
{
    unlinked_t unlinked = {registry, NULL};

    registry_visit(registry, unlink_generation, &unlinked);
    urcu_bp_read_lock();
    cds_lfht_del(registry->table, &registry->first);
    leave();
    urcu_bp_synchronize_rcu();
    for (lintel_module_t *module = unlinked.first, *next; module; module = next) {
        next = module->next;
        wait_until_let_go(module);
        free_generation(module);
    }
    /* acquire: pairs with free_retired's release; the generations are gone. */
    if (atomic_load_acquire(&registry->pending))
        urcu_bp_barrier();
    /* acquire: pairs with reclaim_again's release. What is pending may be for ever in the child of a fork, where the
     * thread that was handing it over is not. */
    while (atomic_load_acquire(&registry->put_off))
        urcu_bp_barrier();
    cds_lfht_destroy(registry->table, NULL);
}
