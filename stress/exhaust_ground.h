/* SPDX-License-Identifier: MIT
 *
 * exhaust_ground: an image with holes of random sizes above it, from one page to many MiB, between walls that hold
 * somebody's data.
 */
#ifndef STRESS_EXHAUST_GROUND_H
#define STRESS_EXHAUST_GROUND_H

#include "ground.h"
#include "subject.h"
#include "verdict.h"

typedef struct {
    ground_t  ground;
    uintptr_t base;
    uint64_t  reach;
} exhaust_ground_t;

/* Lay it out; the holes are opened later by ground_open. Returns 0 or a negative errno. */
int exhaust_ground_plan(exhaust_ground_t *ground, uint64_t seed);

/* The module above it, whose reach ends in or after the last hole. */
subject_t exhaust_ground_subject(const exhaust_ground_t *ground);

/* Bytes from the image to the end. */
size_t exhaust_ground_size(const exhaust_ground_t *ground);

/* The walls hold what they held. */
void exhaust_ground_check(const exhaust_ground_t *ground, verdict_t *verdict);

void exhaust_ground_end(exhaust_ground_t *ground);

#endif
