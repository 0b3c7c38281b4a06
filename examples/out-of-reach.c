/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <lintel/lintel.h>

#define MIB ((size_t)1 << 20)

static void ask(lintel_module_t *module, size_t size)
{
    if (lintel_alloc(module, size))
        printf("%3zu MiB: here it is\n", size / MIB);
    else
        printf("%3zu MiB: %s\n", size / MIB, errno == ENOSPC ? "nothing so large within reach" : "no memory");
}

int main(void)
{
    Dl_info          libc;
    lintel_heap_t   *heap;
    lintel_module_t *module;

    if (!dladdr(stdout, &libc) || lintel_heap_create(NULL, &heap))
        return 1;
    lintel_module_desc_t near = {.base = (uintptr_t)libc.dli_fbase, .reach = 64 * MIB - 1};
    if (lintel_module_open(heap, &near, &module))
        return 1;
    ask(module, 100 * MIB);
    ask(module, 32 * MIB);
    ask(module, 32 * MIB);
    ask(module, 1 * MIB);
    lintel_heap_destroy(heap);
}
