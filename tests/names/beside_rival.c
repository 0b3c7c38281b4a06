/* SPDX-License-Identifier: MIT
 *
 * beside_rival LIBRARY: lintel and another JIT compiler in one process: neither writes to the other's list for gdb. The
 * other one is loaded later, so that lintel's names come first wherever it asks for its own.
 */
#include <lintel/lintel.h>

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "rival.h"

static rival_add_t      *add_to_rival;
static rival_is_alone_t *is_rival_alone;

static bool load_rival(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *add = library ? dlsym(library, "rival_add") : NULL;
    void *is_alone = library ? dlsym(library, "rival_is_alone") : NULL;

    memcpy(&add_to_rival, &add, sizeof(add));
    memcpy(&is_rival_alone, &is_alone, sizeof(is_alone));
    return add && is_alone;
}

int main(int argc, char **argv)
{
    extern char           __executable_start[];
    lintel_heap_options_t options = {.gdb = LINTEL_ON};
    lintel_module_desc_t  desc = {.base = (uintptr_t)__executable_start & ~(uintptr_t)0xffff, .kind = LINTEL_CODE};
    lintel_heap_t        *heap;
    lintel_module_t      *module;

    if (argc < 2 || !load_rival(argv[1]) || lintel_heap_create(&options, &heap) ||
        lintel_module_open(heap, &desc, &module))
        return EXIT_FAILURE;
    void *body = lintel_alloc(module, 64);
    add_to_rival();
    if (!body || lintel_name(module, body, 64, "body") || !is_rival_alone()) {
        fprintf(stderr, "the lists for gdb are not kept apart\n");
        return EXIT_FAILURE;
    }
    lintel_module_release(module);
    lintel_heap_destroy(heap);
    return is_rival_alone() ? EXIT_SUCCESS : EXIT_FAILURE;
}
