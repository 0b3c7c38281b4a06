/* SPDX-License-Identifier: MIT
 *
 * factory: the door that the runtime comes in by. The inner profiler's class factory, save that what it makes is
 * wrapped.
 */
#include <stdio.h>
#include <stdlib.h>

#include "callback.h"
#include "delegator.h"
#include "inner.h"

#define EXPORTED __attribute__((visibility("default")))

/* What a profiler's library exports; the names are COM's. */
EXPORTED clr_result_t DllGetClassObject(const clr_guid_t *class, const clr_guid_t *interface, void **object);
EXPORTED clr_result_t DllCanUnloadNow(void);

static delegator_class_t factory_class;
static pthread_once_t    once = PTHREAD_ONCE_INIT;

static bool is_factory(const clr_guid_t *id)
{
    return clr_same_guid(id, &clr_unknown_id) || clr_same_guid(id, &clr_class_factory_id);
}

static clr_result_t create_instance(face_t *self, void *outer, const clr_guid_t *id, void **object)
{
    const clr_class_factory_table_t *factory = (const void *)self->inner->table;
    void                            *inner = NULL;

    if (!object)
        return CLR_NULL_POINTER;
    *object = NULL;
    clr_result_t result = factory->create_instance(self->inner, outer, id, &inner);
    return result < 0 || !inner ? result : callback_wrap(inner, id, object);
}

static void destroyed(delegator_t *factory)
{
    free(factory);
}

static void init(void)
{
    factory_class.wraps = is_factory;
    factory_class.destroyed = destroyed;
    delegator_class_init(&factory_class);
    factory_class.table[CLR_SLOT(clr_class_factory_table_t, create_instance)] = (clr_slot_t)create_instance;
}

clr_result_t DllGetClassObject(const clr_guid_t *class, const clr_guid_t *interface, void **object)
{
    void *inner = NULL;

    if (!object)
        return CLR_NULL_POINTER;
    *object = NULL;
    clr_result_t result = inner_class_object(class, interface, &inner);
    if (result < 0)
        return result;
    pthread_once(&once, init);
    delegator_t *factory = calloc(1, sizeof(*factory));
    if (!factory) {
        fputs("lintel-clr-shim: out of memory\n", stderr);
        ((clr_unknown_t *)inner)->table->release(inner);
        return CLR_OUT_OF_MEMORY;
    }
    *object = delegator_init(factory, &factory_class, inner);
    return CLR_OK;
}

/* Never: the runtime's methods go on using bodies that the shim's allocator gave. */
clr_result_t DllCanUnloadNow(void)
{
    return CLR_FALSE;
}
