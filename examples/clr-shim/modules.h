/* SPDX-License-Identifier: MIT
 *
 * modules: the CLR's modules as lintel's. A module is opened when the profiler first asks for its allocator, and closed
 * when the runtime has unloaded it.
 */
#ifndef CLR_SHIM_MODULES_H
#define CLR_SHIM_MODULES_H

#include "../clr-common/profiling.h"

typedef struct modules modules_t;

/* The modules of the process, which it has once and keeps: the runtime goes on using bodies after the profiler that
 * gave them. The first call creates the heap. Returns NULL, told on stderr, on failure. */
modules_t *modules_get(void);

/* Put lintel's allocator for the module `id` in the place of the runtime's in *allocator, which is released. Leaves the
 * runtime's where lintel has none: a module without an image, or no space or memory. */
void modules_replace(modules_t *modules, clr_unknown_t *info, clr_module_id_t id, clr_method_malloc_t **allocator);

void modules_loaded(modules_t *modules);
void modules_unloaded(modules_t *modules, clr_module_id_t id);

/* Write the heap's figures to the file that LINTEL_SHIM_REPORT names, as JSON, if it is set. */
void modules_report(modules_t *modules);

#endif
