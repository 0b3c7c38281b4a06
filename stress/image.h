/* SPDX-License-Identifier: MIT
 *
 * image: an ELF file as it lies in memory, at the address where it is loaded, with its functions.
 */
#ifndef STRESS_IMAGE_H
#define STRESS_IMAGE_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "elf_file.h"

typedef struct {
    char      *path;
    dev_t      device; /* with `inode`: which file it is, whatever its name */
    ino_t      inode;
    uintptr_t  base; /* the lowest address */
    size_t     size;
    bool       ours; /* mapped by image_map, to be unmapped */
    elf_file_t elf;
} image_t;

/* Load a file's segments as the dynamic linker would, without running any of it. Returns NULL, or in plain words why
 * it cannot be done. */
const char *image_map(const char *path, image_t *image);

/* Take what the process has loaded already. `path` is the file it came from. */
const char *image_adopt(const struct dl_phdr_info *loaded, const char *path, image_t *image);

void image_close(image_t *image);

/* The part of the path after the last slash. */
const char *image_name(const image_t *image);

/* Where the function's first byte lies now. */
const unsigned char *image_code(const image_t *image, const function_t *function);

#endif
