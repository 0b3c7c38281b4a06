/* SPDX-License-Identifier: MIT
 *
 * clone_check: the checks of the clone scenario, once all copies are placed and once their heap is gone.
 */
#ifndef STRESS_CLONE_CHECK_H
#define STRESS_CLONE_CHECK_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "run.h"
#include "subject.h"
#include "verify.h"

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
    size_t         subject_count;
    piece_t       *pieces; /* subject by subject */
    size_t         piece_count;
    uint64_t       bytes; /* in all pieces */
    uint32_t      *order; /* in which the pieces are taken */
    atomic_size_t  next;  /* how many have been */
    body_t        *bodies;
    lintel_heap_t *heap;
} clone_t;

/* Check every copy and the books, and fill in the report. Returns 0 or a negative errno. */
int clone_check_placed(clone_t *clone);

/* Check that nothing of the copies is left. Returns 0 or a negative errno. */
int clone_check_gone(clone_t *clone);

#endif
