/* SPDX-License-Identifier: MIT
 *
 * calls: the calls that are stopped at one instruction after another, and the scene in which they are made.
 */
#ifndef STRESS_CALLS_H
#define STRESS_CALLS_H

#include <stdbool.h>

#include "ground.h"
#include "subject.h"

/* Within reach of the narrow module, the image included; and a body that has no room there, beside the one there is. */
enum { NARROW_PAGES = 16, TOO_MANY_PAGES = NARROW_PAGES - 1 };

/* A heap with modules in different states; each call finds it as it was at the start. */
typedef struct {
    ground_t       ground;
    lintel_heap_t *heap;
    subject_t      small;  /* has handed out nothing, and grows a page at a time */
    subject_t      large;  /* has earned chunks, and has one region with room */
    subject_t      narrow; /* has little within reach, and one body */
    subject_t      own;    /* not open: what callers open by keys of their own */
    size_t         page;
} scene_t;

/* One thread with a call to make. */
typedef struct {
    const scene_t   *scene;
    const subject_t *subject;
    size_t           size;   /* what it asks for, or gives back */
    uint64_t         own;    /* a key of its own */
    char            *body;   /* what it had before */
    char            *result; /* what it got */
    size_t           freed;
    int              error;
} caller_t;

/* What is special about a call. */
enum {
    CALL_MAY_BLOCK = 1,
    CALL_ENDS_THREAD = 2,
    CALL_READS_RCU = 4 /* inside a read-side critical section, in which nobody may fork */
};

typedef struct {
    const char *key;   /* in JSON */
    const char *label; /* for people */
    unsigned    nature;
    bool (*prepare)(caller_t *caller);
    void (*make)(caller_t *caller);
    bool (*check)(const caller_t *caller);
} call_t;

extern const call_t calls[];
extern const size_t call_count;

/* Lay out where the modules lie, once. Returns 0 or a negative errno. */
int scene_prepare(scene_t *scene);

/* Make the heap and its modules. Returns 0 or a negative errno. */
int scene_open(scene_t *scene);

/* Whether the modules' books add up. No call may be in flight. */
bool scene_adds_up(const scene_t *scene);

/* End the heap. Returns whether the books of its modules added up before. No call may be in flight. */
bool scene_close(scene_t *scene);

/* Whether the bytes are a fresh body of the subject, as far as lintel itself says: zero at both ends, and found. */
bool scene_is_fresh(const scene_t *scene, const subject_t *subject, const char *body, size_t size);

#endif
