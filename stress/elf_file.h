/* SPDX-License-Identifier: MIT
 *
 * elf_file: the loadable segments and the functions of an ELF file. Nothing in the file is trusted: what is given out
 * lies within the file and within its segments.
 */
#ifndef STRESS_ELF_FILE_H
#define STRESS_ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A PT_LOAD entry. Addresses are the file's own, before loading. */
typedef struct {
    uint64_t address;
    uint64_t size;
    uint64_t file_offset;
    uint64_t file_size;
    bool     readable;
    bool     executable;
} segment_t;

typedef struct {
    uint64_t address;
    uint64_t size;
} function_t;

typedef struct {
    segment_t  *segments;
    size_t      segment_count;
    function_t *functions; /* by address, each address once */
    size_t      function_count;
    uint64_t    start; /* from the first segment's page to the end of the last one's */
    uint64_t    end;
} elf_file_t;

/* Read what `fd` is open on. Returns NULL, or in plain words why it is of no use. */
const char *elf_file_read(int fd, elf_file_t *file);

void elf_file_free(elf_file_t *file);

#endif
