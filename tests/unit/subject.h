/* SPDX-License-Identifier: MIT
 *
 * subject: a heap and a module above an image in an arena, and the promises that hold for every module.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <lintel/lintel.h>

#include "arena.h"

/* Where subjects' images lie: the arena's first page. Everything above it is taken but for the holes a test makes. */
typedef struct {
    range_t          arena;
    lintel_heap_t   *heap;
    lintel_module_t *module;
} subject_t;

/* For tests that count every byte and watch addresses go: no guards, no quarantine. */
extern const lintel_heap_options_t bare;

/* An arena of `size` bytes, a heap with `options` (may be NULL), and a module as `desc` says above the arena's first
 * page; base and image size are filled in. `desc` may be NULL. */
subject_t subject_open(size_t size, const lintel_heap_options_t *options, const lintel_module_desc_t *desc);

/* Checks the books, then ends the heap and unmaps the arena. */
void subject_end(subject_t *subject);

/* The part of the arena from `offset` on is free from now on. */
void subject_free(const subject_t *subject, size_t offset, size_t size);

/* Hands out `size` bytes of the module in bodies of a page, which come from no thread's chunk. */
void hand_out(lintel_module_t *module, size_t size);

lintel_stats_t stats_of(const lintel_module_t *module);

/* Fails the test unless allocated + spare + lost is what was taken from the regions, to the byte. */
void assert_books_balance(const lintel_module_t *module);

/* Fails the test unless `body` lies whole in [base + from, base + to) and reads as zero; then fills it. */
void assert_fresh_body(const subject_t *subject, void *body, size_t size, size_t from, size_t to);

/* Fails the test unless an allocation of `size` is refused with `error`. */
void assert_refused(lintel_module_t *module, size_t size, int error);

bool all_bytes_are(const void *start, size_t size, unsigned char value);

#endif
