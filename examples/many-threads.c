/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lintel/lintel.h>
#include <pthread.h>
#include <string.h>

enum { THREADS = 4, BODIES = 1000, SIZE = 40 };

static void *allocate(void *module)
{
    for (int body = 0; body < BODIES; body++) {
        char *bytes = lintel_alloc(module, SIZE);
        if (bytes)
            memset(bytes, body, SIZE);
    }
    return NULL;
}

static void print_books(const lintel_module_t *module)
{
    lintel_stats_t books;
    if (lintel_module_stats(module, &books) == 0)
        printf("%llu bodies, %llu bytes, %llu lost to rounding, %llu failures\n", (unsigned long long)books.allocations,
               (unsigned long long)books.allocated, (unsigned long long)books.lost, (unsigned long long)books.failures);
}

static void print_place(const lintel_heap_t *heap, const char *what, const void *address)
{
    lintel_location_t place;
    if (lintel_find(heap, address, &place) == 0)
        printf("%s: at offset %#llx of the image at %#llx\n", what, (unsigned long long)place.offset,
               (unsigned long long)place.base);
    else
        printf("%s: nobody's body\n", what);
}

int main(void)
{
    Dl_info          self;
    lintel_heap_t   *heap;
    lintel_module_t *module;
    pthread_t        threads[THREADS];

    if (!dladdr((void *)(uintptr_t)main, &self) || lintel_heap_create(NULL, &heap) ||
        lintel_module_open(heap, &(lintel_module_desc_t){.base = (uintptr_t)self.dli_fbase}, &module))
        return 1;
    for (int thread = 0; thread < THREADS; thread++)
        if (pthread_create(&threads[thread], NULL, allocate, module))
            return 1;
    for (int thread = 0; thread < THREADS; thread++)
        pthread_join(threads[thread], NULL);

    char *body = lintel_alloc(module, SIZE);
    print_books(module);
    print_place(heap, "the last body", body + SIZE - 1);
    print_place(heap, "main", (const void *)(uintptr_t)main);
    lintel_heap_destroy(heap);
}
