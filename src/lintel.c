/* SPDX-License-Identifier: MIT
 *
 * lintel: the entry points. They check what comes in, and hand on.
 */
#include <lintel/lintel.h>

#include <errno.h>
#include <string.h>

#include "cache.h"
#include "cancel.h"
#include "find.h"
#include "heaps.h"
#include "meta.h"
#include "names.h"
#include "os.h"
#include "print.h"
#include "probe.h"
#include "publish.h"
#include "stats.h"

#define MOST_ALIGN 4096

#define TEXT_OF(number)                   #number
#define VERSION_TEXT(major, minor, patch) TEXT_OF(major) "." TEXT_OF(minor) "." TEXT_OF(patch)

static void *no_pointer(int error)
{
    errno = error;
    return NULL;
}

static range_t bytes_at(const void *start, size_t size)
{
    return (range_t){(uintptr_t)start, add_saturating((uintptr_t)start, size)};
}

/* Returns 0; -EINVAL; -ENOSPC; -ENOMEM. */
static int start_heap(lintel_heap_t *heap, const lintel_heap_options_t *options)
{
    int result = space_start(&heap->space, options);

    if (result)
        return result;
    result = registry_start(&heap->registry);
    if (result)
        space_end(&heap->space);
    else
        (void)service_start(&heap->service, &heap->space);
    return result;
}

/* Returns as lintel_heap_create. */
static int create_heap(const lintel_heap_options_t *options, lintel_heap_t **heap)
{
    cache_page_start();
    if (heaps_start() || meta_start())
        return -ENOMEM;
    lintel_heap_t *created = meta_allocate(sizeof(*created));
    if (!created)
        return -ENOMEM;
    int result = start_heap(created, options);
    if (result) {
        meta_free(created);
        return result;
    }
    heaps_add(created);
    *heap = created;
    return 0;
}

int lintel_heap_create(const lintel_heap_options_t *options, lintel_heap_t **heap)
{
    if (!heap)
        return -EINVAL;
    int cancel_state = cancel_forbid();
    int result = create_heap(options, heap);
    cancel_restore(cancel_state);
    return result;
}

void lintel_heap_destroy(lintel_heap_t *heap)
{
    if (!heap)
        return;
    int cancel_state = cancel_forbid();
    service_stop(&heap->service);
    registry_end(&heap->registry);
    /* Not before threads' chunks of its code are forgotten: the child of a fork writes to those that it gives back. */
    heaps_remove(heap);
    space_end(&heap->space);
    meta_free(heap);
    cancel_restore(cancel_state);
}

int lintel_heap_service(lintel_heap_t *heap)
{
    return heap ? service_start(&heap->service, &heap->space) : -EINVAL;
}

/* Returns 0; -EINVAL. */
static int check_description(const lintel_module_desc_t *desc)
{
    if (!desc->base || desc->base % os_page_size() || desc->image_size > UINTPTR_MAX - desc->base)
        return -EINVAL;
    if (desc->align && (!is_power_of_two(desc->align) || desc->align > MOST_ALIGN))
        return -EINVAL;
    return desc->kind == LINTEL_DATA || desc->kind == LINTEL_CODE ? 0 : -EINVAL;
}

/* Memory for a module, or NULL. */
static lintel_module_t *new_module(lintel_heap_t *heap, const lintel_module_desc_t *desc)
{
    lintel_module_t *created = meta_allocate(sizeof(*created));
    module_t        *module = meta_allocate(module_size(desc->name));

    if (!created || !module) {
        meta_free(created);
        meta_free(module);
        return NULL;
    }
    created->heap = heap;
    created->key = desc->key ? desc->key : desc->base;
    created->module = module;
    module->serial = registry_serial(&heap->registry);
    module->cache_place = cache_slot_place(module->serial);
    created->cache_place = module->cache_place;
    return created;
}

int lintel_module_open(lintel_heap_t *heap, const lintel_module_desc_t *desc, lintel_module_t **module)
{
    if (!heap || !desc || !module)
        return -EINVAL;
    int result = check_description(desc);
    if (result)
        return result;

    if (desc->kind == LINTEL_CODE && heap->space.options->code == LINTEL_CODE_DOUBLE)
        result = os_code_check();
    if (result)
        return result;
    cache_page_get(true);
    lintel_module_t *opened = new_module(heap, desc);
    if (!opened)
        return -ENOMEM;
    result = module_start(opened->module, &heap->space, desc);
    if (!result)
        result = registry_add(&heap->registry, opened);
    if (result) {
        registry_free(opened);
        return result;
    }
    probe_module_open(opened->module->name, opened->key, opened->module->base, opened->module->serial);
    *module = opened;
    /* A child of a fork gets a service thread with its first new module. */
    (void)service_start(&heap->service, &heap->space);
    return 0;
}

lintel_module_t *lintel_module_acquire(lintel_heap_t *heap, uint64_t key)
{
    if (!heap)
        return no_pointer(EINVAL);
    cache_page_get(true);
    lintel_module_t *module = registry_acquire(&heap->registry, key);
    return module ? module : no_pointer(ENOENT);
}

void lintel_module_release(lintel_module_t *module)
{
    if (module)
        registry_release(&module->heap->registry, module);
}

int lintel_module_close(lintel_heap_t *heap, uint64_t key)
{
    return heap ? registry_close(&heap->registry, key) : -EINVAL;
}

/* Out of the fast path's way. */
__attribute__((noinline)) static void *allocate(lintel_module_t *module, size_t size, size_t align)
{
    void *body;

    if (!module || !size)
        return no_pointer(EINVAL);
    int result = cache_allocate(module->module, size, align, &body);

    return result ? no_pointer(-result) : body;
}

/* Where the thread's page is not near: to find it takes a call, which is out of the fast path's way. */
__attribute__((noinline)) static void *allocate_far(lintel_module_t *module, size_t size)
{
    void *body;

    if (module && cache_take(&cache_page_own, module->module, module->cache_place, size, &body))
        return body;
    return allocate(module, size, 1);
}

void *lintel_alloc(lintel_module_t *module, size_t size)
{
    cache_place_t *own = cache_page_near(module);
    void          *body;

    if (!own)
        return allocate_far(module, size);
    if (cache_take(own, module->module, module->cache_place, size, &body))
        return body;
    return allocate(module, size, 1);
}

void *lintel_alloc_aligned(lintel_module_t *module, size_t size, size_t align)
{
    if (!is_power_of_two(align) || align > MOST_ALIGN)
        return no_pointer(EINVAL);
    return allocate(module, size, align);
}

size_t lintel_shrink(lintel_module_t *module, void *body, size_t old_size, size_t new_size)
{
    if (!module || !body || new_size >= old_size || old_size > UINTPTR_MAX - (uintptr_t)body)
        return 0;
    return cache_shrink(module->module, bytes_at(body, old_size), new_size);
}

/* Whether the bytes are in bodies of the module. */
static bool are_bodies(const lintel_module_t *module, const void *start, size_t size)
{
    range_t bytes = bytes_at(start, size);

    return module_owns(module->module, bytes) &&
           (module->module->kind == LINTEL_CODE || !cache_overlaps(module->module, module->module->cache_place, bytes));
}

void *lintel_writable(const lintel_module_t *module, const void *body)
{
    if (!module || !body)
        return no_pointer(EINVAL);
    if (!are_bodies(module, body, 1))
        return no_pointer(ERANGE);
    uintptr_t writable = module_writable(module->module, (uintptr_t)body);
    return writable ? (void *)writable : no_pointer(EACCES);
}

int lintel_publish(lintel_module_t *module, const void *body, size_t size)
{
    if (!module || !body)
        return -EINVAL;
    if (!are_bodies(module, body, size ? size : 1))
        return -ERANGE;
    return module->module->kind == LINTEL_CODE ? publish_bytes(module->module, bytes_at(body, size ? size : 1)) : 0;
}

int lintel_name_unwindable(lintel_module_t *module, const void *body, size_t size, const char *name,
                           const lintel_unwind_t *unwind)
{
    if (!module || !body || !size || !name || !*name || module->module->kind != LINTEL_CODE)
        return -EINVAL;
    if (!names_are_told(module->module->space))
        return 0;
    if (!are_bodies(module, body, size))
        return -ERANGE;
    if (strnlen(name, LINTEL_NAME_MOST + 1) > LINTEL_NAME_MOST)
        return -ENAMETOOLONG;
    return names_add(module->module, bytes_at(body, size), name, unwind);
}

int lintel_name(lintel_module_t *module, const void *body, size_t size, const char *name)
{
    return lintel_name_unwindable(module, body, size, name, NULL);
}

int64_t lintel_offset(const lintel_module_t *module, const void *body)
{
    if (!module)
        return -EINVAL;
    if (!are_bodies(module, body, 1))
        return -ERANGE;
    return (int64_t)((uintptr_t)body - module->module->base);
}

void lintel_thread_flush(void)
{
    cache_flush();
}

int lintel_find(const lintel_heap_t *heap, const void *address, lintel_location_t *location)
{
    return heap && location ? find_body(&heap->space, (uintptr_t)address, location) : -EINVAL;
}

int lintel_module_stats(const lintel_module_t *module, lintel_stats_t *stats)
{
    if (!module || !stats)
        return -EINVAL;
    *stats = stats_of_module(module->module);
    return 0;
}

size_t lintel_module_regions(const lintel_module_t *module, size_t capacity, lintel_region_t *regions)
{
    lintel_region_t prepared;
    size_t          count = 0;

    if (!module)
        return 0;
    for (const region_t *region = stats_first_region(module->module); region; region = stats_next_region(region)) {
        if (count < capacity)
            regions[count] = stats_of_region(region);
        count++;
    }
    if (stats_of_prepared(module->module, &prepared)) {
        if (count < capacity)
            regions[count] = prepared;
        count++;
    }
    return count;
}

int lintel_heap_stats(const lintel_heap_t *heap, lintel_stats_t *stats)
{
    if (!heap || !stats)
        return -EINVAL;
    *stats = stats_of_heap(heap);
    return 0;
}

int lintel_heap_print(const lintel_heap_t *heap, FILE *out, lintel_format_t format)
{
    if (!heap || !out || format > LINTEL_OPENMETRICS)
        return -EINVAL;
    return print_heap(heap, out, format);
}

const char *lintel_version(void)
{
    return VERSION_TEXT(LINTEL_VERSION_MAJOR, LINTEL_VERSION_MINOR, LINTEL_VERSION_PATCH);
}
