/* SPDX-License-Identifier: MIT
 *
 * clone: what the two halves of the clone scenario share: placing the copies (clone.c), checking them (clone_check.c).
 */
#ifndef STRESS_CLONE_H
#define STRESS_CLONE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "judge.h"

/* One function to copy. */
typedef struct {
    const unsigned char *code;
    size_t               size;
    const subject_t     *owner;
    void                *copy; /* NULL until placed */
} piece_t;

typedef struct {
    run_t         *run;
    subject_t     *subjects; /* by base */
    group_t       *groups;   /* one a subject */
    size_t         subject_count;
    piece_t       *pieces; /* subject by subject */
    body_t        *bodies; /* one a piece */
    size_t         piece_count;
    uint32_t      *order; /* in which the pieces are taken */
    atomic_size_t  next;  /* how many have been */
    lintel_heap_t *heap;
} clone_t;

/* All pieces were placed, in so many seconds. Check every copy and the books, and add to the report; ends some of the
 * modules, but not the heap. Returns 0 or a negative errno. */
int clone_check_placed(clone_t *clone, double seconds);

/* The heap was destroyed. Check that nothing of the copies is left. Returns 0 or a negative errno. */
int clone_check_gone(clone_t *clone);

#endif
