/* SPDX-License-Identifier: MIT
 *
 * subject: a module under test, and what the runner knows of it by itself.
 */
#ifndef STRESS_SUBJECT_H
#define STRESS_SUBJECT_H

#include <lintel/lintel.h>

/* What lintel does where nobody says otherwise. */
enum { MODULE_ALIGN = 16, HEAP_COMMIT_STEP = 16 * 1024 };

typedef struct {
    const char      *name;
    uint64_t         key;
    uintptr_t        base;
    size_t           image_size;
    uint64_t         reach;
    size_t           align;
    lintel_kind_t    kind;
    lintel_module_t *module;
} subject_t;

/* A DATA module's subject at the defaults; the key is the base. */
subject_t subject_above(const char *name, uintptr_t base, size_t image_size);

/* The same of code. */
subject_t subject_of_code(const char *name, uintptr_t base, size_t image_size);

/* Open it as a module of the heap. Returns what lintel_module_open does. */
int subject_open(lintel_heap_t *heap, subject_t *subject);

/* The last address within reach. */
uintptr_t subject_last_address(const subject_t *subject);

#endif
