/* SPDX-License-Identifier: MIT */
#include "outline.h"

#include "cache_page.h"
#include "heaps.h"

/* liburcu's own marks, in the low bits of a node's link. */
#define NODE_REMOVED 1
#define NODE_BUCKET  2
#define NODE_MARKS   7

typedef struct {
    outline_head_t  head;
    outline_place_t places[49];
} outline_t;

extern const outline_t outline;

const outline_t outline
    __attribute__((used, visibility("hidden"))) =
        {
            .head = {OUTLINE_MAGIC,
                     OUTLINE_VERSION,
                     sizeof(outline.places) / sizeof(outline.places[0]),
                     {LINTEL_VERSION_MAJOR, LINTEL_VERSION_MINOR, LINTEL_VERSION_PATCH},
                     &heaps,
                     &cache_page_newest,
                     &registry_departures},
            .places =
                {
                    {"heap.next", offsetof(lintel_heap_t, next)},
                    {"heap.first", offsetof(lintel_heap_t, registry.first)},
                    {"heap.pool_end", offsetof(lintel_heap_t, space.pool.range.end)},
                    {"heap.pool_cursor", offsetof(lintel_heap_t, space.pool.bump.cursor)},
                    {"heap.pool_spares", offsetof(lintel_heap_t, space.pool.returned.anchor)},

                    {"node.next", offsetof(struct cds_lfht_node, next)},
                    {"node.removed", NODE_REMOVED},
                    {"node.bucket", NODE_BUCKET},
                    {"node.marks", NODE_MARKS},

                    {"generation.node", offsetof(lintel_module_t, node)},
                    {"generation.references", offsetof(lintel_module_t, references)},
                    {"generation.module", offsetof(lintel_module_t, module)},
                    {"generation.closed_bit", __builtin_ctzll(REFERENCES_CLOSED)},

                    {"module.size", sizeof(module_t)},
                    {"module.kind", offsetof(module_t, kind)},
                    {"module.base", offsetof(module_t, base)},
                    {"module.key", offsetof(module_t, key)},
                    {"module.window_start", offsetof(module_t, window.start)},
                    {"module.window_end", offsetof(module_t, window.end)},
                    {"module.serial", offsetof(module_t, serial)},
                    {"module.slot", offsetof(module_t, cache_place)},
                    {"module.regions", offsetof(module_t, regions)},
                    {"module.spares", offsetof(module_t, spares.anchor)},
                    {"module.prepared", offsetof(module_t, prepared)},
                    {"module.allocated", offsetof(module_t, books.allocated)},
                    {"module.allocations", offsetof(module_t, books.allocations)},
                    {"module.lost", offsetof(module_t, books.lost)},
                    {"module.failures", offsetof(module_t, books.failures)},
                    {"module.name", offsetof(module_t, name)},

                    {"cell.size", SLAB_CELL_SIZE},
                    {"cell.version", offsetof(slab_cell_t, version)},

                    {"region.next", offsetof(region_t, next)},
                    {"region.start", offsetof(region_t, start)},
                    {"region.end", offsetof(region_t, bump.end)},
                    {"region.cursor", offsetof(region_t, bump.cursor)},
                    {"region.committed", offsetof(region_t, committed)},

                    {"spares.next", offsetof(spare_block_t, next)},
                    {"spares.slots", offsetof(spare_block_t, slots)},
                    {"spares.slot_count", SPARE_SLOTS},

                    {"page.next", offsetof(cache_page_t, next)},
                    {"page.size", sizeof(cache_page_t)},

                    {"slot.module", offsetof(cache_slot_t, module)},
                    {"slot.cursor", offsetof(cache_slot_t, cursor)},
                    {"slot.end", offsetof(cache_slot_t, end)},
                    {"slot.tally", offsetof(cache_slot_t, tally)},
                    {"slot.counted", offsetof(cache_slot_t, counted)},
                    {"slot.flags", SLOT_FLAGS},
                    {"slot.leaving", SLOT_LEAVING},
                    {"slot.tally_bits", __builtin_ctzll(SLOT_TALLY_ONE)},
                },
};

/* How long the owner's name and the distance are, the type (OUTLINE_NOTE); then both. */
__asm__(".pushsection .note.lintel,\"a\",\"note\"\n"
        ".balign 4\n"
        ".long 7, 4, 0x100\n"
        ".asciz \"lintel\"\n"
        ".balign 4\n"
        ".long outline - .\n"
        ".popsection\n");
