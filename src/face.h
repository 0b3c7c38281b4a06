/* SPDX-License-Identifier: MIT
 *
 * face: an object that clients call in a module's place. They count themselves, and may hold it for longer than the
 * module is there, without holding the module.
 *
 *   F1  holders counts the clients, and has FACE_OF_MODULE while the module is there. Whoever takes the last of both
 *       away frees the face: while the module is there, a face is never freed
 *   F2  module becomes NULL before the module's grace period begins: who finds it inside a read-side critical section
 *       can use it until the section ends
 *   F3  a face that has no client goes to the module's next one
 */
#ifndef LINTEL_FACE_H
#define LINTEL_FACE_H

#include <lintel/lintel.h>

#include "atomic.h"
#include "base.h"

#define FACE_OF_MODULE (UINT64_C(1) << 63)

typedef struct face face_t;

struct face {
    const void *functions; /* the table that clients call by; constant */
    face_t     *next;      /* constant */

    _Atomic(lintel_module_t *) module;  /* F2 */
    _Atomic uint64_t           holders; /* F1 */
};

/* A face of `module`, whose faces are listed at `faces`, counted once; NULL if there is no memory. The caller holds a
 * reference to the module. May block. */
face_t *face_get(_Atomic(face_t *) *faces, lintel_module_t *module, const void *functions);

/* Count a client, or one less, but never below none. Return the clients there are now. Wait-free; lock-free. */
uint32_t face_add(face_t *face);
uint32_t face_remove(face_t *face);

/* The module, to be used until face_leave, which must follow; NULL if it is gone. Wait-free after a thread's first
 * call. */
lintel_module_t *face_enter(face_t *face);
void             face_leave(void);

/* Part the faces from a module that nobody references any more; nobody enters it from now on. */
void faces_part(_Atomic(face_t *) *faces);

/* A grace period later: let go of the faces. */
void faces_end(_Atomic(face_t *) *faces);

#endif
