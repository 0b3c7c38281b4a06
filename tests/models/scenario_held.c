/* SPDX-License-Identifier: MIT
 *
 * held: address space that is held for nobody's bodies, until one thread gets it: a region's guard, and the quarantine.
 */
#include "kernel.h"
#include "ledger.h"
#include "os.h"
#include "quarantine.h"
#include "region.h"
#include "scenarios.h"

enum { THREADS = 2 };

static region_t     region;
static quarantine_t quarantine;

static range_t page_of(unsigned number)
{
    uintptr_t start = kernel_image() + (1 + (uintptr_t)number) * KERNEL_PAGE;

    return (range_t){start, start + KERNEL_PAGE};
}

static void start_guard(void)
{
    region_origin_t origin = {.base = kernel_image(), .key = 1, .guard = KERNEL_PAGE, .range = page_of(0)};

    kernel_start(2);
    ledger_start();
    (void)kernel_reserve_all();
    origin.limit = origin.range.end;
    region_start(&region, &origin);
}

static void yield_guard(unsigned self)
{
    (void)self;
    if (region_yield_guard(&region))
        ledger_take(page_of(1));
}

static void end_guard(void)
{
    explorer_check(ledger_taken() == KERNEL_PAGE && !range_size(region_guard(&region)), "R5: one gets the guard");
}

static void start_quarantine(void)
{
    kernel_start(THREADS);
    ledger_start();
    (void)kernel_reserve_all();
    for (unsigned i = 0; i < QUARANTINE_RANGES; i++)
        atomic_store_relaxed(&quarantine.ranges[i], 0);
}

/* It has a page, and is done with it. */
static void put_and_take(unsigned self)
{
    range_t pages = page_of(self);

    ledger_take(pages);
    ledger_give(pages);
    explorer_check(!range_size(quarantine_put(&quarantine, pages)), "nothing comes out of an empty slot");
    if (quarantine_take(&quarantine, os_addresses(), &pages))
        ledger_take(pages);
}

static void end_quarantine(void)
{
    range_t pages;

    while (quarantine_take(&quarantine, os_addresses(), &pages))
        ledger_take(pages);
    explorer_check(ledger_taken() == (size_t)THREADS * KERNEL_PAGE, "Q1: every range comes out");
}

const scenario_t scenario_guard = {"guard", THREADS, start_guard, yield_guard, end_guard};
const scenario_t scenario_quarantine = {"quarantine", THREADS, start_quarantine, put_and_take, end_quarantine};
