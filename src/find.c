/* SPDX-License-Identifier: MIT
 *
 * A region may be given up, and its cell reused, while it is being read: then its version changes before anything else
 * of it does (S3), and the answer is that no body is there, which was true for a moment.
 */
#include "find.h"

#include <errno.h>

#include "cache.h"
#include "region.h"

/* A region as it was met in the map: a use of its cell. */
typedef struct {
    const region_t *region;
    uint64_t        version;
} region_use_t;

static bool still_there(const void *context)
{
    const region_use_t *sighting = context;

    return slab_version(&sighting->region->cell) == sighting->version;
}

static bool is_code_body(const space_t *space, range_t bounds, uintptr_t address, const void **body)
{
    starts_body_t found;

    if (!starts_find(&space->starts, address, bounds, &found))
        return false;
    *body = (const void *)found.bytes.start;
    return true;
}

static bool is_body(const space_t *space, const region_use_t *sighting, uintptr_t address, const void **body)
{
    const region_t *region = sighting->region;
    range_t         byte = {address, address + 1};
    /* acquire, all: pair with region_start's releases; a word of a later use comes with its version. */
    uintptr_t start = atomic_load_acquire(&region->start);
    uintptr_t cursor = atomic_load_acquire(&region->bump.cursor);
    uintptr_t end = atomic_load_acquire(&region->bump.end);
    /* acquire, all: as above. */
    spare_block_t  *spares = atomic_load_acquire(&region->spares);
    const module_t *module = (const module_t *)atomic_load_acquire(&region->module);
    size_t          place = atomic_load_acquire(&region->cache_place);

    if (!(start <= address && address < min_address(cursor, end)) || !still_there(sighting))
        return false;
    /* acquire: as above. */
    if (atomic_load_acquire(&region->code))
        return is_code_body(space, (range_t){start, end}, address, body);
    *body = NULL;
    /* The place, too, leads somewhere only if it is of this use. */
    return !cache_overlaps(module, place, byte) && !spare_overlaps(spares, byte, still_there, sighting);
}

int find_body(const space_t *space, uintptr_t address, lintel_location_t *location)
{
    const codemap_t *map = &space->map;
    const void      *body;
    const region_t  *region = codemap_lookup(map, address);

    if (!region)
        return -ENOENT;
    region_use_t sighting = {region, slab_version(&region->cell)};
    /* Still in the map: the version is that of the use that has this address. */
    if (codemap_lookup(map, address) != region || !is_body(space, &sighting, address, &body))
        return -ENOENT;

    /* acquire, both: as in is_body. */
    uintptr_t base = atomic_load_acquire(&region->base);
    uint64_t  key = atomic_load_acquire(&region->key);
    if (!still_there(&sighting))
        return -ENOENT;
    *location = (lintel_location_t){.key = key, .base = base, .offset = address - base, .body = body};
    return 0;
}
