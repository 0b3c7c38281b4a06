/* SPDX-License-Identifier: MIT
 *
 * slab: a free list with a tag against reuse between its load and its compare-and-swap, over chunks that double.
 */
#include "slab.h"

#include <errno.h>

#include "os.h"

static unsigned chunk_of(uint32_t index)
{
    return 31 - (unsigned)__builtin_clz(index / SLAB_FIRST_CHUNK + 1);
}

static uint32_t chunk_first(unsigned chunk)
{
    return SLAB_FIRST_CHUNK * ((UINT32_C(1) << chunk) - 1);
}

static size_t chunk_size(unsigned chunk)
{
    return ((size_t)SLAB_FIRST_CHUNK << chunk) * SLAB_CELL_SIZE;
}

static slab_cell_t *cell_at(slab_t *slab, uint32_t index)
{
    unsigned chunk = chunk_of(index);
    /* acquire: pairs with ensure_chunk's release; the chunk's pages are there. */
    char *cells = atomic_load_acquire(&slab->chunks[chunk]);

    return (slab_cell_t *)(void *)(cells + (size_t)(index - chunk_first(chunk)) * SLAB_CELL_SIZE);
}

/* Returns 0; -ENOMEM. */
static int ensure_chunk(slab_t *slab, unsigned chunk)
{
    void *memory;
    char *none = NULL;

    /* relaxed: only whether it is there; cell_at acquires it before anybody looks inside. */
    if (atomic_load_relaxed(&slab->chunks[chunk]))
        return 0;
    if (os_map(chunk_size(chunk), &memory))
        return -ENOMEM;
    /* release: pairs with cell_at's acquire; publishes the chunk. */
    if (!atomic_cas_release(&slab->chunks[chunk], &none, memory))
        os_unmap(memory, chunk_size(chunk));
    return 0;
}

static slab_cell_t *allocate_fresh(slab_t *slab)
{
    /* relaxed: an index is a number; the chunk under it is acquired by cell_at. */
    uint32_t index = atomic_load_relaxed(&slab->fresh);

    do {
        if (chunk_of(index) >= SLAB_CHUNKS || ensure_chunk(slab, chunk_of(index)))
            return NULL;
        /* relaxed: S1 needs only that one thread gets each index. */
    } while (!atomic_cas_relaxed(&slab->fresh, &index, index + 1));

    slab_cell_t *cell = cell_at(slab, index);
    cell->index = index;
    return cell;
}

slab_cell_t *slab_allocate(slab_t *slab)
{
    /* acquire: pairs with slab_free's release; the cell's next_free is set. */
    uint64_t head = atomic_load_acquire(&slab->free_list);

    while ((uint32_t)head) {
        slab_cell_t *cell = cell_at(slab, (uint32_t)head - 1);
        /* relaxed: if the cell was popped and pushed since, the tag differs and the CAS fails. */
        uint64_t next = atomic_load_relaxed(&cell->next_free);
        uint64_t tag = (head >> 32) + 1;

        /* acquire: pairs with slab_free's release; what the last user did to the cell is over. */
        if (atomic_cas_acquire(&slab->free_list, &head, tag << 32 | next))
            return cell;
    }
    return allocate_fresh(slab);
}

void slab_free(slab_t *slab, slab_cell_t *cell)
{
    /* acq_rel: S3; a reader that acquires any later write to the cell sees the new version, since that write is
     * ordered behind this one. */
    atomic_fetch_add_acq_rel(&cell->version, 1);

    /* relaxed: the CAS below publishes the link. */
    uint64_t head = atomic_load_relaxed(&slab->free_list);
    uint64_t pushed;
    do {
        /* relaxed: published by the CAS below. */
        atomic_store_relaxed(&cell->next_free, (uint32_t)head);
        pushed = (head & ~(uint64_t)UINT32_MAX) | (cell->index + 1);
        /* release: pairs with slab_allocate's acquire; hands over the cell and its link. */
    } while (!atomic_cas_release(&slab->free_list, &head, pushed));
}

void slab_end(slab_t *slab)
{
    for (unsigned chunk = 0; chunk < SLAB_CHUNKS; chunk++) {
        /* relaxed: nobody else is left. */
        char *cells = atomic_load_relaxed(&slab->chunks[chunk]);
        if (cells)
            os_unmap(cells, chunk_size(chunk));
    }
}
