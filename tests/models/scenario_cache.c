/* SPDX-License-Identifier: MIT
 *
 * cache: a thread gives its chunk back while the reclaimer forgets the module; a reader tells bodies from the rest of a
 * chunk while chunks change; and somebody makes a body of what was left of one.
 */
#include "cache.h"
#include "kernel.h"
#include "ledger.h"
#include "os.h"
#include "scenarios.h"
#include "subject.h"

enum { CHUNK = 8 * LEDGER_UNIT, BODY = LEDGER_UNIT };

static module_t     *module;
static cache_slot_t *slot;
static range_t       chunks[2];
static range_t       body;

/* Says that there is a body. */
static _Atomic unsigned told;

static range_t claim_chunk(void)
{
    range_t chunk = {0};

    explorer_check(module_claim_chunk(module, CHUNK, CHUNK, &chunk), "the module gives a chunk");
    return chunk;
}

static void start(void)
{
    /* relaxed: alone. */
    atomic_store_relaxed(&told, 0);
    memory_private(&cache_page_own, sizeof(cache_page_own));
    module = subject_start(1);
    (void)subject_prepare(BODY);
    cache_page_start();
    cache_page_get(true);
    slot = cache_page_slot(cache_page_first(), module->cache_place);
    chunks[1] = claim_chunk();
    chunks[0] = claim_chunk();
    cache_slot_enter(slot, module, chunks[0]);
    plain_watch(module, module_size(NULL));
}

/* The module is gone for good when none has a chunk of it. */
static void leave_or_forget(unsigned self)
{
    if (self == 0) {
        cache_slot_leave(slot);
        return;
    }
    while (!cache_forget(module))
        os_yield();
    plain_end(module);
}

static void end_leaving(void)
{
    /* relaxed: alone. */
    explorer_check(!atomic_load_relaxed(&slot->module), "T3: nobody has a chunk any more");
}

/* A body from the first chunk's end, then the second chunk, which lies below: with the cursor of the one and the end of
 * the other, the body would look like what is left. */
static void take_and_change(void)
{
    void *taken = NULL;

    for (unsigned i = 0; i < CHUNK / BODY; i++)
        explorer_check(cache_slot_take(slot, BODY, &taken), "T1: there is room in the chunk");
    body = (range_t){(uintptr_t)taken, (uintptr_t)taken + BODY};
    ledger_take(body);
    /* release: pairs with look's acquire; publishes the body. */
    atomic_store_release(&told, 1);
    cache_slot_leave(slot);
    cache_slot_enter(slot, module, chunks[1]);
    explorer_check(cache_slot_take(slot, BODY, &taken), "T1: there is room in the chunk");
}

static void look(void)
{
    /* acquire: pairs with take_and_change's release. */
    if (atomic_load_acquire(&told))
        explorer_check(!cache_overlaps(module, module->cache_place, body), "T1: a body is in no chunk");
}

static void change_or_look(unsigned self)
{
    if (self == 0)
        take_and_change();
    else
        look();
}

static void end_chunk(void)
{
    lintel_stats_t stats = {0};

    cache_count(module, &stats);
    explorer_check(stats.spare == CHUNK - BODY && stats.allocations == 1, "T2: the books of a chunk");
}

/* One thread's chunk gives way to another; the other makes a body of what was left, once that is to be had. */
static void exchange_or_take(unsigned self)
{
    spare_request_t request = {.size = BODY, .align = BODY, .window = chunks[0]};
    range_t         front;

    if (self == 0)
        cache_slot_exchange(slot, module, chunks[1]);
    else if (spare_take(&module->spares, &request, &body, &front))
        explorer_check(!cache_overlaps(module, module->cache_place, body), "T1: what was left is in no chunk");
}

static void end_exchange(void)
{
    lintel_stats_t stats = {0};

    cache_count(module, &stats);
    explorer_check(stats.spare == CHUNK && stats.allocations == 1 && stats.allocated == BODY, "T7: the books go along");
}

static void start_exchange(void)
{
    void *taken;

    start();
    explorer_check(cache_slot_take(slot, BODY, &taken), "T1: there is room in the chunk");
}

/* No pages yet: threads get theirs, use them, and end; one may get the other's. */
static void start_pages(void)
{
    memory_private(&cache_page_own, sizeof(cache_page_own));
    kernel_start(1);
    cache_page_start();
}

/* One page, whose thread has ended. */
static void start_left_page(void)
{
    start_pages();
    cache_page_get(true);
    kernel_end_thread();
}

static void use_page(unsigned self)
{
    (void)self;
    cache_page_get(true);
    cache_page_t *page = cache_page_enter(&cache_page_own);
    explorer_check(cache_page_is_real(page), "there is a page");
    plain_write(page->slots, sizeof(page->slots[0]));
    cache_page_leave(&cache_page_own, page);
    plain_write(page->slots, sizeof(page->slots[0]));
    kernel_end_thread();
}

static void end_pages(void)
{
    unsigned count = 0;

    for (const cache_page_t *page = cache_page_first(); page; page = page->next, count++)
        /* relaxed: alone. */
        explorer_check(!atomic_load_relaxed(&page->place), "T2: a page goes on when its thread ends");
    explorer_check(count == kernel_maps(), "T2: no page is lost");
}

const scenario_t scenario_pages = {"pages", 2, start_pages, use_page, end_pages};
const scenario_t scenario_pages_left = {"pages-left", 2, start_left_page, use_page, end_pages};
const scenario_t scenario_leaving = {"leaving", 2, start, leave_or_forget, end_leaving};
const scenario_t scenario_chunk = {"chunk", 2, start, change_or_look, end_chunk};
const scenario_t scenario_handed_on = {"handed-on", 2, start_exchange, exchange_or_take, end_exchange};
