/* SPDX-License-Identifier: MIT
 *
 * modules: what the profiler keeps of each module that the runtime has loaded.
 */
#ifndef CALLCOUNT_MODULES_H
#define CALLCOUNT_MODULES_H

#include "bodies.h"
#include "metadata.h"
#include "methods.h"
#include "profiling.h"

enum { MODULE_BUCKETS = 1024 };

typedef struct loaded_module loaded_module_t;

struct loaded_module {
    clr_module_id_t        id;
    char                  *name;
    uint32_t               flags;    /* CLR_MODULE_ON_DISK and so on */
    const char            *obstacle; /* why no method of it can be rewritten; else NULL */
    bool                   has_bodies;
    bodies_t               bodies;
    methods_t              methods;
    clr_metadata_import_t *metadata;   /* may be NULL; so it is once the module unloads */
    uint32_t               signature;  /* token of prologue_signature */
    bool                   is_entered; /* in the summary */
    loaded_module_t       *next;
};

typedef struct {
    pthread_rwlock_t lock;
    loaded_module_t *buckets[MODULE_BUCKETS];
} modules_t;

void modules_start(modules_t *modules);

/* Enter a module that the runtime has loaded. Its bodies come from `heap`, or, if that is
 * NULL, from the runtime's allocator; where there is no image, they lie above `fallback`. Returns it, or NULL
 * without memory. */
loaded_module_t *modules_enter(modules_t *modules, clr_info_t *info, lintel_heap_t *heap, clr_module_id_t id,
                               uintptr_t fallback);

/* The module, or NULL. It stays while the runtime has it loaded. */
loaded_module_t *modules_find(modules_t *modules, clr_module_id_t id);

/* Take it out of the table. Returns it, or NULL. */
loaded_module_t *modules_remove(modules_t *modules, clr_module_id_t id);

/* Let go of the runtime's metadata. */
void module_forget_metadata(loaded_module_t *module);

/* Give all of it back, lintel's memory included. */
void module_free(loaded_module_t *module);

/* Visit each module; none comes or goes meanwhile. */
void modules_visit(modules_t *modules, void (*visit)(loaded_module_t *module, void *context), void *context);

#endif
