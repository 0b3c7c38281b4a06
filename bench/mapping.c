/* SPDX-License-Identifier: MIT */
#include "mapping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "failure.h"

/* Linux 5.14; older C libraries do not name it. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

mapping_t mapping_make(size_t size)
{
    mapping_t mapping = {.size = size, .whole_size = size + MAPPING_HUGE_PAGE};

    mapping.whole = mmap(NULL, mapping.whole_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                         -1, 0);
    if (mapping.whole == MAP_FAILED)
        failure("%zu bytes could not be mapped: %s", mapping.whole_size, strerror(errno));
    mapping.start = ((uintptr_t)mapping.whole + MAPPING_HUGE_PAGE - 1) & -(uintptr_t)MAPPING_HUGE_PAGE;
    return mapping;
}

void mapping_make_huge(const mapping_t *mapping)
{
    if (madvise((void *)mapping->start, mapping->size, MADV_HUGEPAGE) != 0)
        failure("the kernel has no huge pages: %s", strerror(errno));
}

void mapping_populate(uintptr_t start, size_t size)
{
    if (madvise((void *)start, size, MADV_POPULATE_WRITE) != 0)
        failure("pages could not be populated: %s", strerror(errno));
}

size_t mapping_resident(uintptr_t start, size_t size)
{
    size_t         pages = size / MAPPING_PAGE;
    size_t         resident = 0;
    unsigned char *present = must_allocate(pages + 1, 1);

    if (mincore((void *)start, size, present) != 0)
        failure("the kernel does not tell which pages are there: %s", strerror(errno));
    for (size_t i = 0; i < pages; i++)
        resident += present[i] & 1;
    free(present);
    return resident * MAPPING_PAGE;
}

void mapping_warm_machine(size_t size)
{
    mapping_t mapping = mapping_make(size);

    (void)madvise((void *)mapping.start, mapping.size, MADV_HUGEPAGE);
    mapping_populate(mapping.start, mapping.size);
    mapping_drop(&mapping);
}

void mapping_drop(const mapping_t *mapping)
{
    munmap(mapping->whole, mapping->whole_size);
}
