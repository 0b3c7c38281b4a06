/* SPDX-License-Identifier: MIT
 *
 * memory: where compiled code goes: above a module, by lintel; or, for comparison, in an arena wherever the kernel puts
 * it.
 */
#ifndef JIT_FORMULA_MEMORY_H
#define JIT_FORMULA_MEMORY_H

#include <lintel/lintel.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef struct {
    lintel_module_t *module; /* NULL: the arena */
    char            *arena;
    _Atomic size_t   arena_used;
} memory_t;

/* Where code will run, and where it is written. */
typedef struct {
    char  *run;
    char  *write;
    size_t size;
} body_t;

/* Has an arena reserved, wherever there is room. Returns false where there is none. */
bool memory_anywhere(memory_t *memory);

/* Returns false where there is none. Many threads at once. */
bool memory_take(memory_t *memory, size_t size, body_t *body);

/* Makes what was written run. */
bool memory_publish(memory_t *memory, const body_t *body);

#endif
