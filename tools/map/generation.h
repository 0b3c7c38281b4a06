/* SPDX-License-Identifier: MIT
 *
 * generation: one module as its process's memory has it, with the figures that lintel_module_stats would give.
 */
#ifndef MAP_GENERATION_H
#define MAP_GENERATION_H

#include "landscape.h"
#include "places.h"

/* What is read from, and the pages of its threads as they were at the start. */
typedef struct {
    pid_t           process;
    const places_t *places;
    unsigned char  *pages; /* one after the other */
    size_t          page_count;
} reader_t;

/* Returns 0; -ENOMEM; or as process_read. To be ended either way. */
int  reader_start(reader_t *reader, pid_t process, const places_t *places);
void reader_end(reader_t *reader);

/* Read one 64-bit word. Returns as process_read. */
int reader_word(const reader_t *reader, uint64_t address, uint64_t *word);

/* What is left of a heap's early pool. Returns as process_read. */
int reader_pool_left(const reader_t *reader, uint64_t heap, uint64_t *left);

/* Read the generation at `address`. Returns 0; -EIO (what is there makes no sense: it is gone by now); -ENOMEM; or as
 * process_read. */
int generation_read(const reader_t *reader, uint64_t address, landscape_module_t *module);

#endif
