/* SPDX-License-Identifier: MIT */
#include "memory.h"

#include <sys/mman.h>

#define ARENA_SIZE ((size_t)64 << 20)
#define PAGE_SIZE  ((size_t)4096)

bool memory_anywhere(memory_t *memory)
{
    void *arena = mmap(NULL, ARENA_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    memory->arena = arena;
    return arena != MAP_FAILED;
}

/* Pages of its own for each body, so that none is ever writable while another one on it runs. */
static bool take_from_arena(memory_t *memory, body_t *body)
{
    size_t size = (body->size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    size_t start = atomic_fetch_add(&memory->arena_used, size);

    if (start > ARENA_SIZE || size > ARENA_SIZE - start)
        return false;
    body->run = body->write = memory->arena + start;
    return mprotect(body->write, body->size, PROT_READ | PROT_WRITE) == 0;
}

bool memory_take(memory_t *memory, size_t size, body_t *body)
{
    body->size = size;
    if (memory->module == NULL)
        return take_from_arena(memory, body);
    body->run = lintel_alloc(memory->module, size);
    body->write = body->run != NULL ? lintel_writable(memory->module, body->run) : NULL;
    return body->write != NULL;
}

bool memory_publish(memory_t *memory, const body_t *body)
{
    if (memory->module != NULL)
        return lintel_publish(memory->module, body->run, body->size) == 0;
    return mprotect(body->run, body->size, PROT_READ | PROT_EXEC) == 0;
}
