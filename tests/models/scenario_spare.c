/* SPDX-License-Identifier: MIT
 *
 * spare: one span, carved by several, and what was carved put back beside the rest, where it joins it or not.
 */
#include <string.h>

#include "kernel.h"
#include "ledger.h"
#include "scenarios.h"
#include "spare.h"

enum { UNIT = LEDGER_UNIT, SIZE = 6 * UNIT };

static slab_t  slab;
static spare_t spare;
static range_t whole;

static void start(void)
{
    kernel_start(1);
    ledger_start();
    slab = (slab_t){0};
    memset((void *)&spare, 0, sizeof(spare));
    whole = (range_t){kernel_image() + KERNEL_PAGE, kernel_image() + KERNEL_PAGE + SIZE};
    explorer_check(!spare_start(&spare, &slab, whole.start), "there is a first block");
    explorer_check(!range_size(spare_put(&spare, &slab, whole, whole)), "the first span is kept");
}

static bool take(size_t size, size_t align, range_t *body)
{
    spare_request_t request = {.size = size, .align = align, .window = whole};
    range_t         front;

    if (!spare_take(&spare, &request, body, &front))
        return false;
    explorer_check(range_size(*body) == size && range_contains(whole, *body), "P2: a body lies in its span");
    ledger_take(*body);
    plain_write((const void *)front.start, range_size(front));
    explorer_check(!range_size(spare_put(&spare, &slab, front, whole)), "the front is kept");
    return true;
}

static void put(range_t range)
{
    ledger_give(range);
    explorer_check(!range_size(spare_put(&spare, &slab, range, whole)), "what comes back is kept");
}

static void thread(unsigned self)
{
    range_t body;

    if (self == 1) {
        (void)take(2 * (size_t)UNIT, 4 * (size_t)UNIT, &body);
        return;
    }
    if (take((2 - self / 2) * (size_t)UNIT, 1, &body))
        put(body);
}

static void end(void)
{
    range_t body;
    size_t  left = SIZE - ledger_taken();

    explorer_check(spare_total(&spare) == left, "P1: every byte is in one span, or somebody's");
    while (take(UNIT, 1, &body))
        left -= UNIT;
    explorer_check(!left && !spare_total(&spare), "P1: all of it can be had");
}

/* Nothing yet: each readies the list, puts a span of its own and takes one. */
static void start_nothing(void)
{
    kernel_start(1);
    ledger_start();
    slab = (slab_t){0};
    memset((void *)&spare, 0, sizeof(spare));
    whole = (range_t){kernel_image() + KERNEL_PAGE, kernel_image() + 2 * (uintptr_t)KERNEL_PAGE};
}

static void begin(unsigned self)
{
    range_t body = {whole.start + 2 * (size_t)self * UNIT, whole.start + (2 * (size_t)self + 1) * UNIT};

    explorer_check(!spare_start(&spare, &slab, whole.start), "there is a first block");
    explorer_check(!range_size(spare_put(&spare, &slab, body, whole)), "the first span is kept");
    (void)take(UNIT, 1, &body); /* a search may pass over what comes and goes behind its back */
}

/* With so many bytes put in the course of the scenario. */
static void check_total(size_t put)
{
    range_t body;

    explorer_check(spare_total(&spare) + ledger_taken() == put, "P1: every byte is in one span, or somebody's");
    while (take(UNIT, 1, &body))
        continue;
    explorer_check(ledger_taken() == put, "P1: all of it can be had");
}

static void end_begun(void)
{
    check_total(2 * (size_t)UNIT);
}

/* The first block is full, with spans that do not touch: the next ones need blocks of their own. */
static void start_full(void)
{
    start_nothing();
    explorer_check(!spare_start(&spare, &slab, whole.start), "there is a first block");
    for (unsigned i = 0; i < SPARE_SLOTS; i++) {
        range_t span = {whole.start + 2 * (size_t)i * UNIT, whole.start + (2 * (size_t)i + 1) * UNIT};
        explorer_check(!range_size(spare_put(&spare, &slab, span, whole)), "a span is kept");
    }
}

static void overflow(unsigned self)
{
    uintptr_t start = whole.start + (2 * (size_t)SPARE_SLOTS + 6 * (size_t)self) * UNIT;
    range_t   body = {start, start + 2 * (size_t)UNIT};

    explorer_check(!range_size(spare_put(&spare, &slab, body, whole)), "a further span is kept");
    (void)take(2 * (size_t)UNIT, 1, &body);
}

static void end_full(void)
{
    check_total((SPARE_SLOTS + 4) * (size_t)UNIT);
}

const scenario_t scenario_spare = {"spare", 2, start, thread, end};
const scenario_t scenario_spare_three = {"spare-three", 3, start, thread, end};
const scenario_t scenario_spare_begin = {"spare-begin", 2, start_nothing, begin, end_begun};
const scenario_t scenario_spare_blocks = {"spare-blocks", 2, start_full, overflow, end_full};
