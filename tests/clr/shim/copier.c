/* SPDX-License-Identifier: MIT
 *
 * copier: a profiler that knows nothing of lintel. It gives every method that is compiled a copy of its body, in memory
 * from the runtime's allocator for the method's module, and where a method is called Answer the constant 42 becomes 43.
 * COPIER_REPORT names the file for what it did: a line for each body, "MODULE BASE BODY SIZE", and at shutdown one
 * that begins with "end": how many events of modules it heard, which it did not ask for, and whether it is shown the
 * event mask that it set.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../../examples/clr-common/metadata.h"
#include "../../../examples/clr-common/profiling.h"

#define EVENTS      (CLR_MONITOR_JIT_COMPILATION | CLR_DISABLE_PRECOMPILED_IMAGES)
#define NAME_SIZE   512
#define GET_EVENTS2 81 /* GetEventMask2's slot */

typedef clr_result_t (*get_event_mask2_t)(void *self, uint32_t *events, uint32_t *high_events);

static clr_info_t *info;
static FILE       *report;
static atomic_uint module_events;

static bool is_answer(clr_module_id_t module, clr_token_t method)
{
    void    *import = NULL;
    char16_t name[NAME_SIZE] = {0};
    uint32_t unused[6];

    if (info->table->get_module_metadata(info, module, CLR_OPEN_READ, &clr_metadata_import_id, &import) != CLR_OK)
        return false;
    const uint8_t               *signature;
    const clr_metadata_import_t *metadata = import;
    metadata->table->get_method_props(import, method, &unused[0], name, NAME_SIZE, &unused[1], &unused[2], &signature,
                                      &unused[3], &unused[4], &unused[5]);
    metadata->table->unknown.release(import);
    return memcmp(name, u"Answer", sizeof(u"Answer")) == 0;
}

/* ldc.i4.s 42 becomes ldc.i4.s 43. */
static void change_answer(uint8_t *body, uint32_t size)
{
    for (uint32_t i = 0; i + 1 < size; i++)
        if (body[i] == 0x1f && body[i + 1] == 42)
            body[i + 1] = 43;
}

static void tell(clr_module_id_t module, const void *body, uint32_t size)
{
    const uint8_t    *base = NULL;
    char16_t          path[NAME_SIZE] = {0};
    char              name[NAME_SIZE] = {0};
    uint32_t          length;
    clr_assembly_id_t assembly;

    info->table->get_module_info(info, module, &base, NAME_SIZE, &length, path, &assembly);
    size_t start = 0;
    for (size_t i = 0; i < NAME_SIZE - 1 && path[i]; i++) {
        name[i] = (char)path[i];
        if (name[i] == '/')
            start = i + 1;
    }
    fprintf(report, "%s %p %p %u\n", name + start, (const void *)base, body, size);
}

static void *copy(clr_module_id_t module, clr_token_t method, const uint8_t *body, uint32_t size)
{
    clr_method_malloc_t *allocator = NULL;
    if (info->table->get_il_function_body_allocator(info, module, &allocator) != CLR_OK)
        return NULL;
    void *copied = allocator->table->alloc(allocator, size);
    allocator->table->unknown.release(allocator);
    if (!copied)
        return NULL;
    memcpy(copied, body, size);
    if (is_answer(module, method))
        change_answer(copied, size);
    return copied;
}

static clr_result_t jit_compilation_started(void *self, clr_function_id_t function, int32_t safe_to_block)
{
    clr_class_id_t  type;
    clr_module_id_t module;
    clr_token_t     method;
    const uint8_t  *body;
    uint32_t        size;
    (void)self, (void)safe_to_block;

    if (info->table->get_function_info(info, function, &type, &module, &method) != CLR_OK ||
        info->table->get_il_function_body(info, module, method, &body, &size) != CLR_OK)
        return CLR_OK;
    void *copied = copy(module, method, body, size);
    if (copied && info->table->set_il_function_body(info, module, method, copied) == CLR_OK)
        tell(module, copied, size);
    return CLR_OK;
}

static clr_result_t initialize(void *self, clr_unknown_t *runtime)
{
    void       *wanted = NULL;
    const char *path = getenv("COPIER_REPORT");
    (void)self;

    report = fopen(path ? path : "/dev/null", "w");
    if (!report || runtime->table->query_interface(runtime, &clr_info_id[4], &wanted) != CLR_OK)
        return CLR_FAILED;
    info = wanted;
    return info->table->set_event_mask2(info, EVENTS, CLR_HIGH_DISABLE_TIERED);
}

static clr_result_t shutdown(void *self)
{
    const clr_slot_t *slots = (const void *)info->table;
    uint32_t          events = 0;
    uint32_t          high_events = 0;
    (void)self;

    ((get_event_mask2_t)slots[GET_EVENTS2])(info, &events, &high_events);
    fprintf(report, "end module_events=%u mask=%d\n", atomic_load(&module_events),
            events == EVENTS && high_events == CLR_HIGH_DISABLE_TIERED);
    fflush(report);
    return CLR_OK;
}

static clr_result_t module_event(void)
{
    atomic_fetch_add(&module_events, 1);
    return CLR_OK;
}

static clr_result_t ignore(void)
{
    return CLR_OK;
}

static clr_result_t query_interface(void *self, const clr_guid_t *id, void **object)
{
    bool known = clr_same_guid(id, &clr_unknown_id) || clr_same_guid(id, &clr_class_factory_id);
    for (int i = 0; i < 4; i++)
        known |= clr_same_guid(id, &clr_callback_id[i]);
    *object = known ? self : NULL;
    return known ? CLR_OK : CLR_NO_INTERFACE;
}

/* Both objects are static: there is nothing to count. */
static uint32_t count(void *self)
{
    (void)self;
    return 1;
}

static clr_result_t create_instance(void *self, void *outer, const clr_guid_t *id, void **object)
{
    static clr_slot_t table[CLR_CALLBACK_SLOTS];
    static struct {
        const clr_slot_t *table;
    } profiler = {table};
    clr_callback_table_t *callback = (void *)table;
    (void)self, (void)outer;

    for (int i = 0; i < CLR_CALLBACK_SLOTS; i++)
        table[i] = (clr_slot_t)(i >= 13 && i <= 17 ? module_event : ignore);
    callback->unknown = (clr_unknown_table_t){query_interface, count, count};
    callback->initialize = initialize;
    callback->shutdown = shutdown;
    callback->jit_compilation_started = jit_compilation_started;
    return query_interface(&profiler, id, object);
}

clr_result_t DllGetClassObject(const clr_guid_t *class, const clr_guid_t *interface, void **object);

clr_result_t DllGetClassObject(const clr_guid_t *class, const clr_guid_t *interface, void **object)
{
    static const clr_guid_t                own = {0xc0b1e500, 0x0000, 0x4000, {0x80, 0, 0, 0, 0, 0, 0, 1}};
    static const clr_class_factory_table_t table = {.unknown = {query_interface, count, count},
                                                    .create_instance = create_instance};
    static clr_class_factory_t             factory = {&table};
    return clr_same_guid(class, &own) ? query_interface(&factory, interface, object) : CLR_CLASS_NOT_AVAILABLE;
}
