/* SPDX-License-Identifier: MIT */
#include "books.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

void ledger_add(ledger_t *ledger, size_t size, size_t align)
{
    ledger->bodies++;
    ledger->bytes += size;
    ledger->lost += (align - size % align) % align;
}

static int by_start(const void *left, const void *right)
{
    const lintel_region_t *a = left;
    const lintel_region_t *b = right;

    return (a->start > b->start) - (a->start < b->start);
}

int account_read(const subject_t *subject, account_t *account)
{
    int error = lintel_module_stats(subject->module, &account->stats);

    account->region_count = lintel_module_regions(subject->module, 0, NULL);
    account->regions = calloc(account->region_count + 1, sizeof(*account->regions));
    if (account->regions == NULL)
        return -ENOMEM;
    lintel_module_regions(subject->module, account->region_count, account->regions);
    qsort(account->regions, account->region_count, sizeof(*account->regions), by_start);
    return error;
}

void account_free(account_t *account)
{
    free(account->regions);
    *account = (account_t){0};
}

static void check_equal(verdict_t *verdict, const char *name, const char *figure, uint64_t said, uint64_t counted)
{
    if (said != counted)
        verdict_broken(verdict, "books", "%s: %s is said to be %llu and is %llu", name, figure,
                       (unsigned long long)said, (unsigned long long)counted);
}

/* The last page may go past the reach; no body in it does. */
static bool is_in_order(const subject_t *subject, const lintel_region_t *region)
{
    size_t    page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t last = subject_last_address(subject) | (page - 1);

    return region->start - subject->base >= subject->image_size && region->start % page == 0 && region->reserved > 0 &&
           region->start <= last && region->reserved - 1 <= last - region->start && region->used <= region->reserved &&
           region->committed <= region->reserved;
}

static void check_region(verdict_t *verdict, const subject_t *subject, const lintel_region_t *region)
{
    if (!is_in_order(subject, region))
        verdict_broken(verdict, "region", "%s: out of order: %#zx, %zu reserved, %zu committed, %zu used",
                       subject->name, (size_t)region->start, region->reserved, region->committed, region->used);
}

static lintel_region_t sum_regions(const account_t *account)
{
    lintel_region_t sum = {0};

    for (size_t i = 0; i < account->region_count; i++) {
        sum.reserved += account->regions[i].reserved;
        sum.committed += account->regions[i].committed;
        sum.used += account->regions[i].used;
    }
    return sum;
}

void books_check_module(verdict_t *verdict, const subject_t *subject, const ledger_t *ledger, const account_t *account)
{
    const lintel_stats_t *stats = &account->stats;
    lintel_region_t       sum = sum_regions(account);

    check_equal(verdict, subject->name, "allocations", stats->allocations, ledger->bodies);
    check_equal(verdict, subject->name, "allocated", stats->allocated, ledger->bytes);
    check_equal(verdict, subject->name, "lost", stats->lost, ledger->lost);
    check_equal(verdict, subject->name, "failures", stats->failures, ledger->failures);
    check_equal(verdict, subject->name, "modules", stats->modules, 1);
    check_equal(verdict, subject->name, "regions", stats->regions, account->region_count);
    check_equal(verdict, subject->name, "reserved", stats->reserved, sum.reserved);
    check_equal(verdict, subject->name, "committed", stats->committed, sum.committed);
    check_equal(verdict, subject->name, "allocated + spare + lost", stats->allocated + stats->spare + stats->lost,
                sum.used);
    for (size_t i = 0; i < account->region_count; i++)
        check_region(verdict, subject, &account->regions[i]);
}

static void add_stats(lintel_stats_t *sum, const lintel_stats_t *stats)
{
    sum->modules += stats->modules;
    sum->regions += stats->regions;
    sum->reserved += stats->reserved;
    sum->committed += stats->committed;
    sum->allocated += stats->allocated;
    sum->allocations += stats->allocations;
    sum->spare += stats->spare;
    sum->lost += stats->lost;
    sum->failures += stats->failures;
}

void books_check_heap(verdict_t *verdict, const lintel_heap_t *heap, const account_t *accounts, size_t count)
{
    lintel_stats_t said = {0};
    lintel_stats_t sum = {0};

    for (size_t i = 0; i < count; i++)
        add_stats(&sum, &accounts[i].stats);
    check_equal(verdict, "heap", "what lintel_heap_stats returns", (uint64_t)lintel_heap_stats(heap, &said), 0);
    check_equal(verdict, "heap", "modules", said.modules, sum.modules);
    check_equal(verdict, "heap", "regions", said.regions, sum.regions);
    check_equal(verdict, "heap", "reserved", said.reserved, sum.reserved);
    check_equal(verdict, "heap", "committed", said.committed, sum.committed);
    check_equal(verdict, "heap", "allocated", said.allocated, sum.allocated);
    check_equal(verdict, "heap", "allocations", said.allocations, sum.allocations);
    check_equal(verdict, "heap", "spare", said.spare, sum.spare);
    check_equal(verdict, "heap", "lost", said.lost, sum.lost);
    check_equal(verdict, "heap", "failures", said.failures, sum.failures);
}

/* The region that starts last at or below `address`, or NULL. */
static const lintel_region_t *region_below(const account_t *account, uintptr_t address)
{
    size_t low = 0;
    size_t high = account->region_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (account->regions[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &account->regions[low - 1] : NULL;
}

static size_t least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

void books_check_bodies(verdict_t *verdict, const account_t *account, const body_t *bodies, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const lintel_region_t *region = region_below(account, bodies[i].start);
        size_t                 offset = region != NULL ? bodies[i].start - region->start : 0;
        size_t                 ready = region != NULL ? least_of(region->used, region->committed) : 0;

        if (offset >= ready || bodies[i].size > ready - offset)
            verdict_broken(verdict, "region", "%s: %zu bytes at %#zx are in no region's used part",
                           bodies[i].owner->name, bodies[i].size, (size_t)bodies[i].start);
    }
}

/* What a region may have committed beyond its last body: a step, which grows to a quarter of what the module has handed
 * out and no further than 1 MiB, and what threads have in hand or was set aside behind it. */
static size_t commit_slack(const account_t *account, size_t commit_step)
{
    size_t handed_out = 0;

    for (size_t i = 0; i < account->region_count; i++)
        handed_out += account->regions[i].used;
    size_t share = least_of(handed_out / 4, (size_t)1 << 20);
    return (share > commit_step ? share : commit_step) + (size_t)account->stats.spare;
}

void books_check_frugal(verdict_t *verdict, const subject_t *subject, const account_t *account, const body_t *bodies,
                        size_t count, size_t commit_step)
{
    size_t *ends = calloc(account->region_count + 1, sizeof(*ends));
    size_t  slack = commit_slack(account, commit_step);

    for (size_t i = 0; ends != NULL && i < count; i++) {
        const lintel_region_t *region = region_below(account, bodies[i].start);
        size_t                 end = region != NULL ? bodies[i].start + bodies[i].size - region->start : 0;

        if (region != NULL && end > ends[region - account->regions])
            ends[region - account->regions] = end;
    }
    for (size_t i = 0; ends != NULL && i < account->region_count; i++)
        if (account->regions[i].committed >= ends[i] + slack + (ends[i] == 0))
            verdict_broken(verdict, "frugal", "%s: the region at %#zx has %zu bytes committed for bodies in %zu",
                           subject->name, (size_t)account->regions[i].start, account->regions[i].committed, ends[i]);
    free(ends);
}
