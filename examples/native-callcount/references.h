/* SPDX-License-Identifier: MIT
 *
 * references: for every byte of an image's text, how the image's own instructions and data lead there. It is what
 * tells whether the first bytes of a function may be overwritten: nothing may arrive amid them.
 */
#ifndef NATIVE_CALLCOUNT_REFERENCES_H
#define NATIVE_CALLCOUNT_REFERENCES_H

#include "functions.h"

enum {
    REFERENCE_CALL = 1,    /* a call's target */
    REFERENCE_ADDRESS = 2, /* its address is taken: by an instruction, or by data */
    REFERENCE_JUMP = 4,    /* a jump's target */
    REFERENCE_BRANCH = 8,  /* a conditional jump's target, from outside the function */
    REFERENCE_LOOP = 16,   /* a jump's target, from the function that begins there */
    REFERENCE_TABLE = 32   /* what may be a jump table has it */
};

typedef struct {
    range_t  text;
    uint8_t *marks;
} references_t;

/* Reads the whole text of the image. Returns NULL, or in plain words why it could not. */
const char *references_read(const image_t *image, const functions_t *functions, references_t *references);

void references_free(references_t *references);

/* How `address` is referred to: the constants above, added up; 0 outside the text. */
unsigned references_at(const references_t *references, uintptr_t address);

#endif
