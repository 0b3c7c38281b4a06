/* SPDX-License-Identifier: MIT
 *
 * fuzz: what each target is: one function over one input, which ends the process when a promise is broken. libFuzzer
 * calls it, or replay.c with the inputs that are kept.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process unless the promise is kept. */
void expect(bool kept, const char *promise);

/* An input as it is used up; nothing but zeros behind its end. */
typedef struct {
    const uint8_t *next;
    const uint8_t *end;
} input_t;

input_t input_of(const uint8_t *data, size_t size);
bool    input_is_empty(const input_t *input);
uint8_t input_byte(input_t *input);

/* From one byte, in [0, limit). */
unsigned input_below(input_t *input, unsigned limit);

#endif
