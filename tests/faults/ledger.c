/* SPDX-License-Identifier: MIT */
#include "ledger.h"

#include <stdbool.h>

#include "meta.h"
#include "os.h"

static _Atomic size_t mapped, walks, objects;

/* What os_code_map takes and gives back on its way is its own affair; the count of shared mappings tells of it. */
static _Thread_local bool mapping_code;

size_t ledger_mapped(void)
{
    return mapped;
}

size_t ledger_walks(void)
{
    return walks;
}

size_t ledger_objects(void)
{
    return objects;
}

int __real_os_reserve(range_t range);
int __wrap_os_reserve(range_t range);

int __wrap_os_reserve(range_t range)
{
    int result = __real_os_reserve(range);

    mapped += result ? 0 : range_size(range);
    return result;
}

void __real_os_release(range_t range);
void __wrap_os_release(range_t range);

void __wrap_os_release(range_t range)
{
    __real_os_release(range);
    mapped -= mapping_code ? 0 : range_size(range);
}

int __real_os_map(size_t size, void **memory);
int __wrap_os_map(size_t size, void **memory);

int __wrap_os_map(size_t size, void **memory)
{
    int result = __real_os_map(size, memory);

    mapped += result ? 0 : size;
    return result;
}

void __real_os_unmap(void *memory, size_t size);
void __wrap_os_unmap(void *memory, size_t size);

void __wrap_os_unmap(void *memory, size_t size)
{
    __real_os_unmap(memory, size);
    mapped -= size;
}

/* Code is seen at a second address. */
int __real_os_code_map(range_t range, const char *name, uintptr_t *writable);
int __wrap_os_code_map(range_t range, const char *name, uintptr_t *writable);

int __wrap_os_code_map(range_t range, const char *name, uintptr_t *writable)
{
    mapping_code = true;
    int result = __real_os_code_map(range, name, writable);
    mapping_code = false;

    mapped += result ? 0 : range_size(os_code_second(range, *writable));
    return result;
}

int __real_os_maps_open(os_maps_t *maps, os_maps_source_t source);
int __wrap_os_maps_open(os_maps_t *maps, os_maps_source_t source);

int __wrap_os_maps_open(os_maps_t *maps, os_maps_source_t source)
{
    int result = __real_os_maps_open(maps, source);

    walks += result ? 0 : 1;
    return result;
}

void __real_os_maps_close(os_maps_t *maps);
void __wrap_os_maps_close(os_maps_t *maps);

void __wrap_os_maps_close(os_maps_t *maps)
{
    __real_os_maps_close(maps);
    walks--;
}

void *__real_meta_allocate(size_t size);
void *__wrap_meta_allocate(size_t size);

void *__wrap_meta_allocate(size_t size)
{
    void *memory = __real_meta_allocate(size);

    objects += memory ? 1 : 0;
    return memory;
}

void __real_meta_free(void *memory);
void __wrap_meta_free(void *memory);

void __wrap_meta_free(void *memory)
{
    __real_meta_free(memory);
    objects -= memory ? 1 : 0;
}
