/* SPDX-License-Identifier: MIT
 *
 * progress: shows on stderr how far a run is: a bar on a terminal, else a plain line now and then.
 */
#ifndef STRESS_PROGRESS_H
#define STRESS_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROGRESS_SAMPLES = 512 };

/* How much was done when. */
typedef struct {
    double   seconds;
    uint64_t done;
} progress_sample_t;

typedef struct {
    const char      *label;   /* what is being done */
    const char      *unit;    /* what is counted */
    double           seconds; /* how long it is to take */
    uint64_t         least;   /* what is to be done at least, however long it takes */
    double           started;
    double           drawn;
    bool             terminal;
    bool             unicode;
    _Atomic uint64_t done;

    progress_sample_t samples[PROGRESS_SAMPLES]; /* at intervals that double once there are too many */
    size_t            sample_count;
    double            interval;
} progress_t;

void progress_begin(progress_t *progress, const char *label, const char *unit, double seconds, uint64_t least);

/* Any thread: `count` more are done. */
void progress_add(progress_t *progress, uint64_t count);

/* Show how far it is, if it is time to. One thread at a time. */
void progress_draw(progress_t *progress);

/* Leave the line clean. */
void progress_end(progress_t *progress);

/* True once the time is up. Any thread. */
bool progress_time_is_up(const progress_t *progress);

#endif
