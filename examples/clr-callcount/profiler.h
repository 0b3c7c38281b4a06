/* SPDX-License-Identifier: MIT
 *
 * profiler: the object whose functions the runtime calls when something happens.
 */
#ifndef CALLCOUNT_PROFILER_H
#define CALLCOUNT_PROFILER_H

#include "profiling.h"

/* The profiler, of which a process has one; counted once more for the caller. */
clr_callback_t *profiler_get(void);

#endif
