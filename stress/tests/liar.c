/* SPDX-License-Identifier: MIT
 *
 * liar: stands between the runner and the library (by the linker's --wrap) and breaks the one promise that the variable
 * LIE names, to show that the runner notices.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <lintel/lintel.h>

#include "liar.h"

/* Out of so many calls, one is a lie. */
enum { LIE_EVERY = 1000 };

static bool lies(const char *lie)
{
    const char *wanted = getenv("LIE");

    return wanted != NULL && strcmp(wanted, lie) == 0;
}

/* Whether this call is the one. */
static bool is_time(void)
{
    static atomic_uint calls;

    /* relaxed: any of the callers will do. */
    return atomic_fetch_add_explicit(&calls, 1, memory_order_relaxed) % LIE_EVERY == LIE_EVERY - 1;
}

/* Not lintel's, and wherever the kernel likes. */
static void *elsewhere(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return memory != MAP_FAILED ? memory : NULL;
}

/* The same body a second time, wiped. */
static void *again(lintel_module_t *module, size_t size)
{
    static _Thread_local lintel_module_t *last_module;
    static _Thread_local size_t           last_size;
    static _Thread_local void            *last;

    if (last != NULL && module == last_module && size <= last_size)
        return memset(last, 0, last_size);
    last_module = module;
    last_size = size;
    last = __real_lintel_alloc(module, size);
    return last;
}

/* A body, and a byte of the one before it changed. */
static void *scribbled(lintel_module_t *module, size_t size)
{
    static _Thread_local unsigned char *last;

    if (last != NULL)
        *last ^= 0x55;
    last = __real_lintel_alloc(module, size);
    return last;
}

static void *dirty(lintel_module_t *module, size_t size)
{
    unsigned char *body = __real_lintel_alloc(module, size);

    if (body != NULL)
        body[size - 1] = 1;
    return body;
}

static void *crooked(lintel_module_t *module, size_t size)
{
    unsigned char *body = __real_lintel_alloc(module, size + 8);

    return body != NULL ? body + 8 : NULL;
}

static void *refused(int error)
{
    errno = error;
    return NULL;
}

void *__wrap_lintel_alloc(lintel_module_t *module, size_t size)
{
    if (lies("again"))
        return again(module, size);
    if (!is_time())
        return __real_lintel_alloc(module, size);
    if (lies("scribbled"))
        return scribbled(module, size);
    if (lies("dirty"))
        return dirty(module, size);
    if (lies("crooked"))
        return crooked(module, size);
    if (lies("elsewhere"))
        return elsewhere(size);
    if (lies("refused"))
        return refused(ENOSPC);
    if (lies("wasted"))
        __real_lintel_alloc(module, size);
    return __real_lintel_alloc(module, size);
}

int __wrap_lintel_find(const lintel_heap_t *heap, const void *address, lintel_location_t *location)
{
    int result = __real_lintel_find(heap, address, location);

    if (lies("unfound") && is_time())
        return -ENOENT;
    if (lies("misplaced") && result == 0)
        location->offset++;
    if (lies("touched") && result == 0)
        *(unsigned char *)address ^= 0x55;
    return result;
}

int __wrap_lintel_module_open(lintel_heap_t *heap, const lintel_module_desc_t *desc, lintel_module_t **module)
{
    int result = __real_lintel_module_open(heap, desc, module);

    return lies("shut") && result == -EEXIST ? -ENOENT : result;
}

void __wrap_lintel_heap_destroy(lintel_heap_t *heap)
{
    if (!lies("undead"))
        __real_lintel_heap_destroy(heap);
}
