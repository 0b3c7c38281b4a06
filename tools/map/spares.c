/* SPDX-License-Identifier: MIT */
#include "spares.h"

#include <errno.h>
#include <string.h>

#include "process.h"

enum { LARGEST_CELL = 4096, MOST_BLOCKS = 1 << 22 };

/* The low half of a slot's word is the span's size. */
static uint64_t sum_of(const places_t *places, const unsigned char *cell)
{
    uint64_t bytes = 0;

    for (uint32_t slot = 0; slot < places->spares_slot_count; slot++) {
        uint64_t word;

        memcpy(&word, cell + places->spares_slots + slot * sizeof(word), sizeof(word));
        bytes += (uint32_t)word;
    }
    return bytes;
}

int spares_sum(const reader_t *reader, uint64_t block, uint64_t *bytes)
{
    const places_t *places = reader->places;
    unsigned char   cell[LARGEST_CELL];

    if (places->cell_size > sizeof(cell) || places->spares_slots + 8 * places->spares_slot_count > places->cell_size)
        return -EIO;
    *bytes = 0;
    for (size_t blocks = 0; block != 0; blocks++) {
        int error = blocks < MOST_BLOCKS ? process_read(reader->process, block, cell, places->cell_size) : -EIO;

        if (error != 0)
            return error;
        *bytes += sum_of(places, cell);
        memcpy(&block, cell + places->spares_next, sizeof(block));
    }
    return 0;
}
