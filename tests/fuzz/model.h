/* SPDX-License-Identifier: MIT
 *
 * model: what a heap of modules has handed out, as a sorted list of intervals: simple enough to be right.
 */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "base.h"

enum { MOST_INTERVALS = 512 };

typedef struct {
    range_t       bytes;
    size_t        size; /* asked for; the rest is rounding */
    unsigned      generation;
    unsigned char fill;
} interval_t;

typedef struct {
    interval_t intervals[MOST_INTERVALS]; /* by address, apart */
    unsigned   count;
} model_t;

/* Whether the range meets none of the intervals. */
bool model_is_apart(const model_t *model, range_t bytes);

/* Adds an interval that is apart from all others; the list has room. */
void model_add(model_t *model, interval_t added);

/* The interval that the address lies in, or NULL. */
const interval_t *model_find(const model_t *model, uintptr_t address);

/* Forgets all of a generation. */
void model_forget(model_t *model, unsigned generation);

#endif
