/* SPDX-License-Identifier: MIT
 *
 * inner: the profiler that the shim stands before, named by the environment:
 *   LINTEL_SHIM_PROFILER  the path of its library
 *   LINTEL_SHIM_CLSID     the class to ask it for, {8-4-4-4-12}; what the runtime asked the shim for if not set
 */
#ifndef CLR_SHIM_INNER_H
#define CLR_SHIM_INNER_H

#include "../clr-common/com.h"

/* Load the library if it is not loaded yet, and ask its DllGetClassObject for `interface` of `class` or of
 * LINTEL_SHIM_CLSID's. Returns its answer, or CLR_CLASS_NOT_AVAILABLE; a failure is told on stderr. */
clr_result_t inner_class_object(const clr_guid_t *class, const clr_guid_t *interface, void **object);

#endif
