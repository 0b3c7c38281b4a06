/* SPDX-License-Identifier: MIT
 *
 * meta: jemalloc, private to lintel unless the build asked for the system's.
 */
#include "meta.h"

#include <errno.h>
#include <pthread.h>

#include "atomic.h"
#include "base.h"

#ifdef LINTEL_PRIVATE_JEMALLOC
#define JEMALLOC_MANGLE
#endif
#include <jemalloc/jemalloc.h>

#define META_FLAGS (MALLOCX_ARENA(arena_now()) | MALLOCX_TCACHE_NONE | MALLOCX_ALIGN(CACHE_LINE) | MALLOCX_ZERO)

/* One thread at a time: what jemalloc keeps for a thread is not thread-local here, but all threads' (one_thread.h). */
static pthread_mutex_t holding = PTHREAD_MUTEX_INITIALIZER;

static _Atomic unsigned arena_plus_one; /* 0 before the arena is there, then constant */

static unsigned arena_now(void)
{
    /* acquire: pairs with meta_start's release; the arena is made. */
    return atomic_load_acquire(&arena_plus_one) - 1;
}

void meta_hold(void)
{
    pthread_mutex_lock(&holding);
}

void meta_release(void)
{
    pthread_mutex_unlock(&holding);
}

int meta_start(void)
{
    unsigned none = 0;
    unsigned made;
    size_t   size = sizeof(made);

    /* relaxed: arena_now acquires it before it is used. */
    if (atomic_load_relaxed(&arena_plus_one))
        return 0;
    meta_hold();
    bool refused = mallctl("arenas.create", &made, &size, NULL, 0);
    meta_release();
    if (refused)
        return -ENOMEM;
    /* release: pairs with arena_now's acquire. Of two threads that made one, one's stays empty. */
    (void)atomic_cas_release(&arena_plus_one, &none, made + 1);
    return 0;
}

void *meta_allocate(size_t size)
{
    meta_hold();
    void *memory = mallocx(size, META_FLAGS);
    meta_release();
    return memory;
}

void meta_free(void *memory)
{
    if (!memory)
        return;
    meta_hold();
    dallocx(memory, MALLOCX_TCACHE_NONE);
    meta_release();
}
