/* SPDX-License-Identifier: MIT
 *
 * places: where the lintel of another process keeps what, as its outline (src/outline.h) says.
 */
#ifndef MAP_PLACES_H
#define MAP_PLACES_H

#include <stdint.h>
#include <sys/types.h>

#include "ranges.h"

enum { PLACES_MOST_COPIES = 8 };

typedef struct {
    uint32_t heap_next, heap_first, heap_pool_end, heap_pool_cursor, heap_pool_spares;
    uint32_t node_next, node_removed, node_bucket, node_marks;
    uint32_t generation_node, generation_references, generation_module, generation_closed_bit;
    uint32_t module_size, module_kind, module_base, module_key, module_window_start, module_window_end, module_serial;
    uint32_t module_slot, module_regions, module_spares, module_prepared;
    uint32_t module_allocated, module_allocations, module_lost, module_failures, module_name;
    uint32_t cell_size, cell_version;
    uint32_t region_next, region_start, region_end, region_cursor, region_committed;
    uint32_t spares_next, spares_slots, spares_slot_count;
    uint32_t page_next, page_size;
    uint32_t slot_module, slot_cursor, slot_end, slot_tally, slot_counted, slot_flags, slot_leaving, slot_tally_bits;

    uint64_t heaps; /* addresses of words */
    uint64_t pages;
    uint64_t departures;
    uint32_t library[3]; /* its version */
    uint32_t version;    /* of the outline */
} places_t;

/* Find the lintels in a process; `files` are where files are mapped from their start. Usually there is one, and more
 * where several libraries have their own inside. Stores at most PLACES_MOST_COPIES. Returns how many; -ENOENT (there
 * is none); -EPROTO (there are none but such as this program cannot read: places[0] has its versions); or as
 * process_read. */
int places_find(pid_t process, const ranges_t *files, places_t places[PLACES_MOST_COPIES]);

#endif
