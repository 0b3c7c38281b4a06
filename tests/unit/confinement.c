/* SPDX-License-Identifier: MIT */
#include "confinement.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "atomic.h"
#include "meta.h"
#include "os.h"
#include "unit.h"

/* On a page of its own: nothing here may depend on what is tested. */
typedef struct {
    range_t pages;
} piece_t;

static _Atomic(piece_t *)    pieces[CONFINED_PIECES];
static _Atomic unsigned long count;

void  __real_os_release(range_t range);
void  __wrap_os_release(range_t range);
void *__wrap_meta_allocate(size_t size);
void  __wrap_meta_free(void *memory);

static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

static void let_go(piece_t *piece)
{
    if (!piece)
        return;
    __real_os_release(piece->pages);
    munmap(piece, os_page_size());
}

static void lock_up(range_t pages)
{
    piece_t *piece = map(os_page_size());
    void    *there = mmap((void *)pages.start, range_size(pages), PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);

    if (!piece || there == MAP_FAILED)
        abort();
    piece->pages = pages;
    /* relaxed: a number for each. */
    unsigned long number = atomic_fetch_add_relaxed(&count, 1);
    /* acq_rel: hands pieces over. */
    let_go(atomic_exchange_explicit(&pieces[number % CONFINED_PIECES], piece, memory_order_acq_rel));
}

void __wrap_os_release(range_t range)
{
    lock_up(range);
}

/* The object begins on the second page; the first holds its size. */
void *__wrap_meta_allocate(size_t size)
{
    size_t  page = os_page_size();
    size_t *first = map(page + align_up(size, page));

    if (!first)
        return NULL;
    *first = align_up(size, page);
    return (char *)first + page;
}

void __wrap_meta_free(void *memory)
{
    uintptr_t start = (uintptr_t)memory - os_page_size();

    if (memory)
        lock_up((range_t){start, (uintptr_t)memory + *(size_t *)start});
}

void confinement_clear(void)
{
    for (size_t i = 0; i < CONFINED_PIECES; i++)
        let_go(atomic_exchange_explicit(&pieces[i], NULL, memory_order_acq_rel));
}

unsigned long confinement_count(void)
{
    return atomic_load_relaxed(&count); /* relaxed: a figure. */
}
