/* SPDX-License-Identifier: MIT
 *
 * runtime: what a profiler sees of a runtime, played by a test: one module, whose methods all have the same body, and
 * any of whose answers can be a refusal.
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include <stdatomic.h>

#include "profiling.h"

enum { RUNTIME_MODULE = 0x1000, RUNTIME_METHODS = 64 };

/* What the test wants; all-zero: all goes well. */
typedef struct {
    bool           is_old;         /* there is no ICorProfilerInfo3 */
    clr_result_t   event_mask;     /* what SetEventMask answers */
    clr_result_t   module_info;    /* GetModuleInfo2 */
    clr_result_t   signature;      /* GetTokenFromSig */
    clr_result_t   body;           /* GetILFunctionBody */
    clr_result_t   new_body;       /* SetILFunctionBody */
    const uint8_t *base;           /* of the module's image */
    void (*before_new_body)(void); /* somebody else's turn */
} runtime_script_t;

extern runtime_script_t runtime_script;
extern _Atomic unsigned runtime_new_bodies;              /* that were given */
extern const uint8_t   *runtime_bodies[RUNTIME_METHODS]; /* the last for each method */

/* The object that Initialize gets. */
clr_unknown_t *runtime_info(void);

/* The function of the method `number`, below RUNTIME_METHODS, in a module. */
clr_function_id_t runtime_function(clr_module_id_t module, unsigned number);

#endif
