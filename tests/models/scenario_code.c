/* SPDX-License-Identifier: MIT
 *
 * code: a body is published while others are allocated on its page, from the cursor, the spare spans and a thread's
 * chunk, or shortened there. In the end every unused byte traps where pages are executable, and is zero elsewhere (O1);
 * every body is found, and was zero when it came.
 */
#include "code.h"

#include <string.h>

#include "cache.h"
#include "kernel.h"
#include "ledger.h"
#include "publish.h"
#include "scenarios.h"
#include "subject.h"

enum { UNIT = LEDGER_UNIT, BODY = 4 * UNIT, LARGE = 80 * UNIT, CONTENT = 0x11 };

static_assert(KERNEL_BLOCK == STARTS_BLOCK, "what a scenario puts across the start of a block");

static module_t *module;
static range_t   first, second, last;
static range_t   got[MOST_THREADS];

/* By who has a chunk, after its first body. */
static size_t taken_next;

/* Says that there is a body. */
static _Atomic unsigned told;

static range_t enter(void *start, size_t size)
{
    range_t body = {(uintptr_t)start, (uintptr_t)start + align_up(size, SUBJECT_ALIGN)};

    for (const unsigned char *byte = start; byte < (unsigned char *)body.end; byte++)
        explorer_check(!*byte, "O1: a body is zero when it comes");
    memset(start, CONTENT, range_size(body));
    return body;
}

static range_t allocate(size_t size)
{
    int   result;
    void *start = subject_allocate(size, &result);

    explorer_check(start, "who fits succeeds");
    return enter(start, size);
}

static void open_with_pages(unsigned count, unsigned before)
{
    kernel_start_across(count, before);
    memset((void *)(kernel_image() + KERNEL_PAGE), 0, (size_t)count * KERNEL_PAGE);
    memset(got, 0, sizeof(got));
    memory_private(&cache_page_own, sizeof(cache_page_own));
    /* relaxed: alone. */
    atomic_store_relaxed(&told, 0);
    module = subject_open(LINTEL_CODE, count);
}

static void start(void)
{
    open_with_pages(1, KERNEL_PAGES);
    first = allocate(BODY);
    second = allocate(LARGE);
    last = (range_t){0, 0};
}

/* The page is used up, but for a spare span. */
static void start_spare(void)
{
    start();
    last = allocate(KERNEL_PAGE - BODY - LARGE);
    ledger_give((range_t){second.start + BODY, second.end});
    explorer_check(cache_shrink(module, second, BODY) == LARGE - BODY, "what is given back is taken");
    second.end = second.start + BODY;
}

static void publish(range_t body)
{
    explorer_check(!publish_bytes(module, body), "a body is published");
}

static void publish_or_allocate(unsigned self)
{
    if (self == 0)
        publish(first);
    else
        got[self] = allocate(BODY);
}

static void shrink(range_t *body)
{
    range_t freed = {body->start + BODY, body->end};

    ledger_give(freed);
    explorer_check(cache_shrink(module, *body, BODY) == range_size(freed), "what is given back is taken");
    body->end = freed.start;
}

static void publish_or_shrink(unsigned self)
{
    if (self == 0) {
        publish(first);
        return;
    }
    explorer_check(cache_shrink(module, second, LARGE) == 0, "what is no shorter gives nothing back");
    shrink(&second);
}

/* Both give back the ends of their bodies, one of them to the region's cursor; then a body comes there. */
static void start_returned(void)
{
    open_with_pages(1, KERNEL_PAGES);
    first = allocate(LARGE);
    second = allocate(LARGE);
    last = (range_t){0, 0};
}

static void shrink_both(unsigned self)
{
    shrink(self ? &second : &first);
}

static void publish_both(unsigned self)
{
    publish(self ? second : first);
}

static bool is_found(range_t body)
{
    const region_t *region = codemap_lookup(&module->space->map, body.start);
    starts_body_t   found;

    return starts_find(&module->space->starts, body.end - 1, region_bounds(region), &found) &&
           found.bytes.start == body.start;
}

/* One tells of its body, once it can be called; the other finds it. */
static void tell_or_find(unsigned self)
{
    if (self == 0) {
        got[0] = allocate(BODY);
        /* release: pairs with the acquire below; publishes the body. */
        atomic_store_release(&told, 1);
        return;
    }
    explorer_check(is_found(first), "what was there before is found");
    /* acquire: pairs with the release above. */
    if (atomic_load_acquire(&told))
        explorer_check(is_found(got[0]), "K1: who learns of a body finds it");
}

static void check_unit(uintptr_t unit)
{
    const unsigned char *bytes = (const unsigned char *)unit;
    unsigned char        expected = kernel_is_executable(unit) ? CODE_TRAP : 0;

    if (ledger_has(unit))
        return;
    for (unsigned i = 0; i < UNIT; i++)
        explorer_check(bytes[i] == expected, "O1: unused bytes trap in open pages, and are zero in closed ones");
}

static void check_found(range_t body)
{
    explorer_check(!range_size(body) || is_found(body), "K1: a body is found");
    explorer_check(!range_size(body) || *(unsigned char *)body.start == CONTENT, "a body is nobody else's");
}

static void end(void)
{
    const region_t *region = newest_region(module);

    for (uintptr_t unit = region_first(region); unit < region_committed(region); unit += UNIT)
        check_unit(unit);
    check_found(first);
    check_found(second);
    check_found(last);
    for (unsigned i = 0; i < MOST_THREADS; i++)
        check_found(got[i]);
    subject_check();
}

static void end_returned(void)
{
    last = allocate(LARGE + BODY);
    for (uintptr_t unit = last.start; unit < last.end; unit += UNIT)
        explorer_check(is_found((range_t){last.start, unit + UNIT}), "K1: inside of a body nothing is marked");
    end();
}

/* One has a chunk, and takes a body of it; another publishes that, while the first takes one more and ends. */
static void start_chunk_before(unsigned pages, size_t size)
{
    range_t chunk;

    open_with_pages(2 + pages, KERNEL_PAGES);
    taken_next = size;
    second = last = (range_t){0, 0};
    first = allocate(BODY);
    cache_page_start();
    cache_page_get(true);
    kernel_end_thread();
    explorer_check(module_claim_chunk(module, KERNEL_PAGE, KERNEL_PAGE, &chunk), "there is a chunk");
    cache_slot_enter(cache_page_slot(cache_page_first(), module->cache_place), module, chunk);
}

static void start_chunk(void)
{
    start_chunk_before(0, BODY);
}

/* The second body has no room in the chunk, but behind it. */
static void start_short_chunk(void)
{
    start_chunk_before(1, KERNEL_PAGE);
}

static range_t take(size_t size)
{
    void *start = NULL;

    explorer_check(!cache_allocate(module, size, 1, &start), "who fits succeeds");
    ledger_take((range_t){(uintptr_t)start, (uintptr_t)start + size});
    return enter(start, size);
}

static void take_or_publish(unsigned self)
{
    if (self == 0) {
        cache_page_get(true);
        got[0] = take(BODY);
        /* release: pairs with the acquire below; publishes the body. */
        atomic_store_release(&told, 1);
        got[2] = take(taken_next);
        kernel_end_thread();
        return;
    }
    /* acquire: pairs with the release above. */
    if (atomic_load_acquire(&told))
        publish(got[0]);
}

/* One's last body goes on from the page of its first, which is published meanwhile, to the next page; then it ends on
 * the first page, where the chunk goes on. */
static void untake_or_publish(unsigned self)
{
    if (self == 0) {
        cache_page_get(true);
        got[0] = take(BODY);
        second = take(KERNEL_PAGE);
        /* release: pairs with the acquire below; publishes the body. */
        atomic_store_release(&told, 1);
        shrink(&second);
        return;
    }
    /* acquire: pairs with the release above. */
    if (atomic_load_acquire(&told))
        publish(got[0]);
}

static void end_untaken(void)
{
    const cache_slot_t *slot = cache_page_slot(cache_page_first(), module->cache_place);

    /* relaxed, both: alone. */
    explorer_check(!kernel_is_executable(atomic_load_relaxed(&slot->cursor)) ||
                       (atomic_load_relaxed(&slot->module) & SLOT_OPENED),
                   "T6: a page of a chunk is open only with SLOT_OPENED");
    check_found(got[0]);
    check_found(second);
}

const scenario_t scenario_code_open = {"code-open", 2, start, publish_or_allocate, end};
const scenario_t scenario_code_spare = {"code-spare", 2, start_spare, publish_or_allocate, end};
const scenario_t scenario_code_shrink = {"code-shrink", 2, start, publish_or_shrink, end};
const scenario_t scenario_code_returned = {"code-returned", 2, start_returned, shrink_both, end_returned};
const scenario_t scenario_code_untaken = {"code-untaken", 2, start_short_chunk, untake_or_publish, end_untaken};
const scenario_t scenario_code_both = {"code-both", 2, start, publish_both, end};
const scenario_t scenario_code_find = {"code-find", 2, start, tell_or_find, end};
const scenario_t scenario_code_chunk = {"code-chunk", 2, start_chunk, take_or_publish, end};
const scenario_t scenario_code_longer = {"code-longer", 2, start_short_chunk, take_or_publish, end};
