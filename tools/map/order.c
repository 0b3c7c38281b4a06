/* SPDX-License-Identifier: MIT */
#include "order.h"

#include <stdlib.h>
#include <string.h>

static int descending(uint64_t a, uint64_t b)
{
    return (a < b) - (a > b);
}

static int by_base(const void *left, const void *right)
{
    const landscape_module_t *a = left;
    const landscape_module_t *b = right;

    return a->base != b->base ? descending(b->base, a->base) : descending(b->serial, a->serial);
}

static int by_bytes(const void *left, const void *right)
{
    int order = descending(((const landscape_module_t *)left)->stats.allocated,
                           ((const landscape_module_t *)right)->stats.allocated);

    return order != 0 ? order : by_base(left, right);
}

static int by_name(const void *left, const void *right)
{
    int order = strcmp(((const landscape_module_t *)left)->name, ((const landscape_module_t *)right)->name);

    return order != 0 ? order : by_base(left, right);
}

static int by_lost(const void *left, const void *right)
{
    int order = descending(((const landscape_module_t *)left)->stats.lost,
                           ((const landscape_module_t *)right)->stats.lost);

    return order != 0 ? order : by_base(left, right);
}

static int by_failures(const void *left, const void *right)
{
    int order = descending(((const landscape_module_t *)left)->stats.failures,
                           ((const landscape_module_t *)right)->stats.failures);

    return order != 0 ? order : by_base(left, right);
}

void order_modules(snapshot_t *snapshot, sort_t sort)
{
    static int (*const orders[])(const void *, const void *) = {
        [SORT_BYTES] = by_bytes, [SORT_BASE] = by_base,         [SORT_NAME] = by_name,
        [SORT_LOST] = by_lost,   [SORT_FAILURES] = by_failures,
    };
    landscape_t *landscape = &snapshot->landscape;

    if (landscape->module_count > 0)
        qsort(landscape->modules, landscape->module_count, sizeof(*landscape->modules), orders[sort]);
}
