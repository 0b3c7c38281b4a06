/* SPDX-License-Identifier: MIT
 *
 * code_body: a body of code: a function that tells by what it returns whose it is, and payload behind it.
 */
#ifndef STRESS_CODE_BODY_H
#define STRESS_CODE_BODY_H

#include "verify.h"

/* The smallest body. */
enum { CODE_LEAST = 16 };

/* Allocate it, for its owner and of its size; shorten it to `shorter` bytes unless that is 0; write it and publish it.
 * Returns whether all went well. Any thread. */
bool code_body_make(verdict_t *verdict, body_t *body, size_t shorter);

/* Call it. Any thread. */
void code_body_call(verdict_t *verdict, const body_t *body);

/* The address so many bytes into it leads to it. Any thread. */
void code_body_find(verdict_t *verdict, const lintel_heap_t *heap, const body_t *body, size_t at);

/* It is as it was written, all of it, and found at both ends; what lies behind it is not found in it. */
void code_body_check(verdict_t *verdict, const lintel_heap_t *heap, const body_t *body);

#endif
