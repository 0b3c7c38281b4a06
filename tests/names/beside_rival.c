/* SPDX-License-Identifier: MIT
 *
 * lintel and another JIT compiler in one process: neither writes to the other's list for gdb, in whichever order they
 * are loaded.
 */
#include <lintel/lintel.h>

#include <stdlib.h>
#include <string.h>

#include "rival.h"

int main(void)
{
    extern char           __executable_start[];
    lintel_heap_options_t options = {.gdb = LINTEL_ON};
    lintel_module_desc_t  desc = {.base = (uintptr_t)__executable_start & ~(uintptr_t)0xffff, .kind = LINTEL_CODE};
    lintel_heap_t        *heap;
    lintel_module_t      *module;

    if (lintel_heap_create(&options, &heap) || lintel_module_open(heap, &desc, &module))
        return EXIT_FAILURE;
    void *body = lintel_alloc(module, 64);
    rival_add();
    if (!body || lintel_name(module, body, 64, "body") || !rival_is_alone()) {
        fprintf(stderr, "the lists for gdb are not kept apart\n");
        return EXIT_FAILURE;
    }
    lintel_module_release(module);
    lintel_heap_destroy(heap);
    return rival_is_alone() ? EXIT_SUCCESS : EXIT_FAILURE;
}
