/* SPDX-License-Identifier: MIT */
#include "modules.h"

#include <errno.h>
#include <lintel/clr.h>
#include <lintel/lintel.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "image_module.h"
#include "image_size.h"
#include "interfaces.h"
#include "landing.h"

#define NAME_SIZE 256

struct modules {
    lintel_heap_t *heap;
    landing_t      landing;
    atomic_uint    opened; /* modules with lintel's allocator */
    atomic_uint    far;    /* of those, for want of room not within 4 GiB */
    atomic_uint    left;   /* times that the runtime's allocator was left */
};

static modules_t *create(void)
{
    modules_t *modules = calloc(1, sizeof(*modules));
    int        error = modules ? landing_create_heap(POOL_ZONE, &modules->landing, &modules->heap) : -ENOMEM;
    if (error) {
        fprintf(stderr, "lintel-clr-shim: no heap: %s\n", strerror(-error));
        free(modules);
        return NULL;
    }
    return modules;
}

modules_t *modules_get(void)
{
    static modules_t      *modules;
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    if (!modules)
        modules = create();
    modules_t *got = modules;
    pthread_mutex_unlock(&lock);
    return got;
}

/* The part of a path after the last slash, in ASCII: for people. */
static void short_name(const char16_t *path, char name[NAME_SIZE])
{
    size_t length = 0;
    for (; *path; path++) {
        if (*path == u'/')
            length = 0;
        else if (length + 1 < NAME_SIZE)
            name[length++] = (char)(*path < 0x80 ? *path : u'?');
    }
    name[length] = '\0';
}

/* Describe the image that the runtime names; false if it has none. The first region is reserved when the module is
 * opened: the time to learn that there is no room within reach. */
static bool describe(clr_unknown_t *info, clr_module_id_t module, char name[NAME_SIZE], lintel_module_desc_t *desc)
{
    const uint8_t    *image = NULL;
    char16_t          path[1024] = {0};
    uint32_t          length;
    uint32_t          flags = 0;
    clr_assembly_id_t assembly;

    if (info_table(info)->get_module_info2(info, module, &image, sizeof(path) / sizeof(*path), &length, path, &assembly,
                                           &flags) < 0 ||
        !image || (flags & CLR_MODULE_DYNAMIC))
        return false;
    short_name(path, name);
    *desc = image_module((uintptr_t)image, image_size(image, flags & CLR_MODULE_FLAT), module, name);
    desc->reserve = LANDING_FIRST_REGION;
    return true;
}

/* Open the module within 4 GiB, or, where there is no room, anywhere above. Returns NULL if that cannot be. */
static lintel_module_t *open_module(modules_t *modules, clr_unknown_t *info, clr_module_id_t id)
{
    char                 name[NAME_SIZE];
    lintel_module_desc_t desc;
    lintel_module_t     *module = NULL;

    if (!describe(info, id, name, &desc))
        return NULL;
    int error = lintel_module_open(modules->heap, &desc, &module);
    if (error == -ENOSPC) {
        desc.reach = LINTEL_REACH_ABOVE;
        error = lintel_module_open(modules->heap, &desc, &module);
        if (error == 0)
            atomic_fetch_add(&modules->far, 1);
    }
    if (error == -EEXIST) /* another thread was faster */
        return lintel_module_acquire(modules->heap, id);
    if (error)
        fprintf(stderr, "lintel-clr-shim: %s stays on the runtime's allocator: %s\n", name, strerror(-error));
    else
        atomic_fetch_add(&modules->opened, 1);
    return module;
}

void modules_replace(modules_t *modules, clr_unknown_t *info, clr_module_id_t id, clr_method_malloc_t **allocator)
{
    void            *ours = NULL;
    lintel_module_t *module = lintel_module_acquire(modules->heap, id);
    if (!module)
        module = open_module(modules, info, id);
    if (!module || lintel_clr_method_malloc(module, &ours)) {
        atomic_fetch_add(&modules->left, 1);
    } else {
        (*allocator)->table->unknown.release(*allocator);
        *allocator = ours;
    }
    lintel_module_release(module);
}

void modules_loaded(modules_t *modules)
{
    landing_open(&modules->landing);
}

void modules_unloaded(modules_t *modules, clr_module_id_t id)
{
    lintel_module_close(modules->heap, id);
}

void modules_report(modules_t *modules)
{
    const char *path = getenv("LINTEL_SHIM_REPORT");
    FILE       *out = path && *path ? fopen(path, "w") : NULL;
    if (!out) {
        if (path && *path)
            fprintf(stderr, "lintel-clr-shim: %s: %s\n", path, strerror(errno));
        return;
    }
    fprintf(out,
            "{\"process\": %ld, \"opened\": %u, \"far\": %u, \"left_to_the_runtime\": %u, \"heap\": ", (long)getpid(),
            atomic_load(&modules->opened), atomic_load(&modules->far), atomic_load(&modules->left));
    lintel_heap_print(modules->heap, out, LINTEL_JSON);
    fputs("}\n", out);
    if (fclose(out))
        fprintf(stderr, "lintel-clr-shim: %s: %s\n", path, strerror(errno));
}
