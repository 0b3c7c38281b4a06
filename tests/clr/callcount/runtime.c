/* SPDX-License-Identifier: MIT */
#include "runtime.h"

#include "metadata.h"

runtime_script_t runtime_script;
_Atomic unsigned runtime_new_bodies;
const uint8_t   *runtime_bodies[RUNTIME_METHODS];

/* ret, behind a tiny header. */
static const uint8_t body_of_all[] = {0x2 | 1 << 2, 0x2a};

static void *metadata_object(void);

static clr_result_t query_info(void *self, const clr_guid_t *id, void **object)
{
    bool is_known = !runtime_script.is_old && clr_same_guid(id, &clr_info_id[2]);

    *object = is_known ? self : NULL;
    return is_known ? CLR_OK : CLR_NO_INTERFACE;
}

static uint32_t count_reference(void *self)
{
    (void)self;
    return 1;
}

static clr_result_t get_function_info(void *self, clr_function_id_t function, clr_class_id_t *type,
                                      clr_module_id_t *module, clr_token_t *method)
{
    (void)self;
    *type = 0;
    *module = function & ~(clr_function_id_t)0xff;
    *method = 0x06000001 + (clr_token_t)(function & 0xff);
    return CLR_OK;
}

static clr_result_t set_event_mask(void *self, uint32_t events)
{
    (void)self;
    (void)events;
    return runtime_script.event_mask;
}

static clr_result_t get_module_info(void *self, clr_module_id_t module, const uint8_t **base, uint32_t capacity,
                                    uint32_t *length, char16_t *name, clr_assembly_id_t *assembly)
{
    static const char16_t path[] = u"/somewhere/played.dll";

    (void)self;
    (void)module;
    *base = runtime_script.base;
    *length = sizeof(path) / sizeof(*path);
    *assembly = 0;
    if (name && capacity >= *length)
        memcpy(name, path, sizeof(path));
    return CLR_OK;
}

static clr_result_t get_module_info2(void *self, clr_module_id_t module, const uint8_t **base, uint32_t capacity,
                                     uint32_t *length, char16_t *name, clr_assembly_id_t *assembly, uint32_t *flags)
{
    get_module_info(self, module, base, capacity, length, name, assembly);
    *flags = CLR_MODULE_ON_DISK;
    return runtime_script.module_info;
}

static clr_result_t get_module_metadata(void *self, clr_module_id_t module, uint32_t flags, const clr_guid_t *id,
                                        void **object)
{
    (void)self;
    (void)module;
    (void)flags;
    if (!clr_same_guid(id, &clr_metadata_emit_id))
        return CLR_NO_INTERFACE;
    *object = metadata_object();
    return CLR_OK;
}

static clr_result_t get_token_from_sig(void *self, const uint8_t *signature, uint32_t size, uint32_t *token)
{
    (void)self;
    (void)signature;
    (void)size;
    *token = 0x11000001;
    return runtime_script.signature;
}

static clr_result_t get_il_function_body(void *self, clr_module_id_t module, clr_token_t method, const uint8_t **body,
                                         uint32_t *size)
{
    (void)self;
    (void)module;
    (void)method;
    *body = body_of_all;
    *size = sizeof(body_of_all);
    return runtime_script.body;
}

static clr_result_t set_il_function_body(void *self, clr_module_id_t module, clr_token_t method, const uint8_t *body)
{
    (void)self;
    (void)module;
    if (runtime_script.before_new_body)
        runtime_script.before_new_body();
    atomic_fetch_add(&runtime_new_bodies, 1);
    runtime_bodies[CLR_TOKEN_ROW(method) - 1] = body;
    return runtime_script.new_body;
}

clr_unknown_t *runtime_info(void)
{
    static const clr_info_table_t table = {
        .unknown = {query_info, count_reference, count_reference},
        .get_function_info = get_function_info,
        .set_event_mask = set_event_mask,
        .get_module_info = get_module_info,
        .get_module_metadata = get_module_metadata,
        .get_il_function_body = get_il_function_body,
        .set_il_function_body = set_il_function_body,
        .get_module_info2 = get_module_info2,
    };
    static clr_info_t info = {&table};

    return (clr_unknown_t *)(void *)&info;
}

static void *metadata_object(void)
{
    static const clr_metadata_emit_table_t table = {
        .unknown = {query_info, count_reference, count_reference},
        .get_token_from_sig = get_token_from_sig,
    };
    static clr_metadata_emit_t emit = {&table};

    return &emit;
}

clr_function_id_t runtime_function(clr_module_id_t module, unsigned number)
{
    return module | number;
}
