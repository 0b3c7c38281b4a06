/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lintel/lintel.h>

int main(void)
{
    Dl_info          libc;
    lintel_heap_t   *heap;
    lintel_module_t *module;
    if (!dladdr(stdout, &libc) || lintel_heap_create(NULL, &heap) ||
        lintel_module_open(heap, &(lintel_module_desc_t){.base = (uintptr_t)libc.dli_fbase}, &module))
        return 1;
    char *body = lintel_alloc(module, 64);
    if (!body || snprintf(body, 64, "hello from above %s", libc.dli_fname) < 0)
        return 1;
    printf("at offset %#llx: %s\n", (long long)lintel_offset(module, body), body);
    lintel_heap_destroy(heap); /* closes the module too; its memory goes with it */
}
