/* SPDX-License-Identifier: MIT
 *
 * functions: where an image's functions begin and end, and what they are called. Ranges come from the frame
 * descriptions in .eh_frame, which a stripped library has too; names from the symbol tables, those of a separate debug
 * file included, where there is one.
 */
#ifndef NATIVE_CALLCOUNT_FUNCTIONS_H
#define NATIVE_CALLCOUNT_FUNCTIONS_H

#include <libelf.h>

#include "image.h"

typedef struct {
    const char *name; /* NULL: no symbol names it */
    uintptr_t   start;
    uintptr_t   end;
    bool        described; /* has a frame description that starts here */
    bool        fresh;     /* ... which says that only the return address is on the stack there, as at a call */
    bool        signal;    /* ... which says that the kernel enters it */
    bool        resolver;  /* of an indirect function */
    bool        inside;    /* begins amid another's range: a second way in */
} function_t;

typedef struct {
    function_t *entries; /* by start, each start once */
    size_t      count;
    size_t      capacity;
} functions_t;

/* Returns NULL, or in plain words why there are none. Give the list back with functions_free either way. */
const char *functions_read(const image_t *image, functions_t *functions);

void functions_free(functions_t *functions);

/* Adds one. Returns false when memory is short. For frames and symbols. */
bool functions_add(functions_t *functions, const function_t *function);

/* Add the functions that .eh_frame describes, and those that symbol tables name; false when memory is short. */
bool frames_read(Elf *elf, const image_t *image, functions_t *functions);
bool symbols_read(Elf *elf, const image_t *image, functions_t *functions);

#endif
