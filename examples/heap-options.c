/* SPDX-License-Identifier: MIT */
#include <lintel/lintel.h>
#include <string.h>

extern const char __executable_start; /* the linker's: where this program's image begins */

/* A heap whose thread commits memory ahead, with 1 GiB of address space above the program taken while there is room. */
int main(void)
{
    lintel_heap_options_t options = {
        .service = LINTEL_ON,
        .pool_near = (uintptr_t)&__executable_start,
        .pool_size = (size_t)1 << 30,
    };
    lintel_heap_t *heap;
    lintel_stats_t books;

    int error = lintel_heap_create(&options, &heap);
    if (error) {
        printf("no heap: %s\n", strerror(-error));
        return 1;
    }
    if (lintel_heap_stats(heap, &books) == 0)
        printf("%llu MiB reserved, for %llu modules\n", (unsigned long long)books.reserved >> 20,
               (unsigned long long)books.modules);
    lintel_heap_destroy(heap);
}
