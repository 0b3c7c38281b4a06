/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    int (*visit)(const image_t *image, void *context);
    void *context;
} visitor_t;

static void measure(image_t *image)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t end = 0;

    image->base = UINTPTR_MAX;
    for (size_t i = 0; i < image->segment_count; i++) {
        const ElfW(Phdr) *segment = &image->segments[i];
        uintptr_t start = image->bias + segment->p_vaddr;

        if (segment->p_type != PT_LOAD)
            continue;
        if (start < image->base)
            image->base = start & ~(page - 1);
        if (start + segment->p_memsz > end)
            end = start + segment->p_memsz;
    }
    image->size = end > image->base ? end - image->base : 0;
}

/* The program itself has no name in the loader's list. */
static void name_image(const char *path, image_t *image)
{
    const char *slash;

    if (path[0] != '\0') {
        snprintf(image->path, sizeof(image->path), "%s", path);
    } else {
        ssize_t length = readlink("/proc/self/exe", image->path, sizeof(image->path) - 1);
        image->path[length > 0 ? length : 0] = '\0';
    }
    slash = strrchr(image->path, '/');
    image->name = slash ? slash + 1 : image->path;
}

static int visit_one(struct dl_phdr_info *info, size_t size, void *context)
{
    const visitor_t *visitor = context;
    image_t          image = {.bias = info->dlpi_addr, .segments = info->dlpi_phdr, .segment_count = info->dlpi_phnum};

    (void)size;
    name_image(info->dlpi_name, &image);
    measure(&image);
    return visitor->visit(&image, visitor->context);
}

int images_visit(int (*visit)(const image_t *image, void *context), void *context)
{
    visitor_t visitor = {visit, context};

    return dl_iterate_phdr(visit_one, &visitor);
}

static bool is_named(const image_t *image, const char *name, size_t length)
{
    char pattern[NAME_MAX + 1];

    if (length == 0 || length > NAME_MAX)
        return false;
    if (strncmp(image->name, name, length) == 0 && !isalpha((unsigned char)image->name[length]) &&
        image->name[length] != '_')
        return true;
    snprintf(pattern, sizeof(pattern), "%.*s", (int)length, name);
    return fnmatch(pattern, image->name, 0) == 0;
}

bool image_is_among(const image_t *image, const char *names)
{
    while (*names != '\0') {
        size_t length = strcspn(names, ":");

        if (is_named(image, names, length))
            return true;
        names += length + (names[length] == ':');
    }
    return false;
}

bool image_next_segment(const image_t *image, unsigned flags, unsigned without, size_t *index, range_t *range)
{
    while (*index < image->segment_count) {
        const ElfW(Phdr) *segment = &image->segments[(*index)++];

        if (segment->p_type != PT_LOAD || (segment->p_flags & flags) != flags || (segment->p_flags & without) != 0)
            continue;
        range->start = image->bias + segment->p_vaddr;
        range->end = range->start + segment->p_filesz;
        return true;
    }
    return false;
}
