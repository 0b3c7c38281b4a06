/* SPDX-License-Identifier: MIT
 *
 * liar: what the linker's --wrap makes of calls to the library, and what it makes of the library's own functions.
 */
#ifndef STRESS_LIAR_H
#define STRESS_LIAR_H

#include <lintel/lintel.h>

void *__wrap_lintel_alloc(lintel_module_t *module, size_t size);
void *__real_lintel_alloc(lintel_module_t *module, size_t size);

int __wrap_lintel_find(const lintel_heap_t *heap, const void *address, lintel_location_t *location);
int __real_lintel_find(const lintel_heap_t *heap, const void *address, lintel_location_t *location);

int __wrap_lintel_module_open(lintel_heap_t *heap, const lintel_module_desc_t *desc, lintel_module_t **module);
int __real_lintel_module_open(lintel_heap_t *heap, const lintel_module_desc_t *desc, lintel_module_t **module);

void __wrap_lintel_heap_destroy(lintel_heap_t *heap);
void __real_lintel_heap_destroy(lintel_heap_t *heap);

#endif
