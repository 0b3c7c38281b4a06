/* SPDX-License-Identifier: MIT */
#include "generation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "process.h"
#include "spares.h"

enum { LARGEST_MODULE = 4096, LARGEST_CELL = 4096, LONGEST_NAME = 4096, MOST_REGIONS = 1 << 20 };

static uint64_t word_at(const unsigned char *bytes, uint32_t offset)
{
    uint64_t word;

    memcpy(&word, bytes + offset, sizeof(word));
    return word;
}

static lintel_region_t region_from(const places_t *places, const unsigned char *cell)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t start = word_at(cell, places->region_start);
    uint64_t end = word_at(cell, places->region_end);
    uint64_t cursor = word_at(cell, places->region_cursor);

    return (lintel_region_t){
        .start = start,
        .reserved = ((end + page - 1) & ~(page - 1)) - start,
        .committed = word_at(cell, places->region_committed) - start,
        .used = (cursor < end ? cursor : end) - start,
    };
}

/* Makes room for one more, by powers of two. */
static int add_region(landscape_module_t *module, lintel_region_t region)
{
    size_t count = module->region_count;

    if ((count & (count - 1)) == 0) {
        lintel_region_t *grown = realloc(module->regions, (count > 0 ? 2 * count : 1) * sizeof(*grown));

        if (grown == NULL)
            return -ENOMEM;
        module->regions = grown;
    }
    module->regions[module->region_count++] = region;
    module->stats.regions++;
    module->stats.reserved += region.reserved;
    module->stats.committed += region.committed;
    return 0;
}

static int read_regions(const reader_t *reader, uint64_t region, landscape_module_t *module)
{
    unsigned char cell[LARGEST_CELL];

    while (region != 0) {
        int error = module->region_count < MOST_REGIONS
                        ? process_read(reader->process, region, cell, reader->places->cell_size)
                        : -EIO;

        if (error == 0)
            error = add_region(module, region_from(reader->places, cell));
        if (error != 0)
            return error;
        region = word_at(cell, reader->places->region_next);
    }
    return 0;
}

/* The region that is prepared to follow the newest, unless that is over before it was read: a cell's version tells. */
static int read_prepared(const reader_t *reader, uint64_t place, landscape_module_t *module)
{
    unsigned char cell[LARGEST_CELL];
    uint64_t      region;
    uint64_t      still;
    uint64_t      version;
    int           error = reader_word(reader, place, &region);

    if (error != 0 || region == 0)
        return error;
    error = process_read(reader->process, region, cell, reader->places->cell_size);
    if (error == 0)
        error = reader_word(reader, place, &still);
    if (error == 0)
        error = reader_word(reader, region + reader->places->cell_version, &version);
    if (error != 0 || still != region || version != word_at(cell, reader->places->cell_version))
        return error;
    return add_region(module, region_from(reader->places, cell));
}

/* What threads have of the module, and have handed out of it. */
static void add_chunks(const reader_t *reader, uint64_t address, uint32_t slot_place, lintel_stats_t *stats)
{
    const places_t *places = reader->places;

    for (size_t i = 0; i < reader->page_count; i++) {
        const unsigned char *slot = reader->pages + i * places->page_size + slot_place;
        uint64_t             word = word_at(slot, places->slot_module);
        uint64_t             counted = word_at(slot, places->slot_counted);
        uint64_t             end = word_at(slot, places->slot_end);
        uint64_t             cursor = word_at(slot, places->slot_cursor);
        uint64_t             tally = word_at(slot, places->slot_tally);
        uint64_t             bytes = tally & ((UINT64_C(1) << places->slot_tally_bits) - 1);

        if ((word & ~(uint64_t)places->slot_flags) != address || (word & places->slot_leaving) != 0)
            continue;
        stats->allocated += bytes;
        stats->allocations += tally >> places->slot_tally_bits;
        /* While the chunk is being exchanged, the other words do not belong together. */
        stats->lost += end != 0 && cursor - counted > bytes ? cursor - counted - bytes : 0;
        stats->spare += end > cursor ? end - cursor : 0;
    }
}

static int read_name(const reader_t *reader, uint64_t address, landscape_module_t *module)
{
    char name[LONGEST_NAME];
    int  error = process_read_text(reader->process, address, name, sizeof(name));

    if (error != 0)
        return error;
    module->name = strdup(name);
    return module->name != NULL ? 0 : -ENOMEM;
}

static landscape_module_t module_from(const places_t *places, const unsigned char *bytes)
{
    uint64_t base = word_at(bytes, places->module_base);

    return (landscape_module_t){
        .key = word_at(bytes, places->module_key),
        .serial = word_at(bytes, places->module_serial),
        .base = base,
        .image_size = word_at(bytes, places->module_window_start) - base,
        .reach = word_at(bytes, places->module_window_end) - 1 - base,
        .code = (uint32_t)word_at(bytes, places->module_kind) == LINTEL_CODE,
        .stats = {.modules = 1,
                  .allocated = word_at(bytes, places->module_allocated),
                  .allocations = word_at(bytes, places->module_allocations),
                  .lost = word_at(bytes, places->module_lost),
                  .failures = word_at(bytes, places->module_failures)},
    };
}

static bool fits(const places_t *places)
{
    return places->module_size <= LARGEST_MODULE && places->cell_size <= LARGEST_CELL &&
           places->module_failures < places->module_size && places->region_committed < places->cell_size;
}

/* Reads the module at `address`. Returns as generation_read. */
static int read_module(const reader_t *reader, uint64_t address, landscape_module_t *module)
{
    const places_t *places = reader->places;
    unsigned char   bytes[LARGEST_MODULE];
    uint64_t        spare = 0;
    int             error = process_read(reader->process, address, bytes, places->module_size);
    uint64_t        slot = error == 0 ? word_at(bytes, places->module_slot) : 0;

    if (error != 0)
        return error;
    if (slot > places->page_size - sizeof(uint64_t) * 8)
        return -EIO;
    *module = module_from(places, bytes);
    error = read_name(reader, address + places->module_name, module);
    if (error == 0)
        error = read_regions(reader, word_at(bytes, places->module_regions), module);
    if (error == 0)
        error = read_prepared(reader, address + places->module_prepared, module);
    if (error == 0)
        error = spares_sum(reader, word_at(bytes, places->module_spares), &spare);
    module->stats.spare = spare;
    add_chunks(reader, address, (uint32_t)slot, &module->stats);
    if (error != 0)
        landscape_module_free(module);
    return error;
}

int generation_read(const reader_t *reader, uint64_t address, landscape_module_t *module)
{
    const places_t *places = reader->places;
    uint64_t        references;
    uint64_t        at;
    int             error = fits(places) ? reader_word(reader, address + places->generation_module, &at) : -EIO;

    if (error == 0)
        error = reader_word(reader, address + places->generation_references, &references);
    if (error == 0)
        error = read_module(reader, at, module);
    if (error == 0)
        module->closed = references >> places->generation_closed_bit & 1;
    return error;
}
