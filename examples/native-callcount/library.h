/* SPDX-License-Identifier: MIT
 *
 * library: one instrumented image: its functions, a counter for each, and what became of each.
 */
#ifndef NATIVE_CALLCOUNT_LIBRARY_H
#define NATIVE_CALLCOUNT_LIBRARY_H

#include <lintel/lintel.h>

#include "prologue.h"

typedef struct library library_t;

struct library {
    library_t        *next;
    image_t           image;
    functions_t       functions;
    reason_t         *reasons;  /* of each function: REASON_NONE where it is instrumented */
    bool             *parts;    /* of each: it is a part of another function, which nobody calls */
    _Atomic uint64_t *counters; /* of each: calls so far; above the image, within reach of its trampolines */
    uint64_t         *counts;   /* of each: calls up to the moment that was asked for */
    lintel_module_t  *code;
    lintel_module_t  *data;
    const char       *problem; /* why nothing is instrumented, in plain words; NULL if it is */
    double            seconds; /* that instrumenting took */
    _Atomic bool      ready;   /* it is instrumented, and all of the above is there to be read */
};

/* Instruments `library`, whose image is known. */
void library_instrument(library_t *library, lintel_heap_t *heap);

/* Copies the counters into `counts`, or sets them back to what `counts` holds, or to zero. They call nothing. */
void library_take_counts(library_t *library);
void library_put_counts(library_t *library);
void library_clear_counts(library_t *library);

/* How many functions it has, parts left out, and of those, how many are left alone for `reason`. */
size_t library_count(const library_t *library);
size_t library_count_of(const library_t *library, reason_t reason);

#endif
