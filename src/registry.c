/* SPDX-License-Identifier: MIT */
#include "registry.h"

#include <errno.h>
#include <pthread.h>

#include "meta.h"
#include "rcu.h"

#define FIRST_BUCKETS 64

char rcu_grace_period;

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

/* Closed generations are nobody's match: one key may have several of them beside the open one (G1). */
static int is_open(struct cds_lfht_node *node, const void *key)
{
    lintel_module_t *module = module_of(node);

    /* acquire: pairs with close's acq_rel; a key that was seen closed can be opened again. */
    return module->key == *(const uint64_t *)key && !atomic_load_acquire(&module->closed);
}

int registry_start(registry_t *registry)
{
    /* Resizing is done in registry_add: the table's own would keep a thread. */
    registry->table = cds_lfht_new_flavor(FIRST_BUCKETS, FIRST_BUCKETS, 0, 0, &urcu_bp_flavor, NULL);
    return registry->table ? 0 : -ENOMEM;
}

static void grow_table(registry_t *registry, uint64_t count)
{
    if (count >= FIRST_BUCKETS && is_power_of_two(count))
        cds_lfht_resize(registry->table, 2 * count);
}

int registry_add(registry_t *registry, lintel_module_t *module)
{
    /* relaxed, both: nobody else knows the module yet. */
    atomic_store_relaxed(&module->references, 2);
    atomic_store_relaxed(&module->closed, false);
    /* relaxed: only has to differ. */
    module->serial = atomic_fetch_add_relaxed(&registry->serials, 1) + 1;
    cds_lfht_node_init(&module->node);

    rcu_edge_publish(module);
    urcu_bp_read_lock();
    struct cds_lfht_node *there =
        cds_lfht_add_unique(registry->table, hash_of(module->key), is_open, &module->key, &module->node);
    bool added = there == &module->node;
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
    module_end(&module->module);
    meta_free(module);
}

static void reclaim(struct rcu_head *head)
{
    lintel_module_t *module = caa_container_of(head, lintel_module_t, reclaim);

    rcu_edge_reclaim(module);
    registry_free(module);
}

static void retire(registry_t *registry, lintel_module_t *module)
{
    urcu_bp_read_lock();
    cds_lfht_del(registry->table, &module->node);
    leave();
    /* relaxed: a figure. */
    atomic_fetch_sub_relaxed(&registry->count, 1);
    rcu_edge_retire(module);
    urcu_bp_call_rcu(&module->reclaim, reclaim);
}

void registry_release(registry_t *registry, lintel_module_t *module)
{
    uint64_t none = 0;

    /* acq_rel: pairs with itself and with registry_reference; the last one sees what all holders did. */
    if (atomic_fetch_sub_acq_rel(&module->references, 1) != 1)
        return;
    /* acq_rel: as above. Fails if somebody got a reference in the meantime: then it is theirs to retire (G2). */
    if (atomic_cas_acq_rel(&module->references, &none, REFERENCES_GONE))
        retire(registry, module);
}

int registry_close(registry_t *registry, uint64_t key)
{
    bool open = false;

    urcu_bp_read_lock();
    lintel_module_t *module = find_open(registry, key);
    /* acq_rel: pairs with is_open's acquire; exactly one caller closes, and takes over the registry's reference. */
    bool closed = module && atomic_cas_acq_rel(&module->closed, &open, true);
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
        visit(module_of(node), context);
    }
    leave();
}

static void unlink_generation(lintel_module_t *module, void *context)
{
    registry_t *registry = context;

    cds_lfht_del(registry->table, &module->node);
    urcu_bp_call_rcu(&module->reclaim, reclaim);
}

void registry_end(registry_t *registry)
{
    registry_visit(registry, unlink_generation, registry);
    urcu_bp_barrier();
    cds_lfht_destroy(registry->table, NULL);
}
