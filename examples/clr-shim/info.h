/* SPDX-License-Identifier: MIT
 *
 * info: the runtime's ICorProfilerInfo … ICorProfilerInfo15 as the inner profiler sees it. The runtime's own, save that
 * GetILFunctionBodyAllocator gives lintel's allocator, and that events of modules are always on, which the profiler is
 * not shown.
 */
#ifndef CLR_SHIM_INFO_H
#define CLR_SHIM_INFO_H

#include "../clr-common/profiling.h"

typedef struct info info_t;

/* Wrap the runtime's object. Returns NULL, told on stderr, if lintel or the runtime lacks something. */
info_t *info_create(clr_unknown_t *runtime);

/* Give up what info_create gave; the profiler may still hold the object. NULL is allowed and ignored. */
void info_release(info_t *info);

/* What the profiler is given; no reference goes with it. */
clr_unknown_t *info_object(info_t *info);

/* Whether the profiler asked for the events of modules. */
bool info_wants_modules(info_t *info);

void info_module_loaded(info_t *info);
void info_module_unloaded(info_t *info, clr_module_id_t module);
void info_report(info_t *info);

#endif
