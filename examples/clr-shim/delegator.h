/* SPDX-License-Identifier: MIT
 *
 * delegator: stands before an object of somebody else's, passes every call on to it, save for the slots that its
 * maker answers itself, and keeps COM's rules of identity: whichever way one asks it for an interface, one gets the
 * delegator's, and always the same one.
 *
 *   D1  one face for each interface pointer of the inner object, from the first time that it gave that pointer
 *   D2  a caller's reference to a face is one reference to the face's inner pointer
 */
#ifndef CLR_SHIM_DELEGATOR_H
#define CLR_SHIM_DELEGATOR_H

#include <pthread.h>

#include "forward.h"

/* Enough for an object that gives a pointer of its own for each version of an interface. */
#define DELEGATOR_FACES 32

typedef struct delegator delegator_t;

/* What callers take for the inner object's interface. */
typedef struct {
    const clr_slot_t *table;
    clr_unknown_t    *inner; /* the second word, as forward_table expects */
    delegator_t      *owner;
} face_t;

/* What all delegators of one class have in common. `table` is forward_table with the class's own answers put in. */
typedef struct {
    clr_slot_t table[FORWARD_SLOTS];
    bool (*wraps)(const clr_guid_t *id);       /* whether an interface is one of those that the table fits */
    void (*destroyed)(delegator_t *delegator); /* after the last reference: frees it */
} delegator_class_t;

struct delegator {
    const delegator_class_t *class;
    pthread_mutex_t lock; /* over what follows */
    uint32_t        references;
    size_t          count;
    face_t          faces[DELEGATOR_FACES];
};

/* Make `class`'s table: everything is passed on but QueryInterface, AddRef and Release. */
void delegator_class_init(delegator_class_t *class);

/* Give `delegator`, which is all zero, its first face, for `inner`, whose one reference of the caller's it takes over.
 * Returns the face, with one reference. */
face_t *delegator_init(delegator_t *delegator, const delegator_class_t *class, clr_unknown_t *inner);

#endif
