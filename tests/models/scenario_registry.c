/* SPDX-License-Identifier: MIT
 *
 * registry: a generation is closed while others acquire it, use it and release it, and its key is opened again.
 */
#include <errno.h>
#include <string.h>

#include "cache.h"
#include "kernel.h"
#include "meta.h"
#include "registry.h"
#include "scenarios.h"

enum { THE_KEY = 7 };

static lintel_heap_t    heap;
static lintel_module_t *first;

static lintel_module_t *new_generation(void)
{
    lintel_module_t     *module = meta_allocate(sizeof(*module));
    lintel_module_desc_t desc = {.base = kernel_image(), .image_size = KERNEL_PAGE, .key = THE_KEY};

    module->module = meta_allocate(module_size(NULL));
    module->module->cache_place = cache_slot_place(registry_serial(&heap.registry));
    module->heap = &heap;
    module->key = THE_KEY;
    explorer_check(!module_start(module->module, &heap.space, &desc), "the module is opened");
    return module;
}

static void start(void)
{
    kernel_start(1);
    memset((void *)&heap, 0, sizeof(heap));
    explorer_check(!registry_start(&heap.registry), "there is a table");
    first = new_generation();
    explorer_check(!registry_add(&heap.registry, first), "the key is free");
}

static void use(lintel_module_t *module)
{
    plain_touch(module);
    plain_touch(module->module);
}

static void acquire(void)
{
    lintel_module_t *module = registry_acquire(&heap.registry, THE_KEY);

    if (!module)
        return;
    use(module);
    registry_release(&heap.registry, module);
}

/* One closes, and gives back the reference that opening gave; the others come and go. */
static void thread(unsigned self)
{
    if (self) {
        acquire();
        return;
    }
    explorer_check(!registry_close(&heap.registry, THE_KEY), "G1: the open generation is closed");
    use(first);
    registry_release(&heap.registry, first);
}

/* Two close, and one of them opens the key again once it is closed. */
static void reopen(unsigned self)
{
    int closed = registry_close(&heap.registry, THE_KEY);

    if (self == 0) {
        use(first);
        registry_release(&heap.registry, first);
    } else if (closed == 0) {
        lintel_module_t *next = new_generation();
        explorer_check(!registry_add(&heap.registry, next), "G1: a closed key can be opened");
        registry_release(&heap.registry, next);
    }
}

static void end(void)
{
    if (!registry_close(&heap.registry, THE_KEY))
        explorer_check(!registry_acquire(&heap.registry, THE_KEY), "G1: a closed key is not found");
    explorer_check(!kernel_objects(), "G2, G3: a generation goes with its last reference");
}

const scenario_t scenario_references = {"references", 2, start, thread, end};
const scenario_t scenario_references_three = {"references-three", 3, start, thread, end};
const scenario_t scenario_reopening = {"reopening", 2, start, reopen, end};
