/* SPDX-License-Identifier: MIT */
#include "delegator.h"

/* NULL if there is no more room. The caller holds the lock. */
static face_t *add_face(delegator_t *delegator, clr_unknown_t *inner)
{
    if (delegator->count == DELEGATOR_FACES)
        return NULL;
    face_t *face = &delegator->faces[delegator->count++];
    *face = (face_t){.table = delegator->class->table, .inner = inner, .owner = delegator};
    return face;
}

/* The caller holds the lock. */
static face_t *find_face(delegator_t *delegator, const clr_unknown_t *inner)
{
    for (size_t i = 0; i < delegator->count; i++)
        if (delegator->faces[i].inner == inner)
            return &delegator->faces[i];
    return NULL;
}

/* The face for a pointer that the inner object gave for the interface `id`, with a reference more; NULL if it is to be
 * handed out as it is. An interface that is not known gets a face too where its pointer is a known one's: one pointer
 * has one table, and every slot of it is passed on. */
static face_t *face_for(delegator_t *delegator, const clr_guid_t *id, clr_unknown_t *inner)
{
    pthread_mutex_lock(&delegator->lock);
    face_t *face = find_face(delegator, inner);
    if (!face && delegator->class->wraps(id))
        face = add_face(delegator, inner);
    if (face)
        delegator->references++;
    pthread_mutex_unlock(&delegator->lock);
    return face;
}

static clr_result_t query_interface(face_t *self, const clr_guid_t *id, void **object)
{
    if (!object)
        return CLR_NULL_POINTER;

    *object = NULL;
    void        *inner = NULL;
    clr_result_t result = self->inner->table->query_interface(self->inner, id, &inner);
    if (result < 0 || !inner)
        return result;
    face_t *face = face_for(self->owner, id, inner);
    *object = face ? (void *)face : inner;
    return result;
}

static uint32_t add_ref(face_t *self)
{
    delegator_t *delegator = self->owner;
    self->inner->table->add_ref(self->inner);
    pthread_mutex_lock(&delegator->lock);
    uint32_t references = ++delegator->references;
    pthread_mutex_unlock(&delegator->lock);
    return references;
}

static uint32_t release(face_t *self)
{
    delegator_t *delegator = self->owner;
    self->inner->table->release(self->inner);
    pthread_mutex_lock(&delegator->lock);
    uint32_t references = --delegator->references;
    pthread_mutex_unlock(&delegator->lock);
    if (references == 0)
        delegator->class->destroyed(delegator);
    return references;
}

void delegator_class_init(delegator_class_t *class)
{
    memcpy(class->table, forward_table, sizeof(class->table));
    class->table[CLR_SLOT(clr_unknown_table_t, query_interface)] = (clr_slot_t)query_interface;
    class->table[CLR_SLOT(clr_unknown_table_t, add_ref)] = (clr_slot_t)add_ref;
    class->table[CLR_SLOT(clr_unknown_table_t, release)] = (clr_slot_t)release;
}

face_t *delegator_init(delegator_t *delegator, const delegator_class_t *class, clr_unknown_t *inner)
{
    delegator->class = class;
    delegator->references = 1;
    pthread_mutex_init(&delegator->lock, NULL);
    return add_face(delegator, inner);
}
