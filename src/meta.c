/* SPDX-License-Identifier: MIT
 *
 * meta: jemalloc, private to lintel unless the build asked for the system's.
 */
#include "meta.h"

#include <errno.h>
#include <pthread.h>

#include "base.h"

#ifdef LINTEL_PRIVATE_JEMALLOC
#define JEMALLOC_MANGLE
#endif
#include <jemalloc/jemalloc.h>

#define META_FLAGS (MALLOCX_ARENA(arena) | MALLOCX_TCACHE_NONE | MALLOCX_ALIGN(CACHE_LINE) | MALLOCX_ZERO)

static pthread_once_t arena_once = PTHREAD_ONCE_INIT;
static unsigned       arena;
static int            arena_error;

static void create_arena(void)
{
    size_t size = sizeof(arena);

    if (mallctl("arenas.create", &arena, &size, NULL, 0))
        arena_error = -ENOMEM;
}

int meta_start(void)
{
    pthread_once(&arena_once, create_arena);
    return arena_error;
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
