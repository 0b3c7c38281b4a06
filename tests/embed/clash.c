/* SPDX-License-Identifier: MIT
 *
 * A program with names of its own that are also names inside liblintel.a: each side keeps to its own.
 */
#include <lintel/lintel.h>

#include <stdint.h>
#include <stdio.h>

static int called;

void *mallocx(size_t size, int flags);
void *arena_init(void);
int   region_commit(void);
int   region_reserve(void);
int   gap_find(void);
int   gap_reserve(void);
int   registry_open(void);
int   module_open(void);
int   meta_alloc(void);
int   os_reserve(void);
int   os_commit(void);
int   os_page_size(void);

/* The same as data: a library that read it would find no function. */
int malloc_conf = 1;
int tsd_tls = 1;

void *mallocx(size_t size, int flags)
{
    called += (int)size + flags;
    return NULL;
}

void *arena_init(void)
{
    called++;
    return NULL;
}

int region_commit(void)
{
    return called++;
}

int region_reserve(void)
{
    return called++;
}

int gap_find(void)
{
    return called++;
}

int gap_reserve(void)
{
    return called++;
}

int registry_open(void)
{
    return called++;
}

int module_open(void)
{
    return called++;
}

int meta_alloc(void)
{
    return called++;
}

int os_reserve(void)
{
    return called++;
}

int os_commit(void)
{
    return called++;
}

int os_page_size(void)
{
    return called++;
}

extern const char __executable_start;

int main(void)
{
    lintel_heap_t *heap;
    lintel_module_t *module;
    lintel_module_desc_t desc = {.base = (uintptr_t)&__executable_start};

    if (lintel_heap_create(NULL, &heap) || lintel_module_open(heap, &desc, &module))
        return 1;
    char *body = lintel_alloc(module, 64);
    if (!body)
        return 1;
    body[0] = 1;
    lintel_module_release(module);
    lintel_heap_destroy(heap);

    if (called)
        printf("the library called the program's own functions %d times\n", called);
    return called != 0;
}
