/* SPDX-License-Identifier: MIT */
#include "ground.h"

#include <errno.h>
#include <sys/mman.h>

int ground_reserve(ground_t *ground, size_t size)
{
    void *reserved = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (reserved == MAP_FAILED)
        return -errno;
    *ground = (ground_t){
        .whole = {.start = (uintptr_t)reserved, .end = (uintptr_t)reserved + size},
        .cursor = (uintptr_t)reserved,
    };
    return 0;
}

int ground_keep(ground_t *ground, size_t size, uintptr_t *start)
{
    if (size > ground->whole.end - ground->cursor)
        return -ENOSPC;
    if (ranges_add(&ground->kept, ground->cursor, ground->cursor + size) != 0)
        return -ENOMEM;
    *start = ground->cursor;
    ground->cursor += size;
    return 0;
}

void ground_skip(ground_t *ground, size_t size)
{
    size_t left = ground->whole.end - ground->cursor;

    ground->cursor += size < left ? size : left;
}

static int give_back(uintptr_t start, uintptr_t end)
{
    return start < end && munmap((void *)start, end - start) != 0 ? -errno : 0;
}

int ground_open(ground_t *ground)
{
    uintptr_t from = ground->whole.start;
    int       error = 0;

    for (size_t i = 0; error == 0 && i < ground->kept.count; i++) {
        error = give_back(from, ground->kept.items[i].start);
        from = ground->kept.items[i].end;
    }
    return error != 0 ? error : give_back(from, ground->whole.end);
}

void ground_release(ground_t *ground)
{
    for (size_t i = 0; i < ground->kept.count; i++)
        give_back(ground->kept.items[i].start, ground->kept.items[i].end);
    ranges_free(&ground->kept);
}
