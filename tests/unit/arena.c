/* SPDX-License-Identifier: MIT */
#include "arena.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_DISABLE_ERROR_REPORTING (void)0
#define VALGRIND_ENABLE_ERROR_REPORTING  (void)0
#endif

#include "unit.h"

/* Far from where the kernel looks first; the sanitizers leave different places to the program, and User-Mode Linux has
 * no more than 512 GiB. */
#define ARENA_FIRST     ((uintptr_t)40 << 40)
#define ARENA_FIRST_LOW ((uintptr_t)64 << 30)

#define ARENA_DISTANCE ((uintptr_t)1 << 30)

static uintptr_t next_arena;

void arena_fill(range_t pages)
{
    void *wanted = (void *)pages.start;
    void *got = mmap(wanted, range_size(pages), PROT_READ,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

    assert_ptr_equal(got, wanted);
}

static uintptr_t first_arena(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void  *got = mmap((void *)ARENA_FIRST, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (got != MAP_FAILED)
        munmap(got, page);
    return got == (void *)ARENA_FIRST && !UNDER_TSAN ? ARENA_FIRST : ARENA_FIRST_LOW;
}

range_t arena_take(size_t size)
{
    if (!next_arena)
        next_arena = first_arena();
    range_t arena = {next_arena, next_arena + size};

    arena_fill(arena);
    next_arena = align_up(arena.end, ARENA_DISTANCE) + ARENA_DISTANCE;
    return arena;
}

void arena_free(range_t pages)
{
    assert_int_equal(munmap((void *)pages.start, range_size(pages)), 0);
}

range_t arena_part(range_t arena, size_t offset, size_t size)
{
    return (range_t){arena.start + offset, arena.start + offset + size};
}

void arena_end(range_t arena)
{
    arena_free(arena);
}

/* There is nothing to write back; the call says whether there could be. To memcheck it is an access. */
bool is_mapped(uintptr_t address)
{
    int   saved_errno = errno;
    void *page = (void *)align_down(address, (size_t)sysconf(_SC_PAGESIZE));

    VALGRIND_DISABLE_ERROR_REPORTING;
    bool mapped = msync(page, 1, MS_ASYNC) == 0;
    VALGRIND_ENABLE_ERROR_REPORTING;
    errno = saved_errno;
    return mapped;
}

/* The kernel copies the byte to a pipe and back instead of us, and says whether it could. */
static bool kernel_can(uintptr_t address, bool write_back)
{
    struct iovec there = {(void *)address, 1};
    int          ends[2];
    int          saved_errno = errno;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    VALGRIND_DISABLE_ERROR_REPORTING;
    bool can = writev(ends[1], &there, 1) == 1 && (!write_back || readv(ends[0], &there, 1) == 1);
    VALGRIND_ENABLE_ERROR_REPORTING;
    close(ends[0]);
    close(ends[1]);
    errno = saved_errno;
    return can;
}

bool is_readable(uintptr_t address)
{
    return kernel_can(address, false);
}

bool is_writable(uintptr_t address)
{
    return kernel_can(address, true);
}

size_t mappings_in(range_t range)
{
    FILE  *maps = fopen("/proc/self/maps", "re");
    char   line[8192];
    size_t count = 0;

    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps)) {
        char     *dash;
        uintptr_t start = strtoul(line, &dash, 16);
        uintptr_t end = strtoul(dash + 1, NULL, 16);
        count += start < range.end && end > range.start;
    }
    assert_int_equal(fclose(maps), 0);
    return count;
}
