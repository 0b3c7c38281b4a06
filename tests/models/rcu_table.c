/* SPDX-License-Identifier: MIT
 *
 * What of liburcu the registry uses, in the place of the library: a table that is one list, whose every operation is
 * one step, and grace periods that wait for the readers inside.
 */
#include <stdlib.h>

#include "explorer.h"
#include "fork.h"
#include "registry.h"

struct cds_lfht {
    struct cds_lfht_node *nodes[8];
    unsigned              count;
    unsigned              changes;
};

/* Odd while a thread is inside a read-side section. */
static unsigned        sections[MOST_THREADS + 1];
static struct cds_lfht table;

static void step(const char *operation)
{
    if (explorer_self() != NOBODY)
        explorer_step(&table, true, &(access_t){.text = "table", .function = "liburcu", .operation = operation});
}

const struct cds_lfht_mm_type  cds_lfht_mm_order, cds_lfht_mm_chunk, cds_lfht_mm_mmap;
const struct rcu_flavor_struct urcu_bp_flavor;

struct cds_lfht *_cds_lfht_new(unsigned long init_size, unsigned long min_nr_alloc_buckets,
                               unsigned long max_nr_buckets, int flags, const struct cds_lfht_mm_type *mm,
                               const struct rcu_flavor_struct *flavor, pthread_attr_t *attr)
{
    (void)init_size;
    (void)min_nr_alloc_buckets;
    (void)max_nr_buckets;
    (void)flags;
    (void)mm;
    (void)flavor;
    (void)attr;
    table.count = table.changes = 0;
    for (unsigned i = 0; i <= MOST_THREADS; i++)
        sections[i] = 0;
    return &table;
}

int cds_lfht_destroy(struct cds_lfht *ht, pthread_attr_t **attr)
{
    (void)attr;
    return ht->count ? -1 : 0;
}

void cds_lfht_resize(struct cds_lfht *ht, unsigned long new_size)
{
    (void)ht;
    (void)new_size;
}

/* The newest match of that hash; the match function makes accesses of its own. */
static unsigned find(const struct cds_lfht *ht, unsigned long hash, cds_lfht_match_fct match, const void *key)
{
    for (unsigned i = ht->count; i > 0; i--)
        if (ht->nodes[i - 1]->reverse_hash == hash && match(ht->nodes[i - 1], key))
            return i;
    return 0;
}

void cds_lfht_lookup(struct cds_lfht *ht, unsigned long hash, cds_lfht_match_fct match, const void *key,
                     struct cds_lfht_iter *iter)
{
    step("lookup");
    memory_acquire_from(CHANNEL_TABLE);
    struct cds_lfht seen = *ht;
    unsigned        found = find(&seen, hash, match, key);
    iter->node = found ? seen.nodes[found - 1] : NULL;
    iter->next = NULL;
}

struct cds_lfht_node *cds_lfht_add_unique(struct cds_lfht *ht, unsigned long hash, cds_lfht_match_fct match,
                                          const void *key, struct cds_lfht_node *node)
{
    struct cds_lfht_iter iter;

    for (;;) {
        unsigned before = ht->changes;
        cds_lfht_lookup(ht, hash, match, key, &iter);
        if (iter.node)
            return iter.node;
        step("add");
        if (ht->changes++ > before)
            continue;
        memory_release_to(CHANNEL_TABLE);
        node->reverse_hash = hash;
        ht->nodes[ht->count++] = node;
        return node;
    }
}

int cds_lfht_del(struct cds_lfht *ht, struct cds_lfht_node *node)
{
    step("delete");
    memory_acquire_from(CHANNEL_TABLE);
    memory_release_to(CHANNEL_TABLE);
    for (unsigned i = 0; i < ht->count; i++) {
        if (ht->nodes[i] != node)
            continue;
        for (ht->count--; i < ht->count; i++)
            ht->nodes[i] = ht->nodes[i + 1];
        return 0;
    }
    explorer_fail("a generation is unlinked twice");
}

void cds_lfht_first(struct cds_lfht *ht, struct cds_lfht_iter *iter)
{
    iter->node = ht->count ? ht->nodes[0] : NULL;
}

void cds_lfht_next(struct cds_lfht *ht, struct cds_lfht_iter *iter)
{
    for (unsigned i = 0; i < ht->count; i++)
        if (ht->nodes[i] == iter->node) {
            iter->node = i + 1 < ht->count ? ht->nodes[i + 1] : NULL;
            return;
        }
    iter->node = NULL;
}

void urcu_bp_read_lock(void)
{
    step("read lock");
    sections[explorer_self()]++;
}

void urcu_bp_read_unlock(void)
{
    step("read unlock");
    memory_release_to(CHANNEL_GRACE_PERIOD);
    sections[explorer_self()]++;
}

void urcu_bp_synchronize_rcu(void)
{
    unsigned before[MOST_THREADS];

    step("grace period");
    for (unsigned i = 0; i < MOST_THREADS; i++)
        before[i] = sections[i];
    for (unsigned i = 0; i < MOST_THREADS; i++)
        while (before[i] % 2 && sections[i] == before[i])
            explorer_yield();
    memory_acquire_from(CHANNEL_GRACE_PERIOD);
}

void urcu_bp_barrier(void)
{
}

void urcu_bp_call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *head))
{
    urcu_bp_synchronize_rcu();
    func(head);
}

struct call_rcu_data *urcu_bp_get_default_call_rcu_data(void)
{
    return NULL;
}
