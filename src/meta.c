/* SPDX-License-Identifier: MIT
 *
 * meta: jemalloc, private to lintel unless the build asked for the system's.
 */
#include "meta.h"

#include <errno.h>

#include "atomic.h"
#include "base.h"

#ifdef LINTEL_PRIVATE_JEMALLOC
#define JEMALLOC_MANGLE
#endif
#include <jemalloc/jemalloc.h>

#define META_FLAGS (MALLOCX_ARENA(arena_now()) | MALLOCX_TCACHE_NONE | MALLOCX_ALIGN(CACHE_LINE) | MALLOCX_ZERO)

static _Atomic unsigned arena_plus_one; /* 0 before the arena is there, then constant */

static unsigned arena_now(void)
{
    /* acquire: pairs with meta_start's release; the arena is made. */
    return atomic_load_acquire(&arena_plus_one) - 1;
}

int meta_start(void)
{
    unsigned none = 0;
    unsigned made;
    size_t   size = sizeof(made);

    /* relaxed: arena_now acquires it before it is used. */
    if (atomic_load_relaxed(&arena_plus_one))
        return 0;
    if (mallctl("arenas.create", &made, &size, NULL, 0))
        return -ENOMEM;
    /* release: pairs with arena_now's acquire. Of two threads that made one, one's stays empty. */
    (void)atomic_cas_release(&arena_plus_one, &none, made + 1);
    return 0;
}

void *meta_allocate(size_t size)
{
    return mallocx(size, META_FLAGS);
}

void meta_free(void *memory)
{
    if (memory)
        dallocx(memory, MALLOCX_TCACHE_NONE);
}
