/* SPDX-License-Identifier: MIT */
#include "face.h"

#include <urcu/urcu-bp.h>

#include "meta.h"
#include "rcu.h"

/* Faces without a client are among the newest: those that are held for long need not be gone over each time. */
#define MOST_LOOKED_AT 8

static face_t *reuse(_Atomic(face_t *) *faces, const void *functions)
{
    /* acquire: pairs with enlist's release; the face is filled in, and those behind it. */
    face_t *face = atomic_load_acquire(faces);

    for (unsigned seen = 0; face && seen < MOST_LOOKED_AT; seen++, face = face->next) {
        uint64_t idle = FACE_OF_MODULE;
        /* acquire: pairs with face_remove's acq_rel; the clients before are done with it. */
        if (face->functions == functions && atomic_cas_acquire(&face->holders, &idle, FACE_OF_MODULE + 1))
            return face;
    }
    return NULL;
}

static void enlist(_Atomic(face_t *) *faces, face_t *face)
{
    /* acquire: pairs with the same CAS's release in another thread; the face to be behind this one is filled in. */
    face->next = atomic_load_acquire(faces);
    /* acq_rel: pairs with reuse's acquire, and itself; publishes the face. Who lists one has a reference to the module,
     * so that faces_part comes later. */
    while (!atomic_cas_acq_rel(faces, &face->next, face))
        ;
}

face_t *face_get(_Atomic(face_t *) *faces, lintel_module_t *module, const void *functions)
{
    face_t *face = reuse(faces, functions);

    if (face)
        return face;
    face = meta_allocate(sizeof(*face));
    if (!face)
        return NULL;
    face->functions = functions;
    /* relaxed: published by enlist. */
    atomic_store_relaxed(&face->module, module);
    /* relaxed: as above. */
    atomic_store_relaxed(&face->holders, FACE_OF_MODULE + 1);
    enlist(faces, face);
    return face;
}

uint32_t face_add(face_t *face)
{
    /* relaxed: the caller is a client already, or the module is there: nobody frees it meanwhile (F1). */
    return (uint32_t)atomic_fetch_add_relaxed(&face->holders, 1) + 1;
}

uint32_t face_remove(face_t *face)
{
    uint64_t left;
    /* relaxed: the CAS decides. */
    uint64_t found = atomic_load_relaxed(&face->holders);

    do {
        if (!(found & ~FACE_OF_MODULE))
            return 0;
        left = found - 1;
        /* acq_rel: pairs with itself, reuse and faces_end; the last one sees what all the others did (F1). */
    } while (!atomic_cas_acq_rel(&face->holders, &found, left));
    if (!left)
        meta_free(face);
    return (uint32_t)left;
}

lintel_module_t *face_enter(face_t *face)
{
    urcu_bp_read_lock();
    /* relaxed: the client has the face from one who had the module; its memory stays to the section's end (F2). */
    return atomic_load_relaxed(&face->module);
}

void face_leave(void)
{
    rcu_edge_leave();
    urcu_bp_read_unlock();
}

void faces_part(_Atomic(face_t *) *faces)
{
    /* relaxed: the caller has seen the last reference go, and with it what its holders did. */
    for (face_t *face = atomic_load_relaxed(faces); face; face = face->next)
        /* relaxed: who finds the former value is waited for by the grace period (F2). */
        atomic_store_relaxed(&face->module, NULL);
}

void faces_end(_Atomic(face_t *) *faces)
{
    /* relaxed: nobody else uses the list any more. */
    for (face_t *face = atomic_load_relaxed(faces), *next; face; face = next) {
        next = face->next;
        /* acq_rel: pairs with face_remove's; whoever is last sees what the others did (F1). */
        if (atomic_fetch_sub_acq_rel(&face->holders, FACE_OF_MODULE) == FACE_OF_MODULE)
            meta_free(face);
    }
}
