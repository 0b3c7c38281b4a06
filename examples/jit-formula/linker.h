/* SPDX-License-Identifier: MIT
 *
 * linker: puts the code and constants of an object file into memory, and points its calls at what they call: straight,
 * by the 32-bit displacement that the compiler left room for. There are no stubs; what is out of reach is an error.
 */
#ifndef JIT_FORMULA_LINKER_H
#define JIT_FORMULA_LINKER_H

#include "memory.h"

typedef double compiled_t(double x);

typedef struct {
    const char *name; /* of the call that did not reach, within the object; NULL where it was something else */
    int64_t     distance;
} obstacle_t;

typedef struct {
    compiled_t *function;
    body_t      body;
    size_t      calls;    /* to functions outside */
    int64_t     farthest; /* displacement of one of them */
} linked_t;

/* Links the object file of `size` bytes at `object` against `library`, a handle of dlopen. Returns false with *obstacle
 * filled in. */
bool link_object(const char *object, size_t size, void *library, memory_t *memory, linked_t *linked,
                 obstacle_t *obstacle);

#endif
