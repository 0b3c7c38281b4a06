/* SPDX-License-Identifier: MIT */
#include "print.h"

#include <errno.h>
#include <stdlib.h>

#include "meta.h"

#define FIGURE(field) offsetof(lintel_stats_t, field)

const print_figure_t print_figures[] = {
    {"regions", "lintel_regions", "", "Contiguous ranges of address space.", FIGURE(regions)},
    {"reserved", "lintel_reserved_bytes", "bytes", "Address space held.", FIGURE(reserved)},
    {"committed", "lintel_committed_bytes", "bytes", "Readable and writable memory.", FIGURE(committed)},
    {"allocated", "lintel_allocated_bytes", "bytes", "Bytes asked for by callers.", FIGURE(allocated)},
    {"allocations", "lintel_allocations", "", "Bodies handed out.", FIGURE(allocations)},
    {"spare", "lintel_spare_bytes", "bytes", "Bytes set aside for later calls.", FIGURE(spare)},
    {"lost", "lintel_lost_bytes", "bytes", "Bytes that no caller will get.", FIGURE(lost)},
    {"failures", "lintel_failures", "", "Allocations that were refused.", FIGURE(failures)},
};
const size_t print_figure_count = sizeof(print_figures) / sizeof(print_figures[0]);

uint64_t print_figure(const lintel_stats_t *stats, const print_figure_t *figure)
{
    return *(const uint64_t *)(const void *)((const char *)stats + figure->offset);
}

/* What the second byte may be, given the first: the shortest form only, no surrogates, nothing beyond U+10FFFF. */
static bool is_second(unsigned char first, unsigned char second)
{
    unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

    return low <= second && second <= high;
}

unsigned print_utf8_length(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned             length = bytes[0] < 0x80                        ? 1
                                  : bytes[0] >= 0xc2 && bytes[0] <= 0xdf ? 2
                                  : bytes[0] >= 0xe0 && bytes[0] <= 0xef ? 3
                                  : bytes[0] >= 0xf0 && bytes[0] <= 0xf4 ? 4
                                                                         : 0;

    if (length > 1 && !is_second(bytes[0], bytes[1]))
        return 0;
    for (unsigned i = 2; i < length; i++)
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* A table being filled in a visit, which must not block. */
typedef struct {
    print_table_t table;
    size_t        capacity;
    bool          overflow;
} collection_t;

static void collect(lintel_module_t *module, void *context)
{
    collection_t *collection = context;

    if (collection->table.count == collection->capacity) {
        collection->overflow = true;
        return;
    }
    if (registry_reference(module))
        collection->table.rows[collection->table.count++].module = module;
}

static void drop_rows(registry_t *registry, print_table_t *table)
{
    for (size_t i = 0; i < table->count; i++)
        registry_release(registry, table->rows[i].module);
    meta_free(table->rows);
}

static int by_base(const void *a, const void *b)
{
    const lintel_module_t *left = ((const print_row_t *)a)->module;
    const lintel_module_t *right = ((const print_row_t *)b)->module;

    if (left->module->base != right->module->base)
        return left->module->base < right->module->base ? -1 : 1;
    return left->module->serial < right->module->serial ? -1 : left->module->serial > right->module->serial;
}

/* References all modules. Returns 0; -ENOMEM. */
static int collect_modules(registry_t *registry, print_table_t *table)
{
    for (;;) {
        /* relaxed: a guess; if it is too low, the next one is better. */
        size_t       capacity = atomic_load_relaxed(&registry->count) + 16;
        collection_t collection = {.capacity = capacity};

        collection.table.rows = meta_allocate(capacity * sizeof(print_row_t));
        if (!collection.table.rows)
            return -ENOMEM;
        registry_visit(registry, collect, &collection);
        *table = collection.table;
        if (!collection.overflow)
            return 0;
        drop_rows(registry, table);
    }
}

static void fill_rows(const lintel_heap_t *heap, print_table_t *table)
{
    table->total = stats_of_heap(heap);
    for (size_t i = 0; i < table->count; i++) {
        print_row_t *row = &table->rows[i];
        row->stats = stats_of_module(row->module->module);
        row->open = registry_is_open(row->module);
    }
    qsort(table->rows, table->count, sizeof(*table->rows), by_base);
}

int print_heap(const lintel_heap_t *heap, FILE *out, lintel_format_t format)
{
    static void (*const printers[])(const print_table_t *table, FILE *out) = {
        [LINTEL_TEXT] = print_text, [LINTEL_JSON] = print_json, [LINTEL_OPENMETRICS] = print_openmetrics};
    /* References are taken and given back; what the heap means to its owner stays as it is. */
    registry_t   *registry = (registry_t *)(uintptr_t)&heap->registry;
    print_table_t table;
    int           result = collect_modules(registry, &table);

    if (result)
        return result;
    fill_rows(heap, &table);
    printers[format](&table, out);
    drop_rows(registry, &table);
    return ferror(out) || fflush(out) ? -EIO : 0;
}
