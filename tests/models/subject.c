/* SPDX-License-Identifier: MIT */
#include "subject.h"

#include <string.h>

#include "cache.h"
#include "explorer.h"
#include "kernel.h"
#include "ledger.h"
#include "os.h"
#include "stats.h"

lintel_heap_options_t subject_options;

static space_t   space;
static module_t *module;

static module_t *open_module(lintel_kind_t kind, uint64_t serial)
{
    lintel_module_desc_t desc = {
        .base = kernel_image(), .image_size = KERNEL_PAGE, .align = SUBJECT_ALIGN, .kind = kind};
    void *memory;

    explorer_check(!os_map(module_size(NULL), &memory), "there is memory for a module");
    memset(memory, 0, module_size(NULL));
    module_t *opened = memory;
    opened->serial = serial;
    opened->cache_place = cache_slot_place(serial);
    explorer_check(!module_start(opened, &space, &desc), "the module is opened");
    return opened;
}

module_t *subject_start(unsigned pages)
{
    kernel_start(pages);
    return subject_open(LINTEL_DATA, 1);
}

module_t *subject_open(lintel_kind_t kind, unsigned pages)
{
    ledger_start();
    memset((void *)&space, 0, sizeof(space));
    subject_options = (lintel_heap_options_t){.first_region = (size_t)pages * KERNEL_PAGE,
                                              .region_limit = (size_t)pages * KERNEL_PAGE,
                                              .commit_step = KERNEL_PAGE,
                                              .guard = LINTEL_OFF};
    space.options = &subject_options;
    module = open_module(kind, 1);
    return module;
}

module_t *subject_another(void)
{
    return open_module(LINTEL_DATA, 2);
}

void *subject_allocate(size_t size, int *result)
{
    void *body = NULL;

    *result = module_allocate(module, size, 1, &body);
    if (*result)
        return NULL;
    range_t range = {(uintptr_t)body, (uintptr_t)body + align_up(size, SUBJECT_ALIGN)};
    explorer_check(kernel_is_committed(range), "R4: a body is accessible");
    ledger_take(range);
    return body;
}

void *subject_prepare(size_t size)
{
    int   result;
    void *body = subject_allocate(size, &result);

    explorer_check(body, "the first body is there");
    return body;
}

void subject_check(void)
{
    lintel_stats_t stats = stats_of_module(module);
    uint64_t       used = 0;
    size_t         had = ledger_taken();

    explorer_check((uint64_t)kernel_reserved_pages() * KERNEL_PAGE == stats.reserved,
                   "what is reserved is in the list of regions");
    for (const region_t *region = stats_first_region(module); region; region = stats_next_region(region)) {
        uintptr_t level = bump_level(&region->bump);
        used += level - region_first(region);
        region_check(region);
        explorer_check(region == stats_first_region(module) || level == bump_end(&region->bump), "M3");
    }
    explorer_check(used == stats.allocated + stats.spare + stats.lost, "M2");
    explorer_check(used == had + stats.spare, "M1");
}
