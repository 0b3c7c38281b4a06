/* SPDX-License-Identifier: MIT */
#include "codemap.h"

#include <errno.h>

#include "os.h"

#define LEAF_SHIFT  12 /* the smallest page: larger ones enter several times */
#define LEVEL_BITS  9
#define ROOT_LEVEL  3
#define ADDRESS_END ((uintptr_t)1 << (LEAF_SHIFT + LEVEL_BITS * (ROOT_LEVEL + 1)))
#define TABLE_TAG   ((uintptr_t)1)

static unsigned level_shift(unsigned level)
{
    return LEAF_SHIFT + LEVEL_BITS * level;
}

static size_t entry_index(uintptr_t address, unsigned level)
{
    return (address >> level_shift(level)) & (CODEMAP_ENTRIES - 1);
}

/* The table an entry leads to, or NULL. */
static codemap_table_t *table_of(uintptr_t entry)
{
    return entry & TABLE_TAG ? (codemap_table_t *)(entry - TABLE_TAG) : NULL;
}

static uintptr_t load_entry(const _Atomic uintptr_t *entry)
{
    /* acquire: pairs with enter's and grow_table's release; what it leads to is filled in. */
    return atomic_load_acquire(entry);
}

/* Puts a table where nothing is. Returns the table there now, or NULL: out of memory. */
static codemap_table_t *grow_table(_Atomic uintptr_t *entry)
{
    uintptr_t found = 0;
    void     *memory;

    if (os_map(sizeof(codemap_table_t), &memory))
        return NULL;
    /* release: pairs with load_entry's acquire; publishes a table of zeros. */
    if (atomic_cas_release(entry, &found, (uintptr_t)memory | TABLE_TAG))
        return memory;
    os_unmap(memory, sizeof(codemap_table_t));
    return table_of(load_entry(entry));
}

/* Changes the entries under `range` from `from` to `to`. Returns 0; -ENOMEM, with a part of them changed. */
static int change(codemap_table_t *table, unsigned level, range_t range, uintptr_t from, uintptr_t to)
{
    uintptr_t span = (uintptr_t)1 << level_shift(level);

    for (uintptr_t at = range.start, next; at < range.end; at = next) {
        _Atomic uintptr_t *entry = &table->entries[entry_index(at, level)];
        uintptr_t          found = from;

        next = min_address(align_down(at, span) + span, range.end);
        /* release: pairs with load_entry's acquire; publishes the region. */
        if (next - at == span && atomic_cas_release(entry, &found, to))
            continue;

        codemap_table_t *below = table_of(load_entry(entry));
        if (!below && level && to)
            below = grow_table(entry);
        if (!below && to)
            return -ENOMEM;
        if (below && change(below, level - 1, (range_t){at, next}, from, to))
            return -ENOMEM;
    }
    return 0;
}

int codemap_insert(codemap_t *map, range_t range, void *what)
{
    if (range.end > ADDRESS_END)
        return -ENOMEM;
    int result = change(&map->root, ROOT_LEVEL, range, 0, (uintptr_t)what);
    if (result)
        codemap_remove(map, range, what);
    return result;
}

void codemap_remove(codemap_t *map, range_t range, void *what)
{
    (void)change(&map->root, ROOT_LEVEL, range, (uintptr_t)what, 0);
}

void *codemap_lookup(const codemap_t *map, uintptr_t address)
{
    const codemap_table_t *table = &map->root;
    unsigned               level = ROOT_LEVEL;

    if (address >= ADDRESS_END)
        return NULL;
    for (;;) {
        uintptr_t entry = load_entry(&table->entries[entry_index(address, level)]);
        if (!(entry & TABLE_TAG))
            return (void *)entry;
        table = table_of(entry);
        level--;
    }
}

static void end_tables(codemap_table_t *table)
{
    for (size_t i = 0; i < CODEMAP_ENTRIES; i++) {
        codemap_table_t *below = table_of(load_entry(&table->entries[i]));
        if (below) {
            end_tables(below);
            os_unmap(below, sizeof(*below));
        }
    }
}

void codemap_end(codemap_t *map)
{
    end_tables(&map->root);
}
