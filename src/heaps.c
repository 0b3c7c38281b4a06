/* SPDX-License-Identifier: MIT */
#include "heaps.h"

#include "cache_page.h"
#include "fork.h"
#include "meta.h"
#include "names.h"
#include "os.h"

/* Both are changed only while no fork is (fork_hold), or by the thread that forks. */
lintel_heap_t   *heaps;
static os_gate_t gate;

static void before_fork(void)
{
    bool has_code = false;

    fork_before();
    for (lintel_heap_t *heap = heaps; heap && !has_code; heap = heap->next)
        has_code = space_has_code(&heap->space);
    if (has_code)
        (void)os_gate_make(&gate);
    meta_hold();
}

static void in_parent(void)
{
    meta_release();
    os_gate_wait(&gate);
    fork_after_in_parent();
}

/* Chunks are given back, and unused bytes of code written, only in the child's own copy. */
static void in_child(void)
{
    meta_release();
    for (lintel_heap_t *heap = heaps; heap; heap = heap->next)
        space_after_fork(&heap->space, gate.made);
    os_gate_open(&gate);
    names_after_fork();
    cache_page_after_fork();
    fork_after_in_child();
}

int heaps_start(void)
{
    return fork_start(before_fork, in_parent, in_child);
}

void heaps_add(lintel_heap_t *heap)
{
    fork_hold();
    heap->next = heaps;
    heaps = heap;
    fork_release();
}

void heaps_remove(lintel_heap_t *heap)
{
    lintel_heap_t **link = &heaps;

    fork_hold();
    while (*link != heap)
        link = &(*link)->next;
    *link = heap->next;
    registry_count_departure();
    fork_release();
}
