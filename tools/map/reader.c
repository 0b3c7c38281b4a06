/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generation.h"
#include "process.h"
#include "spares.h"

enum { MOST_PAGES = 1 << 20 };

int reader_word(const reader_t *reader, uint64_t address, uint64_t *word)
{
    return process_read(reader->process, address, word, sizeof(*word));
}

/* Makes room for one more, by powers of two. */
static unsigned char *next_page(reader_t *reader)
{
    size_t size = reader->places->page_size;

    if ((reader->page_count & (reader->page_count - 1)) == 0) {
        size_t         capacity = reader->page_count > 0 ? 2 * reader->page_count : 1;
        unsigned char *grown = realloc(reader->pages, capacity * size);

        if (grown == NULL)
            return NULL;
        reader->pages = grown;
    }
    return reader->pages + reader->page_count * size;
}

int reader_start(reader_t *reader, pid_t process, const places_t *places)
{
    uint64_t address;
    int      error;

    *reader = (reader_t){.process = process, .places = places};
    error = reader_word(reader, places->pages, &address);
    while (error == 0 && address != 0 && reader->page_count < MOST_PAGES) {
        unsigned char *page = next_page(reader);

        if (page == NULL)
            return -ENOMEM;
        error = process_read(process, address, page, places->page_size);
        memcpy(&address, page + places->page_next, sizeof(address));
        reader->page_count += error == 0;
    }
    return error;
}

void reader_end(reader_t *reader)
{
    free(reader->pages);
    *reader = (reader_t){0};
}

int reader_pool_left(const reader_t *reader, uint64_t heap, uint64_t *left)
{
    const places_t *places = reader->places;
    uint64_t        end;
    uint64_t        cursor;
    uint64_t        spares;
    uint64_t        returned = 0;
    int             error = reader_word(reader, heap + places->heap_pool_end, &end);

    if (error == 0)
        error = reader_word(reader, heap + places->heap_pool_cursor, &cursor);
    if (error == 0)
        error = reader_word(reader, heap + places->heap_pool_spares, &spares);
    if (error == 0)
        error = spares_sum(reader, spares, &returned);
    if (error == 0)
        *left = (cursor < end ? end - cursor : 0) + returned;
    return error;
}
