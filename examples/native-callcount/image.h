/* SPDX-License-Identifier: MIT
 *
 * image: the ELF files that this process has loaded.
 */
#ifndef NATIVE_CALLCOUNT_IMAGE_H
#define NATIVE_CALLCOUNT_IMAGE_H

#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char        path[PATH_MAX];
    const char *name; /* the last part of `path` */
    uintptr_t   bias; /* what loading added to the file's own addresses */
    uintptr_t   base; /* lowest address */
    size_t      size;
    const ElfW(Phdr) * segments;
    size_t segment_count;
} image_t;

/* A range of addresses of the image's loaded text or data. */
typedef struct {
    uintptr_t start;
    uintptr_t end;
} range_t;

/* Calls `visit` for each loaded image until it returns non-zero, and returns that, or 0. */
int images_visit(int (*visit)(const image_t *image, void *context), void *context);

/* Whether `names`, separated by colons, names the image: "libz" means libz.so.1, and not libzstd.so.1; what has a star
 * is matched as a file name's pattern. */
bool image_is_among(const image_t *image, const char *names);

/* The next segment from *index on that has all of `flags` (PF_R, PF_W, PF_X) and none of `without`: the part that comes
 * from the file. Moves *index past it. Returns false when there is none. */
bool image_next_segment(const image_t *image, unsigned flags, unsigned without, size_t *index, range_t *range);

#endif
