/* SPDX-License-Identifier: MIT
 *
 * scripted_os: stands between lintel and src/os.h (by the linker's --wrap), passes every call on to the real one, and
 * does instead what a test has written down: refuse a call, find an address taken, let somebody else go first. The
 * memory of lintel's own objects can be refused in the same way.
 */
#ifndef SCRIPTED_OS_H
#define SCRIPTED_OS_H

#include <limits.h>

#include "base.h"

typedef enum {
    OS_RESERVE,
    OS_COMMIT,
    OS_RESET,
    OS_RELEASE,
    OS_MAP,
    OS_UNMAP,
    OS_MAKE_CONSTANT,
    OS_LACKS_MAPPINGS,
    OS_MAPS_OPEN,
    OS_MAPS_NEXT,
    OS_YIELD,
    OS_BARRIER,
    OS_PEEK,
    OS_CODE_MAP,
    OS_CODE_COPY,
    OS_CODE_COMMIT,
    OS_CODE_OPEN,
    OS_FILE_OPEN_MAP,
    OS_FILE_MAKE_DUMP,
    OS_FILE_ADD,
    OS_FILE_MARK,
    META_ALLOCATE, /* of src/meta.h: answers NULL, whatever is written */
    OS_CALL_KINDS
} os_call_t;

#define FOREVER UINT_MAX

/* From the nth call of this kind on (1 is the next), `times` of them give `result` and never reach the kernel; 0 is for
 * interludes: the call that is on its way, and all that follow. Not for calls that give nothing. */
void script_answer(os_call_t call, unsigned nth, unsigned times, int result);

/* When the nth call of this kind from now on (1 is the next) arrives, `interlude` runs before it is passed on: another
 * thread's work at the worst moment. */
void script_interlude(os_call_t call, unsigned nth, void (*interlude)(void *context), void *context);

/* Calls of this kind that arrived, refused ones included, since script_clear. */
unsigned script_calls(os_call_t call);

/* The pages of the last call of this kind: of OS_RESERVE, OS_COMMIT, OS_RESET and OS_RELEASE. */
range_t script_last_range(os_call_t call);

/* What os_break and os_stack answer. */
void script_break(uintptr_t address);
void script_stack(range_t stack);

/* Pass everything on again, and count from 0: a cmocka teardown. */
int script_clear(void **state);

#endif
