/* SPDX-License-Identifier: MIT
 *
 * callback: the inner profiler as the runtime sees it. Its own, save that it is given a wrapped ICorProfilerInfo, and
 * that the shim learns which modules go.
 */
#ifndef CLR_SHIM_CALLBACK_H
#define CLR_SHIM_CALLBACK_H

#include "../clr-common/com.h"

/* Put a profiler's object, whose one reference is taken over, behind a wrapper, and store what the runtime is to have
 * of it, with one reference, in *object: itself if `id` is no interface of a profiler's. Returns CLR_OK or
 * CLR_OUT_OF_MEMORY. */
clr_result_t callback_wrap(clr_unknown_t *inner, const clr_guid_t *id, void **object);

#endif
