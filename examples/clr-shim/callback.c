/* SPDX-License-Identifier: MIT */
#include "callback.h"

#include <stdio.h>
#include <stdlib.h>

#include "info.h"
#include "interfaces.h"

typedef struct {
    delegator_t delegator; /* first: a face's owner is this */
    info_t     *info;      /* NULL before Initialize, and where the shim could not come between */
} callback_t;

typedef clr_result_t (*module_load_started_t)(void *self, clr_module_id_t module);

static delegator_class_t callback_class;
static pthread_once_t    once = PTHREAD_ONCE_INIT;

static info_t *info_of(const face_t *self)
{
    return ((const callback_t *)self->owner)->info;
}

/* What the profiler is given for the runtime's `info`: a wrapped one, or `info` itself if that cannot be had. */
static clr_unknown_t *wrap(const face_t *self, clr_unknown_t *info)
{
    callback_t *callback = (callback_t *)self->owner;
    callback->info = info_create(info);
    if (callback->info)
        return info_object(callback->info);
    fputs("lintel-clr-shim: the profiler runs on the runtime's own allocator\n", stderr);
    return info;
}

static clr_result_t initialize(face_t *self, clr_unknown_t *info)
{
    return callback_table(self)->initialize(self->inner, wrap(self, info));
}

static clr_result_t initialize_for_attach(face_t *self, clr_unknown_t *info, void *data, uint32_t size)
{
    return callback_table(self)->initialize_for_attach(self->inner, wrap(self, info), data, size);
}

static clr_result_t shutdown(face_t *self)
{
    clr_result_t result = callback_table(self)->shutdown(self->inner);
    if (info_of(self))
        info_report(info_of(self));
    return result;
}

/* Whether the profiler itself asked to hear of modules. */
static bool listens(const face_t *self)
{
    return !info_of(self) || info_wants_modules(info_of(self));
}

static clr_result_t module_load_started(face_t *self, clr_module_id_t module)
{
    const clr_slot_t *table = (const void *)self->inner->table;
    return listens(self) ? ((module_load_started_t)table[SLOT_MODULE_LOAD_STARTED])(self->inner, module) : CLR_OK;
}

static clr_result_t module_load_finished(face_t *self, clr_module_id_t module, clr_result_t loaded)
{
    if (info_of(self))
        info_module_loaded(info_of(self));
    return listens(self) ? callback_table(self)->module_load_finished(self->inner, module, loaded) : CLR_OK;
}

static clr_result_t module_unload_started(face_t *self, clr_module_id_t module)
{
    return listens(self) ? callback_table(self)->module_unload_started(self->inner, module) : CLR_OK;
}

static clr_result_t module_unload_finished(face_t *self, clr_module_id_t module, clr_result_t unloaded)
{
    clr_result_t result = listens(self) ? callback_table(self)->module_unload_finished(self->inner, module, unloaded)
                                        : CLR_OK;
    if (info_of(self))
        info_module_unloaded(info_of(self), module);
    return result;
}

static clr_result_t module_attached(face_t *self, clr_module_id_t module, clr_assembly_id_t assembly)
{
    return listens(self) ? callback_table(self)->module_attached_to_assembly(self->inner, module, assembly) : CLR_OK;
}

static bool is_callback(const clr_guid_t *id)
{
    return clr_same_guid(id, &clr_unknown_id) ||
           is_among(id, clr_callback_id, sizeof(clr_callback_id) / sizeof(*clr_callback_id)) ||
           is_among(id, later_callback_id, LATER_CALLBACKS);
}

static void destroyed(delegator_t *delegator)
{
    info_release(((callback_t *)delegator)->info);
    free(delegator);
}

static void init(void)
{
    clr_slot_t *table = callback_class.table;
    callback_class.wraps = is_callback;
    callback_class.destroyed = destroyed;
    delegator_class_init(&callback_class);
    table[CLR_SLOT(clr_callback_table_t, initialize)] = (clr_slot_t)initialize;
    table[CLR_SLOT(clr_callback_table_t, initialize_for_attach)] = (clr_slot_t)initialize_for_attach;
    table[CLR_SLOT(clr_callback_table_t, shutdown)] = (clr_slot_t)shutdown;
    table[SLOT_MODULE_LOAD_STARTED] = (clr_slot_t)module_load_started;
    table[CLR_SLOT(clr_callback_table_t, module_load_finished)] = (clr_slot_t)module_load_finished;
    table[CLR_SLOT(clr_callback_table_t, module_unload_started)] = (clr_slot_t)module_unload_started;
    table[CLR_SLOT(clr_callback_table_t, module_unload_finished)] = (clr_slot_t)module_unload_finished;
    table[CLR_SLOT(clr_callback_table_t, module_attached_to_assembly)] = (clr_slot_t)module_attached;
}

clr_result_t callback_wrap(clr_unknown_t *inner, const clr_guid_t *id, void **object)
{
    pthread_once(&once, init);
    if (!is_callback(id)) {
        *object = inner;
        return CLR_OK;
    }
    callback_t *callback = calloc(1, sizeof(*callback));
    if (!callback) {
        fputs("lintel-clr-shim: out of memory\n", stderr);
        inner->table->release(inner);
        return CLR_OUT_OF_MEMORY;
    }
    *object = delegator_init(&callback->delegator, &callback_class, inner);
    return CLR_OK;
}
