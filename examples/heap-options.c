/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lintel/lintel.h>

/* A heap whose thread commits memory ahead, with 1 GiB of address space above the program taken while there is room. */
int main(void)
{
    Dl_info        self;
    lintel_heap_t *heap;
    lintel_stats_t books;

    if (!dladdr((void *)(uintptr_t)main, &self))
        return 1;
    lintel_heap_options_t options = {
        .service = LINTEL_ON,
        .pool_near = (uintptr_t)self.dli_fbase,
        .pool_size = (size_t)1 << 30,
    };
    int error = lintel_heap_create(&options, &heap);
    if (error) {
        printf("no heap: error %d\n", -error);
        return 1;
    }
    if (lintel_heap_stats(heap, &books) == 0)
        printf("%llu MiB reserved, for %llu modules\n", (unsigned long long)books.reserved >> 20,
               (unsigned long long)books.modules);
    lintel_heap_destroy(heap);
}
