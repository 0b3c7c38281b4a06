/* SPDX-License-Identifier: MIT
 *
 * verify: the promises that concern single bodies and pairs of them. What is broken goes to the verdict.
 */
#ifndef STRESS_VERIFY_H
#define STRESS_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ranges.h"
#include "subject.h"
#include "verdict.h"

/* Memory handed out by lintel. */
typedef struct {
    uintptr_t        start;
    size_t           size;
    const subject_t *owner;
} body_t;

/* A body just handed out: whole above the image and within reach, aligned, all zero. False if not. Any thread. */
bool verify_fresh(verdict_t *verdict, const subject_t *subject, const void *start, size_t size, size_t align);

/* The library's own answers about a body: lintel_find for its first and last byte, lintel_offset, lintel_writable,
 * lintel_publish. Any thread. */
void verify_answers(verdict_t *verdict, const lintel_heap_t *heap, const body_t *body);

/* Every body holds the payload whose tag is its address. */
void verify_intact(verdict_t *verdict, const body_t *bodies, size_t count);

/* No two bodies overlap. Sorts them by address. */
void verify_apart(verdict_t *verdict, body_t *bodies, size_t count);

/* No body overlaps what is not lintel's. `occupied` is joined. */
void verify_clear(verdict_t *verdict, const body_t *bodies, size_t count, const ranges_t *occupied);

#endif
