/* SPDX-License-Identifier: MIT
 *
 * summary: what is reported in the end, by name: of modules that have unloaded and of those that are still there.
 * Modules of one name are one entry, so that a program that loads and unloads the same for days leaves no more behind
 * than one that does it once.
 */
#ifndef CALLCOUNT_SUMMARY_H
#define CALLCOUNT_SUMMARY_H

#include <pthread.h>

#include "modules.h"

typedef struct {
    char       *name;
    uint64_t    loads;
    uint64_t    unloads;
    uint32_t    flags;     /* of the last one loaded */
    bool        has_image; /* offsets have a meaning */
    placement_t placement; /* summed, nearest and farthest of all */
    uint64_t    lost;
    uint64_t    reserved;
    uint64_t    counted; /* methods */
    uint64_t    left;
    uint64_t    calls;
} module_entry_t;

typedef struct {
    char                 *name;
    const module_entry_t *module;
    clr_token_t           token;
    uint64_t              calls;
    const char           *reason; /* why it was left; NULL if it was counted */
} method_entry_t;

typedef struct {
    pthread_mutex_t lock;
    void           *modules;    /* a tree of module_entry_t, by name */
    void           *methods;    /* a tree of method_entry_t, by module and token */
    bool            incomplete; /* there was no memory for some entry */
} summary_t;

void summary_start(summary_t *summary);

/* Enter what a module is and did, unless that is entered: before it unloads, or at the end. */
void summary_add(summary_t *summary, loaded_module_t *module, bool unloads);

/* All entries, for one thread, when no more are added: modules by name, and methods, those first that were called most.
 * The caller frees the arrays. Return how many there are; 0 without memory. */
size_t summary_modules(const summary_t *summary, const module_entry_t ***modules);
size_t summary_methods(const summary_t *summary, const method_entry_t ***methods);

#endif
