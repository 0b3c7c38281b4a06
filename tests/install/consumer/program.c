/* SPDX-License-Identifier: MIT
 *
 * A program outside lintel's tree: one body above its own image.
 */
#include <lintel/lintel.h>

#include <stdio.h>
#include <string.h>

extern const char __executable_start;

int main(int argc, char **argv)
{
    lintel_heap_t *heap;
    lintel_module_t *module;
    lintel_module_desc_t desc = {.base = (uintptr_t)&__executable_start};

    if (argc != 2 || strcmp(lintel_version(), argv[1]) != 0) {
        printf("the library is version %s, its pkg-config file says %s\n", lintel_version(), argv[1]);
        return 1;
    }
    if (lintel_heap_create(NULL, &heap) || lintel_module_open(heap, &desc, &module))
        return 1;

    char *body = lintel_alloc(module, 100);
    if (!body || lintel_offset(module, body) <= 0)
        return 1;
    memset(body, 7, 100);
    printf("a body %lld bytes above the program\n", (long long)lintel_offset(module, body));

    lintel_module_release(module);
    lintel_heap_destroy(heap);
    return 0;
}
