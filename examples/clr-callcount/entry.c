/* SPDX-License-Identifier: MIT
 *
 * callcount: a profiler for .NET that counts the calls of every method, exactly, and keeps the methods' new bodies in
 * memory of lintel's. To have it:
 *
 *     CORECLR_ENABLE_PROFILING=1 CORECLR_PROFILER={9B3F6A52-1C0D-4E7B-8E64-2D1A5C7F9E10}
 *     CORECLR_PROFILER_PATH=.../libclr-callcount.so dotnet program.dll
 *
 * entry: how the runtime gets hold of the profiler: a function that gives a factory that gives the profiler.
 */
#include "profiler.h"
#include "say.h"

static const clr_guid_t class_id = {0x9b3f6a52, 0x1c0d, 0x4e7b, {0x8e, 0x64, 0x2d, 0x1a, 0x5c, 0x7f, 0x9e, 0x10}};

#define EXPORT __attribute__((visibility("default")))

EXPORT clr_result_t DllGetClassObject(const clr_guid_t *class, const clr_guid_t *id, void **object);
EXPORT clr_result_t DllCanUnloadNow(void);

static clr_result_t query_interface(void *self, const clr_guid_t *id, void **object)
{
    bool is_known = clr_same_guid(id, &clr_unknown_id) || clr_same_guid(id, &clr_class_factory_id);

    *object = is_known ? self : NULL;
    return is_known ? CLR_OK : CLR_NO_INTERFACE;
}

/* The factory is not freed. */
static uint32_t count_reference(void *self)
{
    (void)self;
    return 1;
}

static clr_result_t create_instance(void *self, void *outer, const clr_guid_t *id, void **object)
{
    clr_callback_t *profiler = profiler_get();

    (void)self;
    *object = NULL;
    return outer ? CLR_NO_AGGREGATION : profiler->table->unknown.query_interface(profiler, id, object);
}

static clr_result_t lock_server(void *self, int32_t lock)
{
    (void)self;
    (void)lock;
    return CLR_OK;
}

static const clr_class_factory_table_t factory_table = {
    {query_interface, count_reference, count_reference}, create_instance, lock_server};

static clr_class_factory_t factory = {&factory_table};

clr_result_t DllGetClassObject(const clr_guid_t *class, const clr_guid_t *id, void **object)
{
    if (!class || !id || !object)
        return CLR_NULL_POINTER;
    *object = NULL;
    if (clr_same_guid(class, &class_id))
        return query_interface(&factory, id, object);
    say("CORECLR_PROFILER names another class than {9B3F6A52-1C0D-4E7B-8E64-2D1A5C7F9E10}: nothing is counted");
    return CLR_CLASS_NOT_AVAILABLE;
}

clr_result_t DllCanUnloadNow(void)
{
    return CLR_FALSE;
}
