/* SPDX-License-Identifier: MIT */
#include "modules.h"

#include <stdlib.h>

#include "image_size.h"
#include "names.h"
#include "prologue.h"

void modules_start(modules_t *modules)
{
    pthread_rwlock_init(&modules->lock, NULL);
}

static loaded_module_t **bucket_of(modules_t *modules, clr_module_id_t id)
{
    return &modules->buckets[(id >> 6 ^ id >> 16) % MODULE_BUCKETS];
}

/* Changes to metadata are allowed until the runtime is told that its module may be used. */
static const char *define_signature(clr_info_t *info, loaded_module_t *module)
{
    void *object = NULL;

    if (info->table->get_module_metadata(info, module->id, CLR_OPEN_READ | CLR_OPEN_WRITE, &clr_metadata_emit_id,
                                         &object) < 0 ||
        !object)
        return "its metadata cannot be written to";
    clr_metadata_emit_t *emit = object;
    clr_result_t         result = emit->table->get_token_from_sig(emit, prologue_signature, PROLOGUE_SIGNATURE_SIZE,
                                                                  &module->signature);
    emit->table->unknown.release(emit);
    return result < 0 ? "its metadata takes no signature" : NULL;
}

static const char *open_bodies(clr_info_t *info, loaded_module_t *module, lintel_heap_t *heap, uintptr_t fallback)
{
    const uint8_t    *base = NULL;
    uint32_t          length;
    clr_assembly_id_t assembly;

    if (info->table->get_module_info2(info, module->id, &base, 0, &length, NULL, &assembly, &module->flags) < 0)
        return "the runtime does not say where it is";
    bodies_image_t image = {
        .key = module->id,
        .name = module->name,
        .base = base,
        .size = base ? image_size(base, module->flags & CLR_MODULE_FLAT) : 0,
        .fallback = fallback,
    };
    if (!heap && info->table->get_il_function_body_allocator(info, module->id, &image.allocator) < 0)
        return "the runtime has no allocator for it";
    module->has_bodies = !bodies_open(&module->bodies, heap, &image);
    return module->has_bodies ? NULL : "lintel has no memory for it";
}

static loaded_module_t *new_module(clr_info_t *info, clr_module_id_t id)
{
    char             name[MOST_NAME];
    void            *metadata = NULL;
    loaded_module_t *module = calloc(1, sizeof(*module));

    if (!module)
        return NULL;
    module->id = id;
    methods_start(&module->methods);
    if (info->table->get_module_metadata(info, id, CLR_OPEN_READ, &clr_metadata_import_id, &metadata) == CLR_OK)
        module->metadata = metadata;
    name_module(info, id, module->metadata, name);
    module->name = strdup(name);
    if (module->name)
        return module;
    module_free(module);
    return NULL;
}

loaded_module_t *modules_enter(modules_t *modules, clr_info_t *info, lintel_heap_t *heap, clr_module_id_t id,
                               uintptr_t fallback)
{
    loaded_module_t *module = new_module(info, id);

    if (!module)
        return NULL;
    module->obstacle = open_bodies(info, module, heap, fallback);
    if (!module->obstacle)
        module->obstacle = define_signature(info, module);
    pthread_rwlock_wrlock(&modules->lock);
    module->next = *bucket_of(modules, id);
    *bucket_of(modules, id) = module;
    pthread_rwlock_unlock(&modules->lock);
    return module;
}

loaded_module_t *modules_find(modules_t *modules, clr_module_id_t id)
{
    pthread_rwlock_rdlock(&modules->lock);
    loaded_module_t *module = *bucket_of(modules, id);
    while (module && module->id != id)
        module = module->next;
    pthread_rwlock_unlock(&modules->lock);
    return module;
}

loaded_module_t *modules_remove(modules_t *modules, clr_module_id_t id)
{
    pthread_rwlock_wrlock(&modules->lock);
    loaded_module_t **link = bucket_of(modules, id);
    while (*link && (*link)->id != id)
        link = &(*link)->next;
    loaded_module_t *module = *link;
    if (module)
        *link = module->next;
    pthread_rwlock_unlock(&modules->lock);
    return module;
}

void module_forget_metadata(loaded_module_t *module)
{
    if (module->metadata)
        module->metadata->table->unknown.release(module->metadata);
    module->metadata = NULL;
}

void module_free(loaded_module_t *module)
{
    module_forget_metadata(module);
    if (module->has_bodies)
        bodies_close(&module->bodies);
    methods_end(&module->methods);
    free(module->name);
    free(module);
}

void modules_visit(modules_t *modules, void (*visit)(loaded_module_t *module, void *context), void *context)
{
    pthread_rwlock_rdlock(&modules->lock);
    for (unsigned i = 0; i < MODULE_BUCKETS; i++)
        for (loaded_module_t *module = modules->buckets[i]; module; module = module->next)
            visit(module, context);
    pthread_rwlock_unlock(&modules->lock);
}
