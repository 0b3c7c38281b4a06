/* SPDX-License-Identifier: MIT
 *
 * churn_hand: the references that one thread of the churn scenario holds, and the bodies it has put into those modules.
 */
#ifndef STRESS_CHURN_HAND_H
#define STRESS_CHURN_HAND_H

#include "random.h"
#include "subject.h"
#include "verdict.h"
#include "verify.h"

enum { HAND_MODULES = 8, HAND_BODIES = 8 };

typedef struct {
    uintptr_t start;
    size_t    size;
    uint64_t  tag; /* of its payload */
} held_body_t;

/* One reference, and the bodies made under it. */
typedef struct {
    subject_t   subject;
    held_body_t bodies[HAND_BODIES];
    size_t      count;
} held_t;

typedef struct {
    const lintel_heap_t *heap;
    verdict_t           *verdict;
    random_t            *random;
    held_t               held[HAND_MODULES];
    size_t               count;
    uint64_t             bodies; /* made in all */
    uint64_t             bytes;  /* in them */
} hand_t;

void hand_begin(hand_t *hand, const lintel_heap_t *heap, verdict_t *verdict, random_t *random);

/* Take over the reference in subject->module and put some bodies into it. A full hand lets go of another one first. */
void hand_take(hand_t *hand, const subject_t *subject);

/* Let go of everything. */
void hand_end(hand_t *hand);

#endif
