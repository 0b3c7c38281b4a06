/* SPDX-License-Identifier: MIT */
#include "subject.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

enum { MOST_REGIONS = 256 };

const lintel_heap_options_t bare = {.guard = LINTEL_OFF, .quarantine = 1};

subject_t subject_open(size_t size, const lintel_heap_options_t *options, const lintel_module_desc_t *desc)
{
    subject_t            subject = {.arena = arena_take(size)};
    lintel_module_desc_t above = desc ? *desc : (lintel_module_desc_t){0};

    above.base = subject.arena.start;
    above.image_size = (size_t)sysconf(_SC_PAGESIZE);
    assert_int_equal(lintel_heap_create(options, &subject.heap), 0);
    assert_int_equal(lintel_module_open(subject.heap, &above, &subject.module), 0);
    return subject;
}

void subject_end(subject_t *subject)
{
    assert_books_balance(subject->module);
    lintel_heap_destroy(subject->heap);
    arena_end(subject->arena);
}

void subject_free(const subject_t *subject, size_t offset, size_t size)
{
    arena_free(arena_part(subject->arena, offset, size));
}

void hand_out(lintel_module_t *module, size_t size)
{
    for (size_t done = 0; done < size; done += 4 * KIB)
        assert_non_null(lintel_alloc(module, 4 * KIB));
}

lintel_stats_t stats_of(const lintel_module_t *module)
{
    lintel_stats_t stats;

    assert_int_equal(lintel_module_stats(module, &stats), 0);
    return stats;
}

void assert_books_balance(const lintel_module_t *module)
{
    lintel_stats_t  stats = stats_of(module);
    lintel_region_t regions[MOST_REGIONS];
    size_t          count = lintel_module_regions(module, MOST_REGIONS, regions);
    uint64_t        used = 0;

    assert_in_range(count, 0, MOST_REGIONS);
    assert_int_equal(count, stats.regions);
    for (size_t i = 0; i < count; i++)
        used += regions[i].used;
    assert_int_equal(used, stats.allocated + stats.spare + stats.lost);
}

bool all_bytes_are(const void *start, size_t size, unsigned char value)
{
    const unsigned char *bytes = start;

    return !size || (bytes[0] == value && !memcmp(bytes, bytes + 1, size - 1));
}

void assert_fresh_body(const subject_t *subject, void *body, size_t size, size_t from, size_t to)
{
    uintptr_t base = subject->arena.start;

    assert_non_null(body);
    assert_in_range((uintptr_t)body, base + from, base + to - size);
    assert_true(all_bytes_are(body, size, 0));
    memset(body, 0x5a, size);
}

void assert_refused(lintel_module_t *module, size_t size, int error)
{
    errno = 0;
    assert_null(lintel_alloc(module, size));
    assert_int_equal(errno, error);
}
