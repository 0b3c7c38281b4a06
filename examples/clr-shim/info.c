/* SPDX-License-Identifier: MIT */
#include "info.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "interfaces.h"
#include "modules.h"

struct info {
    delegator_t    delegator; /* first: a face's owner is this */
    face_t        *face;      /* the first, with a reference of our own: a profiler may release once too often */
    clr_unknown_t *version3;  /* the runtime's ICorProfilerInfo3, for GetModuleInfo2 */
    modules_t     *modules;
    atomic_bool    wants_modules;
};

typedef clr_result_t (*get_event_mask_t)(void *self, uint32_t *events);
typedef clr_result_t (*get_event_mask2_t)(void *self, uint32_t *events, uint32_t *high_events);

static delegator_class_t info_class;
static pthread_once_t    once = PTHREAD_ONCE_INIT;

static info_t *info_of(const face_t *self)
{
    return (info_t *)self->owner;
}

/* The runtime checks the arguments, and whether the module may be changed; what it refuses stays refused. */
static clr_result_t get_allocator(face_t *self, clr_module_id_t module, clr_method_malloc_t **allocator)
{
    info_t      *info = info_of(self);
    clr_result_t result = info_table(self->inner)->get_il_function_body_allocator(self->inner, module, allocator);
    if (result >= 0)
        modules_replace(info->modules, info->version3, module, allocator);
    return result;
}

static clr_result_t set_event_mask(face_t *self, uint32_t events)
{
    clr_result_t result = info_table(self->inner)->set_event_mask(self->inner, events | CLR_MONITOR_MODULE_LOADS);
    if (result >= 0)
        atomic_store(&info_of(self)->wants_modules, (events & CLR_MONITOR_MODULE_LOADS) != 0);
    return result;
}

static clr_result_t set_event_mask2(face_t *self, uint32_t events, uint32_t high_events)
{
    clr_result_t result =
        info_table(self->inner)->set_event_mask2(self->inner, events | CLR_MONITOR_MODULE_LOADS, high_events);
    if (result >= 0)
        atomic_store(&info_of(self)->wants_modules, (events & CLR_MONITOR_MODULE_LOADS) != 0);
    return result;
}

static void hide_modules(info_t *info, uint32_t *events)
{
    if (!atomic_load(&info->wants_modules))
        *events &= ~CLR_MONITOR_MODULE_LOADS;
}

static clr_result_t get_event_mask(face_t *self, uint32_t *events)
{
    const clr_slot_t *table = (const void *)self->inner->table;
    clr_result_t      result = ((get_event_mask_t)table[SLOT_GET_EVENT_MASK])(self->inner, events);
    if (result >= 0)
        hide_modules(info_of(self), events);
    return result;
}

static clr_result_t get_event_mask2(face_t *self, uint32_t *events, uint32_t *high_events)
{
    const clr_slot_t *table = (const void *)self->inner->table;
    clr_result_t      result = ((get_event_mask2_t)table[SLOT_GET_EVENT_MASK2])(self->inner, events, high_events);
    if (result >= 0)
        hide_modules(info_of(self), events);
    return result;
}

static bool is_info(const clr_guid_t *id)
{
    return clr_same_guid(id, &clr_unknown_id) || is_among(id, clr_info_id, CLR_INFO_VERSIONS);
}

static void destroyed(delegator_t *delegator)
{
    info_t *info = (info_t *)delegator;
    info->version3->table->release(info->version3);
    free(info);
}

static void init(void)
{
    clr_slot_t *table = info_class.table;
    info_class.wraps = is_info;
    info_class.destroyed = destroyed;
    delegator_class_init(&info_class);
    table[CLR_SLOT(clr_info_table_t, get_il_function_body_allocator)] = (clr_slot_t)get_allocator;
    table[CLR_SLOT(clr_info_table_t, set_event_mask)] = (clr_slot_t)set_event_mask;
    table[CLR_SLOT(clr_info_table_t, set_event_mask2)] = (clr_slot_t)set_event_mask2;
    table[SLOT_GET_EVENT_MASK] = (clr_slot_t)get_event_mask;
    table[SLOT_GET_EVENT_MASK2] = (clr_slot_t)get_event_mask2;
}

/* Store the runtime's ICorProfilerInfo3, the heap, and events of modules switched on. */
static bool prepare(info_t *info, clr_unknown_t *runtime)
{
    void *version3 = NULL;
    if (runtime->table->query_interface(runtime, &clr_info_id[2], &version3) < 0 || !version3) {
        fputs("lintel-clr-shim: the runtime has no ICorProfilerInfo3\n", stderr);
        return false;
    }
    info->version3 = version3;
    info->modules = modules_get();
    if (!info->modules) {
        info->version3->table->release(info->version3);
        return false;
    }
    /* Refused where the profiler may not ask for it: then modules that go are not heard of, and stay. */
    info_table(info->version3)->set_event_mask(info->version3, CLR_MONITOR_MODULE_LOADS);
    return true;
}

info_t *info_create(clr_unknown_t *runtime)
{
    pthread_once(&once, init);
    info_t *info = calloc(1, sizeof(*info));
    if (!info)
        fputs("lintel-clr-shim: out of memory\n", stderr);
    if (!info || !prepare(info, runtime)) {
        free(info);
        return NULL;
    }
    runtime->table->add_ref(runtime);
    info->face = delegator_init(&info->delegator, &info_class, runtime);
    return info;
}

void info_release(info_t *info)
{
    if (info)
        ((clr_unknown_t *)info->face)->table->release(info->face);
}

clr_unknown_t *info_object(info_t *info)
{
    return (clr_unknown_t *)info->face;
}

bool info_wants_modules(info_t *info)
{
    return atomic_load(&info->wants_modules);
}

void info_module_loaded(info_t *info)
{
    modules_loaded(info->modules);
}

void info_module_unloaded(info_t *info, clr_module_id_t module)
{
    modules_unloaded(info->modules, module);
}

void info_report(info_t *info)
{
    modules_report(info->modules);
}
